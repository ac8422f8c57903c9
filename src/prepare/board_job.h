// The preparing of one board, from its port to its record. Knows no thread of its own, no terminal.
#pragma once

#include <functional>
#include <future>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/mac.h"
#include "events/event.h"
#include "ledger/ledger.h"
#include "loader/board.h"
#include "prepare/cloud.h"
#include "prepare/credential_image.h"
#include "prepare/firmware.h"
#include "prepare/identity.h"
#include "prepare/settings.h"
#include "transport/port.h"

namespace imprint::prepare {

struct Bay {
    std::string name;  // "bay0", or the port where bays have no names
    std::string port;
    std::uint32_t baud = 0;  // to begin at; 0: as Tools::connect has it
};

// Runs the making of an identity beside the writing of the firmware: a thread in the station.
using Alongside = std::function<std::future<Result<Identity>>(std::function<Result<Identity>()>)>;

// What all bays of a run share; everything outlives every job.
struct Tools {
    const Settings& settings;
    const Firmware& firmware;
    const CredentialTemplate& credentials;
    const CloudFacts& cloud;
    IdentityTools identity;
    ledger::Ledger& ledger;
    ledger::RunId run = 0;
    std::string lot;
    loader::ConnectOptions connect;
    Clock& clock;
    events::EventSink events;
    Alongside alongside;
    // The proof before shipping, with the board's lot; empty: none.
    std::function<Result<void>(const Identity&, const MacAddress&, const std::string&,
                               const std::stop_token&)>
        proof;
    // The firmware stays as it is: the board gets a new identity in place of the one that it has.
    bool identity_only = false;
    Log log;
};

struct PreparedBoard {
    MacAddress mac;
    std::string thing;
    std::string certificate_id;
    std::uint32_t baud = 0;  // that its flash was written and proven at
};

// Sends board_started, board_identified, board_step, board_progress, and at the end exactly one of
// board_passed and board_failed. The error is the one that board_failed told.
[[nodiscard]] Result<PreparedBoard> prepare_board(const Bay& bay, transport::Port& port,
                                                  Tools& tools, const std::stop_token& stop);

}  // namespace imprint::prepare
