// The work on a connected board's flash: writing, proving, reading, erasing.
#include <algorithm>
#include <fmt/format.h>
#include <functional>

#include "base/digest.h"
#include "loader/flash_read.h"
#include "loader/flash_write.h"
#include "loader/identify.h"
#include "loader/session.h"
#include "loader/spi_flash.h"

namespace imprint::loader {

namespace {

// Each finds what the ones before have written, and goes on from there.
constexpr int write_tries = 12;

std::string writing(const FlashData& region) {
    return fmt::format("writing {}", region.label());
}

}  // namespace

Result<void> Board::Session::as_write(Result<void> done) {
    if (done || !done.error().is_any({"loader_refused", "verify_failed"})) return done;
    // A loader that refuses to write, however often it is asked, is a failure of its own.
    if (done.error().is("loader_refused"))
        done.error().code = ErrorCode("flash_write_failed").text();
    // ROM and former stub take the protection away before they write, if they can; the present stub
    // does not (esp-stub-lib src/flash.c). Where it stands, nothing that is sent helps.
    const auto status = read_flash_status(link_, *info_.chip);
    if (!status || (*status & block_protection) == 0) return done;
    return fail(ErrorKind::board, "flash_protected",
                fmt::format("the flash of the board on {} is write-protected (status {:#04x}): {}",
                            link_.port().name(), *status, done.error().message),
                "its pin WP# may be held low, or its protection locked: look at the module, or "
                "clear the status register (esptool write-flash-status --non-volatile 0)");
}

Result<void> Board::Session::prove_blank(std::uint32_t offset, std::uint32_t size) {
    constexpr std::uint32_t step = 1U << 20;
    const Bytes blank(std::min(size, step), 0xFF);
    for (std::uint32_t at = 0; at < size; at += std::min(size - at, step)) {
        const std::uint32_t part = std::min(size - at, step);
        IMPRINT_TRY(const Md5 found, read_md5(link_, offset + at, part));
        if (found != md5(ByteView(blank).first(part)))
            return fail(ErrorKind::board, "verify_failed",
                        fmt::format("the flash at {:#x} is not blank after erasing", offset + at),
                        "the flash chip may be worn out or badly soldered");
    }
    return {};
}

Result<MacAddress> Board::Session::read_mac() {
    return retry<MacAddress>("reading the MAC", tries,
                             [this] { return loader::read_mac(link_, *info_.chip); });
}

Result<void> Board::Session::check_write(const FlashData& region, bool encrypted) const {
    return encrypted ? guard().write_encrypted(region) : guard().write(region);
}

Result<void> Board::Session::write_encrypted(const FlashData& region, const Progress& progress) {
    IMPRINT_CHECK(guard().write_encrypted(region));
    ++writes_;
    return as_write(retry<void>(writing(region), write_tries, [&]() -> Result<void> {
        return write_region_encrypted(link_, *info_.chip, region, progress);
    }));
}

Result<void> Board::Session::write(const FlashData& region, const Progress& progress) {
    IMPRINT_CHECK(guard().write(region));
    ++writes_;
    IMPRINT_CHECK(as_write(retry<void>(writing(region), write_tries, [&]() -> Result<void> {
        IMPRINT_TRY(
            const Milliseconds working,
            write_region(link_, *info_.chip, region, {Blanks::erase, largest_block_}, progress));
        return prove_region(link_, region, working);
    })));
    remember(region, true);
    return {};
}

Result<WriteOutcome> Board::Session::write_difference(const FlashData& region,
                                                      const Progress& progress) {
    IMPRINT_CHECK(guard().write(region));
    WriteOutcome outcome;
    bool proven = false;
    IMPRINT_CHECK(as_write(retry<void>(writing(region), write_tries, [&]() -> Result<void> {
        IMPRINT_TRY(proven, write_planned(region, outcome, progress));
        return {};
    })));
    remember(region, proven);
    outcome.written = std::min(outcome.written, region.size());
    outcome.kept = region.size() - outcome.written;
    if (progress) progress(region.size(), region.size());
    return outcome;
}

Result<bool> Board::Session::write_planned(const FlashData& region, WriteOutcome& outcome,
                                           const Progress& progress) {
    const Md5Oracle in_flash = [this](std::uint32_t offset, std::uint32_t size) {
        return read_md5(link_, offset, size);
    };
    IMPRINT_TRY(const RegionPlan plan, plan_region(region, in_flash));
    if (plan.proven) return true;
    IMPRINT_TRY(const Milliseconds working, write_steps(plan, Blanks::keep, outcome, progress));
    // The stub may still be at its last block, whose error comes with the next answer.
    constexpr std::uint32_t page = 256;
    if (working.count() > 0) IMPRINT_CHECK(read_md5(link_, region.offset(), page, working));
    return false;
}

void Board::Session::forget(std::uint32_t offset, std::uint32_t size) {
    std::erase_if(written_, [&](const Written& one) {
        return one.region.offset() < offset + std::uint64_t{size} &&
               offset < one.region.offset() + std::uint64_t{one.region.size()};
    });
}

void Board::Session::remember(const FlashData& region, bool proven) {
    forget(region.offset(), region.size());
    written_.push_back({region, proven ? std::optional(writes_) : std::nullopt});
}

Result<std::uint32_t> Board::Session::prove_or_mend(const FlashData& region) {
    const Md5Oracle in_flash = [this](std::uint32_t offset, std::uint32_t size) {
        return read_md5(link_, offset, size);
    };
    WriteOutcome outcome;
    IMPRINT_CHECK(as_write(retry<void>(writing(region), write_tries, [&]() -> Result<void> {
        IMPRINT_TRY(const Md5 found, read_md5(link_, region.offset(), region.size()));
        if (found == region.md5()) return {};
        // What the quick plan took for blank, or for written already, is not; or it was undone.
        log_.debug("{}: {} is searched for what else differs", link_.port().name(), region.label());
        IMPRINT_TRY(const RegionPlan plan, search_region(region, in_flash, {}, Whole::differs));
        IMPRINT_TRY(const Milliseconds working, write_steps(plan, Blanks::erase, outcome, {}));
        return prove_region(link_, region, working);
    })));
    return std::min(outcome.written, region.size());
}

Result<std::uint64_t> Board::Session::prove() {
    // Of three, the first mends what a quick plan took for granted, the second what that undid.
    constexpr int rounds = 3;
    // The largest first: it is the likeliest to be rewritten, and whatever was proven before is
    // then to be proven anew.
    std::ranges::sort(written_, std::greater(),
                      [](const Written& one) { return one.region.size(); });
    const auto is_proven = [this](const Written& one) { return one.proven_after == writes_; };
    std::uint64_t rewritten = 0;
    for (int round = 0; !std::ranges::all_of(written_, is_proven); ++round) {
        for (Written& one : written_) {
            if (is_proven(one)) continue;
            if (round == rounds)
                return fail(ErrorKind::board, "verify_failed",
                            fmt::format("{} at {:#x} is undone whenever something else of the same "
                                        "run is written",
                                        one.region.label(), one.region.offset()),
                            "the flash chip may have less memory than its id tells, or a broken "
                            "address line: use another board");
            IMPRINT_TRY(const std::uint32_t more, prove_or_mend(one.region));
            rewritten += more;
            one.proven_after = writes_;
        }
    }
    // What was blank before may tell now.
    IMPRINT_CHECK(
        retry<void>("finding out the flash's size", tries, [this] { return settle_flash_size(); }));
    for (const Written& one : written_)
        IMPRINT_CHECK(guard().range(one.region.offset(), one.region.size()));
    written_.clear();  // a key may be among it
    return rewritten;
}

Result<Milliseconds> Board::Session::write_steps(const RegionPlan& plan, Blanks blanks,
                                                 WriteOutcome& outcome, const Progress& progress) {
    const FlashData& region = plan.region;
    if (!plan.ranges.empty()) ++writes_;
    outcome.written += plan.bytes_to_write();
    if (plan.all_used && blanks == Blanks::keep)
        return write_region(link_, *info_.chip, region, {blanks, largest_block_}, progress);
    Milliseconds working{0};
    std::uint64_t done = region.size() - plan.bytes_to_write();
    for (const FlashRange& range : plan.ranges) {
        log_.debug("{}: {} bytes at {:#x} differ", region.label(), range.size, range.offset);
        const Progress of_range = [&](std::uint64_t part, std::uint64_t /*of*/) {
            if (progress) progress(done + part, region.size());
        };
        const FlashData part = range.size == region.size()
                                   ? region
                                   : region.slice(range.offset - region.offset(), range.size);
        IMPRINT_TRY(working, write_region(link_, *info_.chip, part,
                                          {blanks, largest_block_, working}, of_range));
        done += range.size;
    }
    return working;
}

Result<RegionPlan> Board::Session::plan(const FlashData& region) {
    IMPRINT_CHECK(guard().range(region.offset(), region.size()));
    return search_region(region, [this](std::uint32_t offset, std::uint32_t size) {
        return flash_md5(offset, size);
    });
}

Result<Md5> Board::Session::flash_md5(std::uint32_t offset, std::uint32_t size) {
    IMPRINT_CHECK(guard().range(offset, size));
    return retry<Md5>(fmt::format("hashing flash at {:#x}", offset), tries,
                      [&] { return read_md5(link_, offset, size); });
}

Result<Bytes> Board::Session::read(std::uint32_t offset, std::uint32_t size,
                                   const Progress& progress) {
    IMPRINT_CHECK(guard().range(offset, size));
    if (size == 0) return Bytes{};
    return retry<Bytes>(fmt::format("reading flash at {:#x}", offset), tries,
                        [&] { return read_region(link_, offset, size, progress); });
}

Result<void> Board::Session::erase(std::uint32_t offset, std::uint32_t size) {
    IMPRINT_CHECK(guard().erase(offset, size));
    if (size == 0) return {};
    ++writes_;
    forget(offset, size);
    return as_write(
        retry<void>(fmt::format("erasing flash at {:#x}", offset), tries, [&]() -> Result<void> {
            IMPRINT_CHECK(erase_region(link_, *info_.chip, offset, size));
            return prove_blank(offset, size);
        }));
}

}  // namespace imprint::loader
