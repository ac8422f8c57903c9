#include "loader/link.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

namespace imprint::loader {

Link::Link(transport::Port& port, Clock& clock, Log log, std::stop_token stop)
    : port_(port), clock_(clock), log_(std::move(log)), stop_(std::move(stop)) {}

std::unexpected<Error> Link::lost(std::string_view what, Milliseconds patience) const {
    return fail(ErrorKind::board, "board_lost",
                fmt::format("the board on {} gave no answer to {} in {} ms", port_.name(), what,
                            patience.count()),
                "check cable and supply; a lower station.baud helps on a bad line");
}

Result<void> Link::read_some(Milliseconds patience) {
    // Short waits, so that a stop is noticed in the middle of a long one.
    constexpr Milliseconds slice{100};
    if (stop_.stop_requested())
        return fail(ErrorKind::interrupted, "interrupted", "stopped in the middle of a board");
    std::array<std::uint8_t, 16384> buffer{};
    IMPRINT_TRY(const std::size_t got,
                port_.read(buffer, std::clamp(patience, Milliseconds(0), slice)));
    decoder_.feed(ByteView(buffer).first(got));
    return {};
}

Result<Bytes> Link::receive_frame(Milliseconds patience) {
    const Instant deadline = clock_.now() + patience;
    while (!decoder_.has_frame()) {
        const auto left = std::chrono::ceil<Milliseconds>(deadline - clock_.now());
        if (left.count() <= 0) return lost("its request", patience);
        IMPRINT_CHECK(read_some(left));
    }
    return decoder_.take_frame();
}

Result<void> Link::send_frame(ByteView payload) {
    return port_.write(slip_encode(payload));
}

Result<Answer> Link::exchange(Op op, ByteView data, Milliseconds patience,
                              std::size_t expected_data, std::uint32_t check) {
    IMPRINT_CHECK(send_frame(make_request(op, data, check)));
    const Instant deadline = clock_.now() + patience;
    for (;;) {
        const auto left = std::chrono::ceil<Milliseconds>(deadline - clock_.now());
        auto frame = left.count() > 0 ? receive_frame(left) : Result<Bytes>(lost("", patience));
        if (!frame) {
            if (frame.error().code == "board_lost") return lost(to_string(op), patience);
            return std::unexpected(std::move(frame).error());
        }
        auto reply = parse_reply(*frame);
        if (!reply || reply->op != op) continue;
        const auto status = status_of(*reply, expected_data);
        if (!status) continue;
        return Answer{std::move(*reply), *status};
    }
}

Result<Reply> Link::ask(Op op, ByteView data, Milliseconds patience, std::size_t expected_data,
                        std::uint32_t check) {
    IMPRINT_TRY(Answer answer, exchange(op, data, patience, expected_data, check));
    if (answer.status.failed)
        return fail(ErrorKind::board, "command_refused",
                    fmt::format("the board refused {}: {}", to_string(op),
                                describe_status(answer.status.code)));
    return std::move(answer.reply);
}

Result<void> Link::drain(Milliseconds quiet) {
    constexpr Milliseconds longest{3000};
    const Instant end = clock_.now() + longest;
    std::array<std::uint8_t, 4096> buffer{};
    while (clock_.now() < end) {
        IMPRINT_TRY(const std::size_t got, port_.read(buffer, quiet));
        if (got == 0) break;
    }
    decoder_.reset();
    return {};
}

Result<void> Link::clear() {
    decoder_.reset();
    return port_.discard_input();
}

Result<void> Link::sleep(Milliseconds time) {
    if (clock_.sleep(time, stop_)) return {};
    return fail(ErrorKind::interrupted, "interrupted", "stopped in the middle of a board");
}

}  // namespace imprint::loader
