#include "loader/connection.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

#include "base/secret.h"
#include "loader/chip.h"
#include "loader/diagnosis.h"
#include "loader/timing.h"

namespace imprint::loader {

namespace {

// How soon a request to stop is seen.
constexpr Milliseconds slice{100};
constexpr std::size_t console_limit = 4096;
constexpr unsigned sync_replies = 8;
constexpr unsigned flood_of_answers = 256;  // none of them asked for
constexpr int most_noisy_rounds = 256;
constexpr int most_rounds_at_once = 64;

}  // namespace

std::unexpected<Error> interrupted() {
    return fail(ErrorKind::interrupted, "interrupted", "stopped before the board was done");
}

Error Connection::lost(std::string_view what, Milliseconds patience) const {
    constexpr std::string_view usual_hint =
        "check cable and power supply; a lower baud rate may help";
    return make_error(
        ErrorKind::board, "board_lost",
        fmt::format("the board on {} did not answer {} within {:.1f} s", port_->name(), what,
                    static_cast<double>(patience.count()) / 1000),
        lateness_.seen() ? hint_where_all_is_late(usual_hint) : std::string(usual_hint));
}

// --- requests and replies ------------------------------------------------------------------------

Result<void> Connection::post(const Request& request) {
    Bytes content = request.encode();
    const auto sent = send(content);
    wipe(content);
    return sent;
}

Result<Reply> Connection::ask(const Request& request, Milliseconds patience, ReplySize promised) {
    IMPRINT_CHECK(post(request));
    return await(request.op, patience, request.data.size() + promised.usual, promised);
}

Result<Reply> Connection::await(Op op, Milliseconds patience, std::size_t bytes,
                                ReplySize promised) {
    const Milliseconds all = patience + timing::on_the_wire(2 * bytes + 64, baud_);
    Wait wait{clock_->now() + all};
    for (;;) {
        IMPRINT_TRY(const auto frame, next_frame(wait));
        if (!frame) return std::unexpected(lost(to_string(op), all));
        auto reply = decode_reply(*frame);
        if (!reply) {
            note_console(*frame);
            continue;
        }
        const bool ours = reply->op == op;
        if (!ours && reply->op == Op::sync) {
            note_sync_answer();
            IMPRINT_CHECK(check_flood());
        }
        split_status(*reply, ours ? promised : ReplySize{});
        // A ROM that does not know a command repeats its last replies with this error, op and all.
        if (reply->error == rom_invalid_message) {
            IMPRINT_CHECK(drain(timing::unsupported_drain));
            reply->op = op;
            return *std::move(reply);
        }
        if (ours) return *std::move(reply);
    }
}

Result<Reply> Connection::command(const Request& request, Milliseconds patience,
                                  ReplySize promised) {
    IMPRINT_TRY(Reply reply, ask(request, patience, promised));
    if (reply.error != 0)
        return fail(ErrorKind::board, "loader_refused",
                    fmt::format("the loader on {} refused {}: {}", port_->name(),
                                to_string(request.op), describe_error(reply.error)));
    return reply;
}

Result<std::uint32_t> Connection::read_register(std::uint32_t address) {
    IMPRINT_TRY(const Reply reply, command(request(Op::read_reg, {address}), timing::usual));
    return reply.value;
}

Result<void> Connection::write_register(std::uint32_t address, std::uint32_t value) {
    IMPRINT_CHECK(command(request(Op::write_reg, {address, value, 0xFFFFFFFF, 0}), timing::usual));
    return {};
}

// --- frames --------------------------------------------------------------------------------------

Result<void> Connection::send(ByteView content) {
    if (stop_.stop_requested()) return interrupted();
    Bytes frame = slip_frame(content);
    auto written = port_->write(frame);
    wipe(frame);
    return written;
}

Result<Bytes> Connection::receive(Milliseconds patience, std::size_t size) {
    const Milliseconds all = patience + timing::on_the_wire(2 * size, baud_);
    Wait wait{clock_->now() + all};
    IMPRINT_TRY(auto frame, next_frame(wait));
    if (!frame) return std::unexpected(lost("any more", all));
    return *std::move(frame);
}

Result<std::size_t> Connection::read_some(Milliseconds patience) {
    std::array<std::uint8_t, 8192> buffer{};
    IMPRINT_TRY(const std::size_t got, port_->read(buffer, patience));
    decoder_.feed(ByteView(buffer).first(got), [this](ByteView frame, bool well_formed) {
        if (well_formed)
            frames_.emplace_back(frame.begin(), frame.end());
        else
            note_console(frame);
    });
    return got;
}

Result<void> Connection::read_at_once() {
    // A bound for a board that never pauses.
    for (int round = 0; round < most_rounds_at_once; ++round) {
        IMPRINT_TRY(const std::size_t got, read_some(Milliseconds(0)));
        if (got == 0) break;
    }
    return {};
}

Result<std::optional<Bytes>> Connection::next_frame(Wait& wait) {
    while (frames_.empty()) {
        if (stop_.stop_requested()) return interrupted();
        const auto left = std::chrono::ceil<Milliseconds>(wait.deadline - clock_->now());
        if (left.count() > 0) {
            IMPRINT_CHECK(read_some(std::min(left, slice)));
            continue;
        }
        if (std::exchange(wait.looked_behind, true)) return std::nullopt;
        IMPRINT_CHECK(read_at_once());
    }
    Bytes frame = std::move(frames_.front());
    frames_.pop_front();
    return frame;
}

void Connection::note_console(ByteView text) {
    console_ += as_text(text);
    if (console_.size() > console_limit) console_.erase(0, console_.size() - console_limit);
}

// Late is what can have been asked for. Else a device that answers without end would stretch every
// wait to its longest.
void Connection::note_sync_answer() {
    if (answers_due_ == 0) {
        ++unasked_;
        return;
    }
    --answers_due_;
    lateness_.answered_late();
}

Result<void> Connection::check_flood() const {
    if (unasked_ < flood_of_answers) return {};
    return fail(
        ErrorKind::board, "no_board",
        fmt::format("what is on {} answers without end, also what it was not asked", port_->name()),
        "this is no board in its loader: see what is connected there");
}

// --- coming and going ----------------------------------------------------------------------------

Result<void> Connection::take_noise() {
    IMPRINT_CHECK(read_at_once());
    for (const Bytes& frame : frames_) {
        const auto reply = decode_reply(frame);
        if (!reply)
            note_console(frame);
        else if (reply->op == Op::sync)
            note_sync_answer();
    }
    note_console(decoder_.pending());
    frames_.clear();
    decoder_.clear();
    return {};
}

Result<std::optional<LoaderKind>> Connection::sync(bool after_delimiter) {
    IMPRINT_CHECK(take_noise());
    IMPRINT_CHECK(check_flood());
    Bytes frame = slip_frame(sync_request().encode());
    if (after_delimiter) frame.insert(frame.begin(), 0xC0);
    if (stop_.stop_requested()) return interrupted();
    IMPRINT_CHECK(port_->write(frame));
    answers_due_ += sync_replies;

    bool all_zero = true;
    unsigned replies = 0;
    const Milliseconds patience = lateness_.sync_patience();
    Wait wait{clock_->now() + patience + timing::on_the_wire(2 * frame.size(), baud_)};
    while (replies < sync_replies) {
        IMPRINT_TRY(const auto answer, next_frame(wait));
        if (!answer) break;
        auto reply = decode_reply(*answer);
        if (!reply) {
            note_console(*answer);
            continue;
        }
        split_status(*reply);
        if (reply->op != Op::sync || reply->error != 0) continue;
        all_zero = all_zero && reply->value == 0;
        ++replies;
        if (answers_due_ > 0) --answers_due_;
        wait = {clock_->now() + patience};
    }
    if (replies == 0) return std::nullopt;
    // The ROM puts what it received into the value; the stub says 0 to be told from it.
    return all_zero ? LoaderKind::stub : LoaderKind::rom;
}

Result<std::optional<LoaderKind>> Connection::resync(unsigned attempts) {
    bool turn_over = false;
    for (unsigned attempt = 0; attempt < attempts; ++attempt) {
        if (attempt > 0) IMPRINT_CHECK(sleep(timing::between_syncs));
        IMPRINT_TRY(const auto found, sync(turn_over));
        if (!found) {
            turn_over = !turn_over;
            continue;
        }
        // What answered may have been an earlier one, and the last has turned the boundary over
        // again: all replies have to be through before it can be told.
        if (attempt > 0) IMPRINT_CHECK(await_silence());
        if (*found == LoaderKind::stub) {
            IMPRINT_TRY(const bool understood, understands());
            if (understood) return found;
            IMPRINT_CHECK(await_silence());
            turn_over = true;
        } else if (attempt == 0) {
            return found;
        } else {
            IMPRINT_TRY(const auto confirmed, sync());
            if (confirmed) return confirmed;
        }
    }
    return std::nullopt;
}

Result<bool> Connection::understands() {
    const auto mark = ask(request(Op::read_reg, {chip_magic_register}),
                          std::max(timing::proof_of_boundary, lateness_.sync_patience()));
    if (mark) return true;
    if (mark.error().is("board_lost")) return false;
    return std::unexpected(mark.error());
}

Result<bool> Connection::reset(const ResetSequence& sequence) {
    const bool plays_resets = port_->traits().plays_resets;
    for (const ResetStep& step : sequence) {
        const auto set = port_->set_lines(step.lines);
        // A sequence for lines that are passed on is none for a server that plays its own.
        if (set && port_->traits().plays_resets != plays_resets) {
            IMPRINT_CHECK(sleep(timing::played_reset));
            return false;
        }
        // The step before has taken the port along; the lines come back released.
        if (!set && comes_back(set.error())) {
            IMPRINT_CHECK(await_port());
            return true;
        }
        if (!set) return std::unexpected(set.error());
        if (step.hold.count() == 0) continue;
        if (const auto slept = sleep(lateness_.hold(step.hold)); !slept) {
            // Not to be left behind in reset.
            static_cast<void>(port_->set_lines({}));
            return std::unexpected(slept.error());
        }
    }
    return true;
}

bool Connection::comes_back(const Error& error) const {
    return error.is("port_gone") && port_->traits().espressif_product != 0;
}

Result<void> Connection::await_port() {
    const Instant deadline = clock_->now() + timing::usb_return;
    for (;;) {
        if (stop_.stop_requested()) return interrupted();
        const auto back = port_->await_return(slice);
        if (back) break;
        if (clock_->now() >= deadline) return back;
    }
    frames_.clear();
    decoder_.clear();
    return {};
}

Result<void> Connection::follow_over_reset() {
    const Instant deadline = clock_->now() + timing::usb_departure;
    while (clock_->now() < deadline) {
        if (stop_.stop_requested()) return interrupted();
        const auto got = read_some(slice);
        if (!got) return comes_back(got.error()) ? await_port() : std::unexpected(got.error());
    }
    return {};
}

Result<void> Connection::await_noise(Milliseconds patience) {
    if (stop_.stop_requested()) return interrupted();
    IMPRINT_CHECK(read_some(patience));
    return take_noise();
}

Result<void> Connection::await_silence() {
    for (int round = 0; round < most_noisy_rounds; ++round) {
        if (stop_.stop_requested()) return interrupted();
        IMPRINT_TRY(const std::size_t got, read_some(lateness_.sync_patience()));
        if (got == 0) break;
    }
    return take_noise();
}

Result<void> Connection::drain(Milliseconds time) {
    const Instant deadline = clock_->now() + time;
    for (;;) {
        if (stop_.stop_requested()) return interrupted();
        const auto left = std::chrono::ceil<Milliseconds>(deadline - clock_->now());
        if (left.count() <= 0) break;
        IMPRINT_CHECK(read_some(std::min(left, slice)));
    }
    return take_noise();
}

Result<void> Connection::set_port_baud(std::uint32_t baud) {
    IMPRINT_CHECK(port_->set_baud(baud));
    if (port_->traits().has_baud) baud_ = baud;
    return {};
}

Result<void> Connection::sleep(Milliseconds time) {
    const Instant before = clock_->now();
    if (!clock_->sleep(time, stop_)) return interrupted();
    lateness_.paused(time, clock_->now() - before);
    return {};
}

}  // namespace imprint::loader
