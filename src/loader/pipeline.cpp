#include "loader/pipeline.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "base/secret.h"
#include "loader/timing.h"

namespace imprint::loader {

namespace {

constexpr std::size_t receive_buffers = 2;

}  // namespace

Pipeline::~Pipeline() {
    for (Sent& sent : sent_)
        wipe(sent.request.data);
}

Result<void> Pipeline::send(Request request) {
    return post({std::move(request), false, Milliseconds(0)});
}

Result<void> Pipeline::send_block(Request request, Milliseconds work) {
    // Behind a block that was damaged on the way, the next one would be taken in its place.
    while (std::ranges::any_of(sent_, &Sent::is_block))
        IMPRINT_CHECK(settle());
    return post({std::move(request), true, work});
}

Result<Milliseconds> Pipeline::finish() {
    while (!sent_.empty())
        IMPRINT_CHECK(settle());
    return work_;
}

Result<void> Pipeline::post(Sent sent) {
    while (sent_.size() + (writing_ ? 1 : 0) >= receive_buffers)
        IMPRINT_CHECK(settle());
    while (!link_->takes_ahead() && !sent_.empty())
        IMPRINT_CHECK(settle());
    sent_.push_back(std::move(sent));
    return link_->post(sent_.back().request);
}

// Waits for the oldest.
Result<void> Pipeline::settle() {
    std::size_t bytes = 0;
    for (const Sent& sent : sent_)
        bytes += sent.request.data.size();
    Sent& oldest = sent_.front();
    for (int attempt = 1;; ++attempt) {
        IMPRINT_TRY(const Reply reply,
                    link_->await(oldest.request.op, std::max(work_, timing::usual), bytes));
        if (reply.error == 0) break;
        const bool again = arrived_damaged(reply.error) && oldest.is_block && sent_.size() == 1;
        if (again && attempt == block_attempts)
            return fail(ErrorKind::board, "line_damaged",
                        fmt::format("the line to {} damages what it carries: a block of {} bytes "
                                    "arrived wrong {} times",
                                    link_->port().name(), oldest.request.data.size(), attempt),
                        "check cable and ground; a lower baud rate may help");
        if (!again)
            return fail(ErrorKind::board, "loader_refused",
                        fmt::format("the loader on {} refused {}: {}", link_->port().name(),
                                    to_string(oldest.request.op), describe_error(reply.error)));
        IMPRINT_CHECK(link_->post(oldest.request));
    }
    writing_ = oldest.is_block;
    work_ = oldest.work;
    wipe(oldest.request.data);
    sent_.pop_front();
    return {};
}

}  // namespace imprint::loader
