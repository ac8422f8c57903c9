// The preparation of one board, from its port to its record. It starts no threads and knows no
// terminal.
#pragma once

#include <functional>
#include <future>
#include <optional>
#include <set>
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
    std::string name;  // "bay0", or the port if bays have no names
    std::string port;
    std::uint32_t baud = 0;      // to begin at; 0: that of Tools::connect
    std::uint32_t climb_to = 0;  // loader::ConnectOptions
};

// Starts the making of an identity in parallel to writing the firmware: a thread in the station.
using Alongside = std::function<std::future<Result<Identity>>(std::function<Result<Identity>()>)>;

// Whether a board that has passed in a named lot is prepared anew.
struct Again {
    bool wanted = false;
    std::set<MacAddress> boards = {};  // these alone; empty: all
    // One that has passed in this run is left as it is without a lot, too.
    bool once_a_run = false;

    [[nodiscard]] bool of(const MacAddress& mac) const {
        return wanted && (boards.empty() || boards.contains(mac));
    }
};

// What all bays of a run share; everything in it outlives every job.
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
    // The proof before shipping, which also gets the board's lot; empty: none.
    std::function<Result<void>(const Identity&, const MacAddress&, const std::string&,
                               const std::stop_token&)>
        proof;

    Again again = {};

    // The firmware stays as it is: the board only gets a new identity in place of its former one.
    bool identity_only = false;
    Log log;
    // The serial number on a label that was scanned for the board; empty: none was, and the lot's
    // template gives it one.
    std::string scanned_serial = {};
};

struct PreparedBoard {
    MacAddress mac;
    std::string thing;
    std::string certificate_id;
    std::uint32_t baud = 0;   // at which its flash was written and verified; 0: it was not
    bool skipped = false;     // it had passed in this lot before, and was left as it was
    std::string serial = {};  // number; may be empty
};

// Sends board_started, board_identified, board_step, board_progress, and at the end exactly one of
// board_passed, board_skipped, board_failed, board_stopped and bay_empty. The returned error is the
// one in the last three.
// seen: if given, the board's MAC address, once it is identified.
[[nodiscard]] Result<PreparedBoard> prepare_board(const Bay& bay, transport::Port& port,
                                                  Tools& tools, const std::stop_token& stop,
                                                  std::optional<MacAddress>* seen = nullptr);

}  // namespace imprint::prepare
