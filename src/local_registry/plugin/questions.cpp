#include "local_registry/plugin/questions.h"

#include <utility>

namespace imprint::local_registry {

bool Questions::ask(Asked asked, ArrivalChannel& channel) {
    constexpr std::size_t room = 8UL * 1024;  // for the names in JSON
    if (asked.payload.size() + asked.client_id.size() + asked.topic.size() + room >
        ArrivalChannel::largest_datagram)
        return false;
    pass_on(channel);
    if (waiting_.empty() && channel.send(asked)) return true;
    if (waiting_.size() >= most_waiting) return false;
    waiting_.push_back(std::move(asked));
    return true;
}

void Questions::pass_on(ArrivalChannel& channel) {
    while (!waiting_.empty() && channel.send(waiting_.front()))
        waiting_.pop_front();
}

}  // namespace imprint::local_registry
