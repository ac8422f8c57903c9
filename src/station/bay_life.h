// The life of one bay of a bench, as a state machine: what happens goes in, what is to be done
// comes out. It has neither threads nor a clock: the caller says what time it is.
//
// A result stays until the board is out. A port that goes takes the board with it, except that a
// chip which is its own USB device leaves the bus with each of its resets, and comes back.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/mac.h"
#include "events/words.h"
#include "prepare/settings.h"

namespace imprint::station {

using events::BayStatus;

struct BayRules {
    prepare::Start start = prepare::Start::plug;
    prepare::SameBoard again = prepare::SameBoard::ask;
    unsigned failures = 5;  // of boards, in a row, until the bay is switched off; 0: never
    // How long a chip that is its own USB device may be away without being taken out.
    Milliseconds absence{3000};
    // Start::answer: between two questions, and how many without an answer mean that the board is
    // out.
    Milliseconds between_questions{3000};
    unsigned silences = 2;
    // How often a board that left the bus before it was identified is met again: a blank one
    // resets itself until it is caught.
    unsigned catches = 8;
};

// How the work on a board ended.
struct Ending {
    enum class Kind : std::uint8_t {
        passed,
        passed_before,  // in this lot: it was left as it was
        board,          // failed, by the board or its bay
        station,        // failed, by the station or the cloud
        stopped,
        silent,  // nothing answered
    };
    Kind kind = Kind::board;
    std::string code = {};
    std::string reason = {};
    std::string hint = {};
    std::optional<MacAddress> mac = {};
};

// What happens to a bay.
struct PortCame {
    std::string port;
    std::string serial_number = {};  // of the USB device; empty: it has none
    bool own_usb = false;            // the chip itself is the USB device
};

struct PortWent {};

// To a question (Order::ask).
struct Answered {
    MacAddress mac;
};

struct NoAnswer {};

// The start key, a foot switch, a scan for this bay.
struct StartKey {};

// The board in it is to be prepared anew, whatever it came to before.
struct AgainKey {};

struct Ended {
    Ending how;
};

// The registry is waited for, and the work goes on by itself.
struct Held {
    std::string reason;
};

struct Resumed {};

struct AbortKey {};

struct SwitchOff {
    std::string reason;
    std::string hint = "look at its cable and its contacts, then switch it on again";
};

struct SwitchOn {};

// Time has passed: wakes() says when it is needed.
struct Tick {};

using Happening = std::variant<PortCame, PortWent, Answered, NoAnswer, StartKey, AgainKey, Ended,
                               Held, Resumed, AbortKey, SwitchOff, SwitchOn, Tick>;

enum class Order : std::uint8_t {
    begin,        // the work on the board
    begin_again,  // likewise, also if it has passed in this lot
    stop,         // the work; it ends by an Ended
    ask,          // whether a board answers: Answered or NoAnswer
};

// What a bay shows.
struct BayView {
    BayStatus status = BayStatus::empty;
    std::string code = {};
    std::string reason = {};
    std::string hint = {};
    std::optional<MacAddress> mac = {};
    unsigned in_a_row = 0;  // boards that failed one after the other, where it shows a failed one
    bool operator==(const BayView&) const = default;
};

class BayLife {
  public:
    explicit BayLife(const BayRules& rules) : rules_(rules) {}

    [[nodiscard]] std::vector<Order> apply(const Happening& happening, Instant now);

    [[nodiscard]] const BayView& view() const { return view_; }

    // How its last board ended; none: there was none.
    [[nodiscard]] const std::optional<Ending>& last() const { return last_; }

    // The ending that stands since the last call; one that may only be put off until the board is
    // met again does not yet.
    [[nodiscard]] std::optional<Ending> take_settled() {
        return std::exchange(settled_, std::nullopt);
    }

    // Where its board is; empty: there is no port.
    [[nodiscard]] const std::string& port() const { return port_; }

    [[nodiscard]] bool at_work() const { return working_; }

    // When a Tick is needed; nothing: not before something else happens.
    [[nodiscard]] std::optional<Instant> wakes() const;

  private:
    [[nodiscard]] std::vector<Order> on(const PortCame& port, Instant now);
    [[nodiscard]] std::vector<Order> on(const PortWent& port, Instant now);
    [[nodiscard]] std::vector<Order> on(const Answered& answer, Instant now);
    [[nodiscard]] std::vector<Order> on(const NoAnswer& answer, Instant now);
    [[nodiscard]] std::vector<Order> on(const StartKey& key, Instant now);
    [[nodiscard]] std::vector<Order> on(const AgainKey& key, Instant now);
    [[nodiscard]] std::vector<Order> on(const Ended& end, Instant now);
    [[nodiscard]] std::vector<Order> on(const Held& held, Instant now);
    [[nodiscard]] std::vector<Order> on(const Resumed& resumed, Instant now);
    [[nodiscard]] std::vector<Order> on(const AbortKey& key, Instant now);
    [[nodiscard]] std::vector<Order> on(const SwitchOff& off, Instant now);
    [[nodiscard]] std::vector<Order> on(const SwitchOn& on, Instant now);
    [[nodiscard]] std::vector<Order> on(const Tick& tick, Instant now);

    [[nodiscard]] std::vector<Order> begin(Order how);
    // What a board that has just come is met with.
    [[nodiscard]] std::vector<Order> meet();
    void show(const Ending& ending);
    void board_is_out();
    [[nodiscard]] bool has_result() const;
    [[nodiscard]] bool can_begin() const;
    // A board that was never identified, and that may be in the midst of a reset.
    [[nodiscard]] bool may_be_caught(const Ending& ending) const;

    BayRules rules_;
    BayView view_;
    std::optional<Ending> last_;
    std::optional<Ending> settled_;
    std::string port_;
    std::string serial_;        // of the USB device that is there, or was last
    std::string began_serial_;  // when the work began
    bool own_usb_ = false;
    std::optional<Instant> went_;     // the port is away since then
    bool working_ = false;            // a job has not ended
    bool another_came_ = false;       // while the work went on
    std::optional<Ending> to_catch_;  // it left the bus: shown if it does not come back
    unsigned caught_ = 0;
    unsigned failures_ = 0;  // in a row
    bool asking_ = false;
    std::optional<MacAddress> answered_;  // what answered last
    unsigned silences_ = 0;
    std::optional<Instant> next_question_;
    std::optional<SwitchOff> off_after_;  // the work that goes on
};

}  // namespace imprint::station
