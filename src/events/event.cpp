#include "events/event.h"

namespace imprint::events {

const Summary& summary_of(const Body& body) {
    return std::visit([](const auto& one) -> const Summary& { return one.summary; }, body);
}

}  // namespace imprint::events
