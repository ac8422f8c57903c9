#include "page/said.h"

#include <fmt/format.h>
#include <utility>
#include <variant>

#include "base/clock.h"

namespace imprint::page {

namespace {

struct Saying {
    const char* level = "info";
    std::string text;
};

using Said = std::optional<Saying>;

std::string board_of(const events::Event& event) {
    return event.mac ? event.mac->id() : std::string("its board");
}

// One sentence for each event that is news.
struct Teller {
    const events::Event& event;

    Said operator()(const events::Note& told) const { return Saying{"warning", told.text}; }

    Said operator()(const events::RunStarted& told) const {
        return Saying{"info", told.lot.empty()
                                  ? std::string("The station is ready")
                                  : fmt::format("The station is ready; lot {}", told.lot)};
    }

    Said operator()(const events::RunChanged& told) const {
        return Saying{"info", told.lot.empty()
                                  ? std::string("Boards are of no lot from now on")
                                  : fmt::format("Boards are of lot {} from now on", told.lot)};
    }

    Said operator()(const events::SerialScanned& told) const {
        if (told.serial.empty()) return std::nullopt;
        return Saying{
            "info",
            fmt::format(
                "Serial number {} waits for {}", told.serial,
                event.bay.empty()
                    ? std::string("the next board, or for the one in the bay that is scanned now")
                    : "the board in bay " + event.bay)};
    }

    Said operator()(const events::BoardPassed& told) const {
        return Saying{"info", fmt::format("Bay {} passed: {}, {:.1f} s", event.bay, board_of(event),
                                          told.seconds)};
    }

    Said operator()(const events::BoardFailed& told) const {
        return Saying{"error", fmt::format("Bay {} failed: {}", event.bay, told.reason)};
    }

    Said operator()(const events::BoardSkipped&) const {
        return Saying{"info", fmt::format("Bay {}: {} had passed before, and is left as it was",
                                          event.bay, board_of(event))};
    }

    Said operator()(const events::BoardStopped&) const {
        return Saying{"warning", fmt::format("Bay {} was stopped", event.bay)};
    }

    Said operator()(const events::BayChanged& told) const {
        if (told.status != events::BayStatus::off) return std::nullopt;
        return Saying{"warning", fmt::format("Bay {} is off: {}", event.bay, told.reason)};
    }

    Said operator()(const events::LabelTrouble& told) const {
        return Saying{"warning", fmt::format("A label is not printed: {}", told.reason)};
    }

    Said operator()(const events::LabelPrinted&) const {
        return Saying{"info", fmt::format("The label of {} is printed", board_of(event))};
    }

    Said operator()(const auto&) const { return std::nullopt; }
};

}  // namespace

std::optional<Json> said_of(const events::Event& event) {
    const Said said = events::visit(Teller{event}, event.body);
    if (!said) return std::nullopt;
    Json json;
    json["time"] = to_iso8601(event.time);
    if (!event.bay.empty()) json["bay"] = event.bay;
    if (event.mac) json["mac"] = event.mac->id();
    json["level"] = said->level;
    json["text"] = said->text;
    return json;
}

}  // namespace imprint::page
