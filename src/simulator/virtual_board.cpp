#include "simulator/virtual_board.h"

#include <algorithm>
#include <fmt/format.h>
#include <functional>

namespace imprint::simulator {

namespace {

// As long as a bridge may hold bytes back when its host is busy.
constexpr Nanoseconds late = std::chrono::milliseconds(150);

}  // namespace

Result<std::unique_ptr<VirtualBoard>> VirtualBoard::create(const BoardOptions& options,
                                                           const Faults& faults) {
    IMPRINT_TRY(auto board, Board::create(options, [] {}, {}));
    return std::unique_ptr<VirtualBoard>(new VirtualBoard(options, faults, std::move(board)));
}

VirtualBoard::VirtualBoard(const BoardOptions& options, const Faults& faults,
                           std::unique_ptr<Board> board)
    : options_(options),
      faults_(faults),
      random_(faults.seed),
      board_(std::move(board)),
      line_(options.timings),
      name_(fmt::format("virtual:{}", options.mac.id())),
      now_(Instant() + std::chrono::hours(1)) {
    const auto some_time = [this] {
        return now_ + Milliseconds(random_() % static_cast<std::uint64_t>(faults_.within.count()));
    };
    for (unsigned i = 0; i < faults_.brown_outs; ++i)
        brown_outs_.push_back(some_time());
    std::ranges::sort(brown_outs_, std::greater{});
    if (faults_.swapped) swap_ = some_time();
    if (faults_.hurt_one_in > 0) until_hurt_ = random_() % (2ULL * faults_.hurt_one_in);
    board_->power_on(now_);
}

// Each byte has the same chance, on the average: the gap to the next one is drawn evenly.
Bytes VirtualBoard::hurt(ByteView bytes, Nanoseconds& delay) {
    if (faults_.hurt_one_in == 0) return {bytes.begin(), bytes.end()};
    Bytes result;
    result.reserve(bytes.size() + 1);
    for (const std::uint8_t byte : bytes) {
        if (until_hurt_-- > 0) {
            result.push_back(byte);
            continue;
        }
        until_hurt_ = random_() % (2ULL * faults_.hurt_one_in);
        ++hurt_;
        switch (random_() % 4) {
            case 0:  // lost
                break;
            case 1:
                result.push_back(byte);
                result.push_back(byte);
                break;
            case 2:
                result.push_back(byte ^ static_cast<std::uint8_t>(1U << random_() % 8));
                break;
            default:
                result.push_back(byte);
                delay = late;
        }
    }
    return result;
}

void VirtualBoard::happen() {
    while (!brown_outs_.empty() && brown_outs_.back() <= now_) {
        brown_outs_.pop_back();
        board_->power_off();
        board_->power_on(now_);
        board_->set_lines(lines_, now_);
    }
    if (swap_ && *swap_ <= now_) {
        swap_.reset();
        BoardOptions other = options_;
        other.mac.octets[3] ^= 0x80;
        if (auto board = Board::create(other, [] {}, {})) {
            board_ = std::move(*board);
            board_->power_on(now_);
            board_->set_lines(lines_, now_);
        }
    }
}

std::uint32_t VirtualBoard::carried() const {
    return options_.cable_carries != 0 && baud_ > options_.cable_carries ? 1 : baud_;
}

void VirtualBoard::collect() {
    for (Uart::Chunk& chunk : board_->take_output()) {
        Nanoseconds delay{0};
        chunk.bytes = hurt(chunk.bytes, delay);
        chunk.at += std::chrono::duration_cast<Instant::duration>(delay);
        bytes_up_ += chunk.bytes.size();
        line_.send_up(chunk, carried());
    }
    append(inbox_, line_.take(now_));
}

void VirtualBoard::advance(Instant to) {
    for (;;) {
        collect();
        std::optional<Instant> next;
        const auto earlier = [&next, to](std::optional<Instant> at) {
            if (at && *at <= to && (!next || *at < *next)) next = at;
        };
        earlier(board_->wakes());
        earlier(swap_);
        if (!brown_outs_.empty()) earlier(brown_outs_.back());
        if (!next) break;
        now_ = std::max(now_, *next);
        happen();
        board_->tick(now_);
    }
    now_ = std::max(now_, to);
    collect();
}

Result<std::size_t> VirtualBoard::read(std::span<std::uint8_t> into, Milliseconds patience) {
    const Instant deadline = now_ + patience;
    collect();
    while (inbox_.empty() && now_ < deadline) {
        std::optional<Instant> next = line_.next_arrival();
        for (const auto& at : {board_->wakes(), swap_})
            if (at && (!next || *at < *next)) next = at;
        if (!brown_outs_.empty() && (!next || brown_outs_.back() < *next))
            next = brown_outs_.back();
        advance(std::min(deadline, next.value_or(deadline)));
    }
    const std::size_t size = std::min(into.size(), inbox_.size());
    std::ranges::copy_n(inbox_.begin(), static_cast<std::ptrdiff_t>(size), into.begin());
    inbox_.erase(inbox_.begin(), inbox_.begin() + static_cast<std::ptrdiff_t>(size));
    return size;
}

Result<void> VirtualBoard::write(ByteView bytes) {
    Nanoseconds delay{0};
    const Bytes damaged = hurt(bytes, delay);
    bytes_down_ += bytes.size();
    const Instant sent = now_ + std::chrono::duration_cast<Instant::duration>(delay);
    board_->receive(damaged, carried(), line_.send_down(damaged.size(), baud_, sent),
                    line_.byte_time(baud_));
    return {};
}

Result<void> VirtualBoard::set_lines(transport::Lines lines) {
    lines_ = lines;
    board_->set_lines(lines, now_);
    collect();
    return {};
}

Result<void> VirtualBoard::set_baud(std::uint32_t baud) {
    collect();
    baud_ = baud;
    return {};
}

Result<void> VirtualBoard::discard_input() {
    collect();
    inbox_.clear();
    return {};
}

bool VirtualBoard::sleep(Milliseconds time, const std::stop_token& stop) {
    advance(now_ + time);
    return !stop.stop_requested();
}

}  // namespace imprint::simulator
