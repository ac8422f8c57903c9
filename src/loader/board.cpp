#include "loader/board.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

#include "loader/connect.h"
#include "loader/flash_io.h"
#include "loader/identify.h"
#include "loader/jedec.h"
#include "loader/link.h"
#include "loader/plan.h"
#include "loader/reset.h"
#include "loader/stub.h"

namespace imprint::loader {

namespace {

constexpr std::uint32_t first_baud = 115'200;
constexpr std::uint32_t sector = 4096;

bool is_final(const Error& error) {
    return error.code == "port_gone" || error.code == "port_stuck" || error.code == "port_io" ||
           error.kind == ErrorKind::interrupted;
}

Result<void> on_sectors(std::uint32_t offset, std::uint32_t size) {
    if (offset % sector == 0 && size % sector == 0 && size > 0) return {};
    return fail(ErrorKind::usage, "not_on_sectors",
                fmt::format("{} bytes at {:#x} are not whole flash sectors of {} bytes", size,
                            offset, sector),
                "round offset and size to 0x1000");
}

}  // namespace

class Board::Session {
  public:
    Session(transport::Port& port, ConnectOptions options, Clock& clock, Log log,
            std::stop_token stop)
        : link_(port, clock, std::move(log), std::move(stop)), options_(std::move(options)) {}

    [[nodiscard]] Result<void> connect() {
        // A line that loses bytes at full speed may carry them at a lower one.
        constexpr std::array<std::uint32_t, 3> ladder = {460'800, 230'400, first_baud};
        std::uint32_t baud = options_.baud;
        for (;;) {
            auto connected = connect_at(baud);
            if (connected) return {};
            const auto* slower =
                std::ranges::find_if(ladder, [baud](std::uint32_t step) { return step < baud; });
            if (!baud_failed_ || is_final(connected.error()) || slower == ladder.end())
                return connected;
            link_.log().warning("{} baud does not work here, trying {}", baud, *slower);
            baud = *slower;
        }
    }

    [[nodiscard]] const BoardInfo& info() const { return info_; }

    [[nodiscard]] bool stub_runs() const { return loader_.stub; }

    [[nodiscard]] std::uint32_t baud() const { return baud_; }

    [[nodiscard]] Link& link() { return link_; }

    [[nodiscard]] LoaderFacts& loader() { return loader_; }

    [[nodiscard]] Result<void> write(const FlashData& region, const Progress& progress) {
        IMPRINT_CHECK(in_flash(region.offset(), region.size()));
        constexpr int most_tries = 3;
        for (int attempt = 1;; ++attempt) {
            auto written = write_once(region, progress);
            if (written || is_final(written.error()) || attempt == most_tries) return written;
            link_.log().warning("writing {} again: {}", region.label(), written.error().describe());
            IMPRINT_CHECK(resynchronise());
        }
    }

    [[nodiscard]] Result<void> in_flash(std::uint32_t offset, std::uint32_t size) const {
        const std::uint64_t end = static_cast<std::uint64_t>(offset) + size;
        if (info_.flash_size == 0 || end <= info_.flash_size) return {};
        return fail(ErrorKind::board, "flash_too_small",
                    fmt::format("{:#x} to {:#x} is beyond the board's {} bytes of flash", offset,
                                end, info_.flash_size));
    }

    [[nodiscard]] Result<void> run() {
        if (!link_.port().traits().has_lines) {
            // Nothing can pull EN: the best that the loader can do is to leave itself.
            IMPRINT_CHECK(begin_writing(link_, loader_, Op::flash_begin,
                                        {0, 0, loader_.block_size(), 0}, Milliseconds(3000)));
            IMPRINT_CHECK(link_.send_frame(make_request(Op::flash_end, words({0}))));
            IMPRINT_CHECK(link_.port().set_baud(first_baud));
            return {};
        }
        IMPRINT_CHECK(link_.port().set_baud(first_baud));
        IMPRINT_CHECK(link_.clear());
        return hard_reset(link_);
    }

  private:
    [[nodiscard]] Result<void> connect_at(std::uint32_t baud) {
        baud_failed_ = false;
        IMPRINT_CHECK(reach_loader());
        IMPRINT_TRY(info_, identify(link_, *loader_.chip));
        if (info_.security.secure_download_mode)
            return fail(ErrorKind::board, "chip_secured",
                        "the board is in secure download mode, in which nothing can be verified",
                        "use a board without that eFuse");
        IMPRINT_CHECK(size_up_flash());
        if (!loader_.stub && !options_.stub_directory.empty()) IMPRINT_CHECK(try_stub());
        if (auto changed = change_baud(link_, *loader_.chip, loader_.stub, first_baud, baud);
            !changed) {
            baud_failed_ = true;
            IMPRINT_CHECK(link_.port().set_baud(first_baud));
            return changed;
        }
        baud_ = baud;
        if (info_.flash_size > 0) IMPRINT_CHECK(set_flash_size(link_, info_.flash_size));
        return {};
    }

    [[nodiscard]] Result<void> reach_loader() {
        IMPRINT_CHECK(link_.port().set_baud(first_baud));
        IMPRINT_CHECK(link_.clear());
        IMPRINT_TRY(const Synced synced, synchronise(link_, options_.reset, options_.attempts));
        IMPRINT_TRY(const Chip* chip, detect_chip(link_));
        loader_ = LoaderFacts{chip, synced.stub_runs};
        return {};
    }

    [[nodiscard]] Result<void> size_up_flash() {
        IMPRINT_CHECK(attach_flash(link_, loader_));
        IMPRINT_TRY(info_.flash_id, read_flash_id(link_, *loader_.chip));
        info_.flash_size = flash_size_of(info_.flash_id);
        return {};
    }

    // A stub that cannot be had or does not start costs speed, not the board.
    [[nodiscard]] Result<void> try_stub() {
        const auto stub = load_stub(options_.stub_directory, *loader_.chip);
        if (!stub) {
            link_.log().warning("{}; going on with the ROM loader", stub.error().describe());
            return {};
        }
        auto started = start_stub(link_, *stub);
        if (started) {
            loader_.stub = true;
            return {};
        }
        if (started.error().code != "stub_failed") return started;
        link_.log().warning("{}; going on with the ROM loader", started.error().describe());
        IMPRINT_CHECK(reach_loader());
        return attach_flash(link_, loader_);
    }

    // After lost or damaged bytes: the loader still runs, only the conversation is broken.
    [[nodiscard]] Result<void> resynchronise() {
        IMPRINT_CHECK(link_.drain(Milliseconds(200)));
        constexpr int most = 5;
        for (int attempt = 0; attempt < most; ++attempt) {
            auto probe = read_register(link_, magic_register);
            if (probe) return {};
            if (is_final(probe.error())) return std::unexpected(std::move(probe).error());
            IMPRINT_CHECK(link_.drain(Milliseconds(200)));
        }
        return fail(ErrorKind::board, "board_lost",
                    fmt::format("the board on {} stopped answering", link_.port().name()),
                    "check cable and supply, then prepare it again: it is continued");
    }

    [[nodiscard]] Result<Md5> md5_in_flash(std::uint32_t offset, std::uint32_t size) {
        return loader::flash_md5(link_, loader_, offset, size);
    }

    // What differs is written, then the whole region is proven, written or not.
    [[nodiscard]] Result<void> write_once(const FlashData& region, const Progress& progress) {
        IMPRINT_TRY(const auto ranges,
                    differing_ranges(region.offset(), region.content(),
                                     [this](std::uint32_t offset, std::uint32_t size) {
                                         return md5_in_flash(offset, size);
                                     }));
        if (ranges.empty()) {
            if (progress) progress(region.size(), region.size());
            return {};
        }
        std::uint64_t before = region.size();
        for (const auto& range : ranges)
            before -= range.size;
        for (const auto& range : ranges) {
            link_.log().debug("{}: {} bytes at {:#x} differ", region.label(), range.size,
                              range.offset);
            const Progress part = [&](std::uint64_t done, std::uint64_t) {
                if (progress) progress(before + done, region.size());
            };
            IMPRINT_CHECK(write_range(region, range, part));
            before += range.size;
        }
        IMPRINT_TRY(const Md5 found, md5_in_flash(region.offset(), region.size()));
        if (found == region.md5()) return {};
        return fail(ErrorKind::board, "verify_failed",
                    fmt::format("{} at {:#x} is not in flash as it was sent", region.label(),
                                region.offset()),
                    "a worn flash or a weak supply: try another board and another cable");
    }

    [[nodiscard]] Result<void> write_range(const FlashData& region, const FlashRange& range,
                                           const Progress& progress) {
        if (range.size == region.size()) return stream_compressed(link_, loader_, region, progress);
        const ByteView part = region.content().subspan(range.offset - region.offset(), range.size);
        const FlashData piece(region.label(), range.offset, Bytes(part.begin(), part.end()));
        return stream_compressed(link_, loader_, piece, progress);
    }

    Link link_;
    ConnectOptions options_;
    BoardInfo info_;
    LoaderFacts loader_;
    std::uint32_t baud_ = first_baud;
    bool baud_failed_ = false;
};

Board::Board(std::unique_ptr<Session> session) : session_(std::move(session)) {}

Board::Board(Board&&) noexcept = default;
Board& Board::operator=(Board&&) noexcept = default;
Board::~Board() = default;

Result<Board> Board::connect(transport::Port& port, const ConnectOptions& options, Clock& clock,
                             Log log, std::stop_token stop) {
    auto session = std::make_unique<Session>(port, options, clock, std::move(log), std::move(stop));
    IMPRINT_CHECK(session->connect());
    return Board(std::move(session));
}

const BoardInfo& Board::info() const {
    return session_->info();
}

bool Board::stub_runs() const {
    return session_->stub_runs();
}

std::uint32_t Board::baud() const {
    return session_->baud();
}

Result<MacAddress> Board::read_mac() {
    return read_base_mac(session_->link(), *session_->info().chip);
}

Result<void> Board::write(const FlashData& region, const Progress& progress) {
    IMPRINT_CHECK(on_sectors(region.offset(), region.size()));
    return session_->write(region, progress);
}

Result<Md5> Board::flash_md5(std::uint32_t offset, std::uint32_t size) {
    IMPRINT_CHECK(session_->in_flash(offset, size));
    return loader::flash_md5(session_->link(), session_->loader(), offset, size);
}

Result<Bytes> Board::read(std::uint32_t offset, std::uint32_t size, const Progress& progress) {
    IMPRINT_CHECK(session_->in_flash(offset, size));
    return read_flash(session_->link(), session_->loader(), offset, size, progress);
}

Result<void> Board::erase(std::uint32_t offset, std::uint32_t size) {
    IMPRINT_CHECK(on_sectors(offset, size));
    IMPRINT_CHECK(session_->in_flash(offset, size));
    return erase_flash(session_->link(), session_->loader(), offset, size);
}

Result<void> Board::run() {
    return session_->run();
}

}  // namespace imprint::loader
