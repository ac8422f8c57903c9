#include "simulator/bench.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <system_error>
#include <utility>

#include "base/file_lock.h"
#include "base/mutex.h"
#include "simulator/run.h"

namespace imprint::simulator {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view flash_suffix = ".flash";

std::unexpected<Error> refused(std::string sentence) {
    return fail(ErrorKind::usage, "hands_refused", std::move(sentence));
}

std::unexpected<Error> directory_error(const fs::path& path, std::string_view why) {
    return fail(ErrorKind::config, "bay_directory",
                fmt::format("cannot use {} for a bench: {}", path.string(), why),
                "name another folder with --dir");
}

}  // namespace

class Bench::Parts {
  public:
    Parts(const BenchOptions& options, Log log, FileLock lock)
        : options_(options), log_(std::move(log)), lock_(std::move(lock)) {
        for (unsigned i = 1; i <= options.bays; ++i)
            bays_.push_back({std::to_string(i), {}, {}, true});
    }

    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;
    Parts(Parts&&) = delete;
    Parts& operator=(Parts&&) = delete;

    ~Parts() {
        for (Bay& bay : bays_)
            if (bay.board) bay.board->pull_cable();
    }

    // What an earlier run has left here.
    [[nodiscard]] Result<void> look_around() {
        const Lock turn(mutex_);
        std::error_code failed;
        for (const Bay& bay : bays_) {
            std::error_code ignored;
            if (fs::is_symlink(fs::symlink_status(link_of(bay), ignored)))
                fs::remove(link_of(bay), ignored);
        }
        for (fs::directory_iterator at(boards(), failed), end; !failed && at != end;
             at.increment(failed)) {
            const std::string name = at->path().filename().string();
            if (!name.ends_with(flash_suffix)) continue;
            if (const auto mac = parse_mac(name.substr(0, name.size() - flash_suffix.size())))
                box_.insert(*mac);
        }
        if (failed) return directory_error(boards(), failed.message());
        return {};
    }

    [[nodiscard]] Result<MacAddress> put(std::string_view name,
                                         const std::optional<MacAddress>& board) {
        const Lock turn(mutex_);
        IMPRINT_TRY(Bay * bay, find(name));
        if (bay->mac)
            return refused(fmt::format("board {} is in bay {}", bay->mac->id(), bay->name));
        IMPRINT_TRY(const MacAddress mac, chosen(board));
        IMPRINT_CHECK(plug_in(*bay, mac));
        return mac;
    }

    [[nodiscard]] Result<MacAddress> take(std::string_view name) {
        const Lock turn(mutex_);
        IMPRINT_TRY(Bay * bay, find(name));
        if (!bay->mac) return refused(fmt::format("no board is in bay {}", bay->name));
        return unplug(*bay);
    }

    [[nodiscard]] Result<MacAddress> swap(std::string_view name,
                                          const std::optional<MacAddress>& board) {
        const Lock turn(mutex_);
        IMPRINT_TRY(Bay * bay, find(name));
        if (!bay->mac) return refused(fmt::format("no board is in bay {}", bay->name));
        IMPRINT_TRY(const MacAddress mac, chosen(board));
        unplug(*bay);
        IMPRINT_CHECK(plug_in(*bay, mac));
        return mac;
    }

    [[nodiscard]] Result<void> set_cable(std::string_view name, bool whole) {
        const Lock turn(mutex_);
        IMPRINT_TRY(Bay * bay, find(name));
        if (bay->cable_whole == whole)
            return refused(fmt::format("the cable of bay {} is {} already", bay->name,
                                       whole ? "whole" : "broken"));
        bay->cable_whole = whole;
        if (!bay->mac) return {};
        if (options_.board.usb == UsbKind::bridge) {
            bay->board->set_cable_carries(whole);
            return {};
        }
        if (whole) return bay->board->plug_in();
        bay->board->pull_cable();
        return {};
    }

    [[nodiscard]] Result<void> ship(const MacAddress& board) {
        const Lock turn(mutex_);
        if (box_.erase(board) == 0)
            return refused(fmt::format("board {} is not in the box", board.id()));
        std::error_code failed;
        fs::remove(flash_of(board), failed);
        if (failed) return directory_error(flash_of(board), failed.message());
        return {};
    }

    [[nodiscard]] BenchState state() const {
        const Lock turn(mutex_);
        BenchState state;
        for (const Bay& bay : bays_)
            state.bays.push_back({bay.name, bay.mac, bay.cable_whole});
        state.box.assign(box_.begin(), box_.end());
        return state;
    }

  private:
    struct Bay {
        std::string name;
        std::optional<MacAddress> mac;
        std::optional<PtyBoard> board;
        bool cable_whole = true;
    };

    [[nodiscard]] fs::path boards() const { return options_.directory / "boards"; }

    [[nodiscard]] fs::path flash_of(const MacAddress& mac) const {
        return boards() / (mac.id() + std::string(flash_suffix));
    }

    [[nodiscard]] fs::path link_of(const Bay& bay) const { return options_.directory / bay.name; }

    [[nodiscard]] Result<Bay*> find(std::string_view name) IMPRINT_REQUIRES(mutex_) {
        const auto found = std::ranges::find(bays_, name, &Bay::name);
        if (found != bays_.end()) return &*found;
        return refused(fmt::format("there is no bay {}: they are 1 to {}", name, options_.bays));
    }

    // The named one, which has to be in the box; or a new one.
    [[nodiscard]] Result<MacAddress> chosen(const std::optional<MacAddress>& board)
        IMPRINT_REQUIRES(mutex_) {
        if (!board) {
            while (is_known(counted_up(options_.base_mac, made_)))
                ++made_;
            return counted_up(options_.base_mac, made_++);
        }
        if (box_.contains(*board)) return *board;
        for (const Bay& bay : bays_)
            if (bay.mac == board)
                return refused(fmt::format("board {} is in bay {}", board->id(), bay.name));
        return refused(fmt::format("there is no board {} in the box", board->id()));
    }

    [[nodiscard]] bool is_known(const MacAddress& mac) const IMPRINT_REQUIRES(mutex_) {
        return box_.contains(mac) || std::ranges::find(bays_, mac, &Bay::mac) != bays_.end();
    }

    [[nodiscard]] Result<void> plug_in(Bay& bay, const MacAddress& mac) IMPRINT_REQUIRES(mutex_) {
        BoardOptions board = options_.board;
        board.mac = mac;
        board.flash_file = flash_of(mac);
        board.link = link_of(bay);
        auto started = PtyBoard::start(board, log_.with_prefix(bay.name));
        if (!started) return with_context(std::move(started).error(), "bay " + bay.name);
        bay.board.emplace(std::move(*started));
        bay.mac = mac;
        box_.erase(mac);
        if (!bay.cable_whole) {
            if (options_.board.usb == UsbKind::bridge)
                bay.board->set_cable_carries(false);
            else
                bay.board->pull_cable();
        }
        return {};
    }

    MacAddress unplug(Bay& bay) IMPRINT_REQUIRES(mutex_) {
        bay.board->pull_cable();
        bay.board.reset();
        const MacAddress mac = *std::exchange(bay.mac, std::nullopt);
        box_.insert(mac);
        return mac;
    }

    BenchOptions options_;
    Log log_;
    FileLock lock_;
    mutable Mutex mutex_;
    std::vector<Bay> bays_ IMPRINT_GUARDED_BY(mutex_);
    std::set<MacAddress> box_ IMPRINT_GUARDED_BY(mutex_);
    unsigned made_ IMPRINT_GUARDED_BY(mutex_) = 0;
};

Bench::Bench(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Bench::Bench(Bench&&) noexcept = default;
Bench& Bench::operator=(Bench&&) noexcept = default;
Bench::~Bench() = default;

Result<Bench> Bench::open(const BenchOptions& options, const Log& log) {
    std::error_code failed;
    fs::create_directories(options.directory / "boards", failed);
    if (failed) return directory_error(options.directory, failed.message());
    auto lock = FileLock::take(options.directory / "boards" / ".lock");
    if (!lock) {
        const bool is_held = errno == EAGAIN || errno == EACCES;
        return directory_error(options.directory, is_held ? "another one runs there"
                                                          : std::generic_category().message(errno));
    }
    auto parts = std::make_unique<Parts>(options, log, *std::move(lock));
    IMPRINT_CHECK(parts->look_around());
    return Bench(std::move(parts));
}

Result<MacAddress> Bench::put(std::string_view bay, const std::optional<MacAddress>& board) {
    return parts_->put(bay, board);
}

Result<MacAddress> Bench::take(std::string_view bay) {
    return parts_->take(bay);
}

Result<MacAddress> Bench::swap(std::string_view bay, const std::optional<MacAddress>& board) {
    return parts_->swap(bay, board);
}

Result<void> Bench::break_cable(std::string_view bay) {
    return parts_->set_cable(bay, false);
}

Result<void> Bench::mend_cable(std::string_view bay) {
    return parts_->set_cable(bay, true);
}

Result<void> Bench::ship(const MacAddress& board) {
    return parts_->ship(board);
}

BenchState Bench::state() const {
    return parts_->state();
}

}  // namespace imprint::simulator
