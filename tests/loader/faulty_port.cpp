#include "loader/faulty_port.h"

#include <algorithm>
#include <array>

#include "loader/slip.h"

namespace imprint::loader::testing {

namespace {

constexpr std::size_t request_header = 8;

bool en_low(transport::Lines lines) {
    return lines.rts && !lines.dtr;
}

bool spoils_reply(Fault fault) {
    return fault == Fault::lose_reply || fault == Fault::damage_reply ||
           fault == Fault::shorten_reply;
}

// What is left of a reply, or of a packet of flash, which has no header.
Bytes hurt(Bytes content, Fault how, bool packet) {
    constexpr std::size_t in_value = 5;
    const std::size_t at = packet ? content.size() / 2 : in_value;
    if (how == Fault::lose_reply) return {};
    if (how == Fault::damage_reply) content.at(at) ^= 0x10;
    if (how == Fault::shorten_reply) content.erase(content.begin() + static_cast<long>(at));
    return slip_frame(content);
}

std::unexpected<Error> gone() {
    return fail(ErrorKind::board, "port_gone", "the port is gone");
}

}  // namespace

void FaultyPort::put(simulator::VirtualBoard& board) {
    if (board_ != nullptr && board_->now() > board.now())
        board.sleep(std::chrono::ceil<Milliseconds>(board_->now() - board.now()));
    board_ = &board;
    static_cast<void>(board.set_baud(baud_));
    static_cast<void>(board.set_lines(as_wired(lines_)));
    static_cast<void>(board.discard_input());
    requests_ = simulator::SlipReceiver(largest_request);
}

unsigned FaultyPort::count(Op op) const {
    return static_cast<unsigned>(std::ranges::count(seen, op, &Seen::op));
}

// --- from the board ------------------------------------------------------------------------------

Bytes FaultyPort::spoken() {
    Bytes all;
    std::array<std::uint8_t, 4096> buffer{};
    while (const auto got = board_->read(buffer, Milliseconds(0)).value_or(0))
        append(all, ByteView(buffer).first(got));
    return all;
}

void FaultyPort::hear() {
    say(spoken());
    arrive();
}

void FaultyPort::say(Bytes bytes) {
    if (!bytes.empty()) under_way_.emplace_back(now() + under_way, std::move(bytes));
}

void FaultyPort::arrive() {
    while (!under_way_.empty() && under_way_.front().first <= now()) {
        append(inbox_, under_way_.front().second);
        under_way_.pop_front();
    }
}

Result<std::size_t> FaultyPort::read(std::span<std::uint8_t> into, Milliseconds patience) {
    constexpr std::size_t of_a_bridge = 1000;
    if (unplugged_) return gone();
    hear();
    if (inbox_.empty() && patience.count() > 0 && reader_stalls.count() > 0) {
        board_->sleep(patience + reader_stalls);
        return 0;
    }
    const Instant deadline = now() + patience;
    while (inbox_.empty() && now() < deadline) {
        const Instant until =
            under_way_.empty() ? deadline : std::min(deadline, under_way_.front().first);
        std::array<std::uint8_t, 4096> buffer{};
        IMPRINT_TRY(const std::size_t got,
                    board_->read(buffer, std::chrono::ceil<Milliseconds>(until - now())));
        say(Bytes(buffer.begin(), buffer.begin() + static_cast<long>(got)));
        hear();
    }
    const std::size_t size = std::min({into.size(), inbox_.size(), of_a_bridge});
    const auto end = inbox_.begin() + static_cast<long>(size);
    std::copy(inbox_.begin(), end, into.begin());
    inbox_.erase(inbox_.begin(), end);
    return size;
}

Result<void> FaultyPort::discard_input() {
    hear();
    inbox_.clear();
    return {};
}

// --- to the board --------------------------------------------------------------------------------

Result<void> FaultyPort::write(ByteView bytes) {
    if (unplugged_) return gone();
    std::size_t begin = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto frame = requests_.receive(bytes[i]);
        if (!frame) continue;
        IMPRINT_CHECK(carry(bytes.subspan(begin, i + 1 - begin), *frame));
        begin = i + 1;
    }
    if (begin < bytes.size()) IMPRINT_CHECK(board_->write(bytes.subspan(begin)));
    return {};
}

Result<void> FaultyPort::carry(ByteView raw, const Bytes& content) {
    Seen request{acknowledgement, {}};
    if (content.size() >= request_header)
        request = {Op{content[1]}, Bytes(content.begin() + request_header, content.end())};
    const unsigned number = numbers_[request.op]++;
    const Fault now = fault ? fault(request, number) : Fault::none;
    if (now == Fault::unplug) unplugged_ = true;
    if (now == Fault::hang) board_->hang();
    if (now == Fault::unplug || now == Fault::hang || now == Fault::lose_request) return {};

    if (request.op != acknowledgement) seen.push_back(request);
    if (now == Fault::fail_write) board_->fail_next_program();
    if (spoils_reply(now)) return carry_and_hurt_reply(raw, request.op, now);
    if (now != Fault::damage_block) return board_->write(raw);
    Bytes damaged = content;
    damaged.back() ^= 1;
    return board_->write(slip_frame(damaged));
}

// The board answers at once: what it says now is the reply, and what came of it.
Result<void> FaultyPort::carry_and_hurt_reply(ByteView raw, Op op, Fault how) {
    hear();
    IMPRINT_CHECK(board_->write(raw));
    const bool packet = op == acknowledgement;
    simulator::SlipReceiver replies(largest_request);
    Bytes left;
    Bytes frame;
    for (const std::uint8_t byte : spoken()) {
        frame.push_back(byte);
        auto content = replies.receive(byte);
        if (!content) continue;
        const auto reply = decode_reply(*content);
        const bool meant = packet || (reply && reply->op == op);
        append(left, meant ? hurt(*std::move(content), how, packet) : frame);
        frame.clear();
    }
    append(left, frame);
    say(std::move(left));
    arrive();
    return {};
}

// --- lines, rate and time ------------------------------------------------------------------------

transport::Lines FaultyPort::as_wired(transport::Lines lines) const {
    const bool io0_low = lines.dtr && !lines.rts;
    return !lines_wired || (io0_low && !io0_wired) ? transport::Lines{} : lines;
}

Result<void> FaultyPort::set_lines(transport::Lines lines) {
    if (unplugged_) return gone();
    hear();
    line_changes.push_back(lines);
    if (lines_wired && en_low(lines) && !en_low(lines_)) {
        ++resets;
        requests_ = simulator::SlipReceiver(largest_request);
        if (on_reset) on_reset();
    }
    lines_ = lines;
    return board_->set_lines(as_wired(lines));
}

Result<void> FaultyPort::set_baud(std::uint32_t baud) {
    hear();
    if (std::ranges::find(refused_bauds, baud) != refused_bauds.end())
        return fail(ErrorKind::board, "port_baud", fmt::format("no rate of {}", baud));
    baud_ = baud;
    return board_->set_baud(baud);
}

bool FaultyPort::sleep(Milliseconds time, const std::stop_token& stop) {
    const bool slept = board_->sleep(time + oversleeps, stop);
    hear();
    return slept;
}

}  // namespace imprint::loader::testing
