#include "prepare/lot_words.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <optional>

#include "base/nearest.h"
#include "base/text.h"
#include "image_tool/commands.h"
#include "ledger/serial_template.h"
#include "loader/chip.h"
#include "prepare/firmware.h"
#include "prepare/shared_values.h"

namespace imprint::prepare {

namespace {

std::unexpected<Error> bad(const std::string& option, const std::string& text,
                           const std::string& hint) {
    return fail(ErrorKind::usage, "bad_usage", fmt::format("{} \"{}\"", option, text), hint);
}

// What a bench takes for a command when it is scanned (station/scan.cpp), and what a browser makes
// of a path of the page.
Result<void> check_scannable(const std::string& option, const std::string& text) {
    constexpr std::array<std::string_view, 8> taken{"start", "again", "stop", "off",
                                                    "on",    "lot",   ".",    ".."};
    if (std::ranges::find(taken, text) == taken.end()) return {};
    return bad(option, text,
               text.starts_with(".") ? "a lot's name is a part of an address: choose another word"
                                     : "that is a command at the bench: choose another word");
}

Result<std::int64_t> read_count(const std::string& option, const std::string& text,
                                std::int64_t least) {
    constexpr std::int64_t most = 100'000'000;
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    if (read.ec != std::errc() || read.ptr != end || number < least || number > most)
        return bad(option, text, fmt::format("write a whole number from {} to {}", least, most));
    return number;
}

Result<std::string> read_chip(const std::string& text) {
    if (text == "any") return std::string();
    std::string key = lower_case(text);
    std::erase(key, '-');
    if (loader::chip_by_key(key) != nullptr) return key;
    std::vector<std::string> known;
    for (const auto& chip : loader::chips())
        known.emplace_back(chip.key);
    return bad(
        "--chip", text,
        fmt::format("did you mean {}? \"any\" allows all", nearest(key, known).value_or("")));
}

// "v3.1" or "3.1", as `board info` shows it.
Result<std::optional<std::uint32_t>> read_revision(const std::string& option,
                                                   const std::string& text) {
    if (text == "any") return std::optional<std::uint32_t>{};
    const char* at = text.data();
    const char* const end = at + text.size();
    if (at != end && *at == 'v') ++at;
    unsigned major = 0;
    unsigned minor = 0;
    auto read = std::from_chars(at, end, major);
    if (read.ec == std::errc() && read.ptr != end && *read.ptr == '.') {
        read = std::from_chars(read.ptr + 1, end, minor);
        if (read.ec == std::errc() && read.ptr == end && major < 100 && minor < 100)
            return std::optional(major * 100 + minor);
    }
    return bad(option, text,
               "write a chip's revision as imprint board info shows it: v3.1; or any");
}

Result<std::string> read_firmware(const std::string& text) {
    if (text == "any") return std::string();
    std::string digest = lower_case(text);
    const bool is_hex = std::ranges::all_of(
        digest, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
    if (digest.size() == 64 && is_hex) return digest;
    return bad("--allow-firmware", text,
               "write the 64 hex digits that imprint ledger show gives of a board's firmware, "
               "\"this\" for the build of this project, or any");
}

Result<void> put_limits(const LotWords& words, ledger::LotLimits& limits) {
    if (!words.chip.empty()) {
        IMPRINT_TRY(limits.chip, read_chip(words.chip));
    }
    if (!words.least_revision.empty()) {
        IMPRINT_TRY(limits.least_revision, read_revision("--revision-from", words.least_revision));
    }
    if (!words.most_revision.empty()) {
        IMPRINT_TRY(limits.most_revision, read_revision("--revision-to", words.most_revision));
    }
    if (limits.least_revision && limits.most_revision &&
        *limits.least_revision > *limits.most_revision)
        return fail(ErrorKind::usage, "bad_usage",
                    "no revision is from the one and to the other: they are the wrong way round",
                    "--revision-from is the earlier one");
    if (words.flash_size == "any")
        limits.flash_size = 0;
    else if (!words.flash_size.empty()) {
        IMPRINT_TRY(limits.flash_size, image_tool::parse_size(words.flash_size));
    }
    if (!words.firmware.empty()) {
        IMPRINT_TRY(limits.firmware, read_firmware(words.firmware));
    }
    return {};
}

Result<void> put_serials(const LotWords& words, ledger::LotFacts& facts) {
    if (!words.serial.empty()) facts.serial_template = words.serial == "none" ? "" : words.serial;
    if (const std::string fault = record_name_fault(facts.serial_template); !fault.empty())
        return bad("--serial", facts.serial_template, fault);
    if (!facts.serial_template.empty())
        IMPRINT_CHECK(ledger::check_serial_template(facts.serial_template, facts.name));
    if (!words.first_number.empty()) {
        IMPRINT_TRY(facts.first_number, read_count("--first-number", words.first_number, 1));
    }
    if (!words.failed_serial.empty())
        facts.failed_serial =
            words.failed_serial == "free" ? ledger::FailedSerial::free : ledger::FailedSerial::keep;
    return {};
}

}  // namespace

Result<ledger::LotFacts> LotWords::over(ledger::LotFacts facts) const {
    if (!name.empty()) facts.name = name;
    if (!code.empty()) facts.code = code;
    IMPRINT_CHECK(check_scannable("the lot's name", facts.name));
    IMPRINT_CHECK(check_scannable("--code", facts.code));
    if (const std::string fault = record_name_fault(facts.code); !fault.empty())
        return bad("--code", facts.code, fault);
    if (!target.empty()) {
        IMPRINT_TRY(facts.target, read_count("--target", target, 0));
    }
    IMPRINT_CHECK(put_limits(*this, facts.limits));
    IMPRINT_CHECK(put_serials(*this, facts));
    if (no_golden) facts.golden.clear();
    for (const std::string& text : golden) {
        IMPRINT_TRY(const MacAddress mac, read_mac(text));
        facts.golden.insert(mac);
    }
    return facts;
}

Result<ledger::LotFacts> read_lot_words(LotWords words, const ledger::LotFacts& before,
                                        const Settings& settings) {
    IMPRINT_CHECK(check_shared_values(settings.identity, words.name));
    if (words.firmware == "this") {
        IMPRINT_TRY(const auto firmware, load_firmware(settings.firmware, settings.credentials));
        words.firmware = firmware.digest;
    }
    return words.over(before);
}

}  // namespace imprint::prepare
