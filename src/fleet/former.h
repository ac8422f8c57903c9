// The last steps after a board got another certificate, for this layer's own sources.
#pragma once

#include "base/error.h"
#include "base/log.h"
#include "ledger/ledger.h"
#include "prepare/recorded_registry.h"
#include "prepare/rivals.h"

namespace imprint::fleet {

// Looks for certificates that other stations have put on the thing of `kept`, and sorts them
// (prepare/rivals.h). Called before `kept` is made ACTIVE. Error: board_at_another_station.
[[nodiscard]] Result<prepare::Rivals> look_for_rivals(prepare::RecordedRegistry& registry,
                                                      ledger::Ledger& ledger,
                                                      const ledger::CertificateRecord& kept,
                                                      const prepare::RivalRules& rules,
                                                      const Log& log);

// Makes it ACTIVE, and INACTIVE again if another station does the same for this thing at the same
// time. Errors: those of Reader::await_in_force and prepare::Rivals::settle.
[[nodiscard]] Result<void> put_in_force(prepare::RecordedRegistry& registry, ledger::Ledger& ledger,
                                        const ledger::CertificateRecord& record,
                                        const prepare::Rivals& rivals);

// Retires the thing's other certificates, and those of the board that only the ledger still knows;
// but none that the board got after `kept`, nor one that another station may be working on. Returns
// how many. Safe to repeat.
[[nodiscard]] Result<unsigned> retire_former(prepare::RecordedRegistry& registry,
                                             ledger::Ledger& ledger,
                                             const ledger::CertificateRecord& kept,
                                             const prepare::Rivals& rivals, const Log& log);

}  // namespace imprint::fleet
