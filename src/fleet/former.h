// What comes last when a board has got another certificate, for this layer's own sources.
#pragma once

#include "base/error.h"
#include "base/log.h"
#include "ledger/ledger.h"
#include "prepare/recorded_registry.h"
#include "prepare/rivals.h"

namespace imprint::fleet {

// What others have put on the thing of `kept`, sorted (prepare/rivals.h). Before it is made ACTIVE.
// Error: board_at_another_station.
[[nodiscard]] Result<prepare::Rivals> look_for_rivals(prepare::RecordedRegistry& registry,
                                                      ledger::Ledger& ledger,
                                                      const ledger::CertificateRecord& kept,
                                                      const prepare::RivalRules& rules,
                                                      const Log& log);

// Makes it ACTIVE, and INACTIVE again where another station does the same for this thing at once.
// Errors: those of Reader::await_in_force and prepare::Rivals::settle.
[[nodiscard]] Result<void> put_in_force(prepare::RecordedRegistry& registry, ledger::Ledger& ledger,
                                        const ledger::CertificateRecord& record,
                                        const prepare::Rivals& rivals);

// Takes the thing's other certificates from it, and those of the board that only the ledger still
// knows; none that the board has got after `kept`, nor one that another station may be at work on.
// Gives how many. Safe to run again.
[[nodiscard]] Result<unsigned> retire_former(prepare::RecordedRegistry& registry,
                                             ledger::Ledger& ledger,
                                             const ledger::CertificateRecord& kept,
                                             const prepare::Rivals& rivals, const Log& log);

}  // namespace imprint::fleet
