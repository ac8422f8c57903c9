#include "bays/rate_memory.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/fd.h"
#include "base/files.h"

namespace imprint::bays {

namespace {

// 0 where there is none.
std::uint32_t number_of(const nlohmann::json& object, const char* key) {
    if (!object.is_object() || !object.contains(key)) return 0;
    const nlohmann::json& value = object[key];
    return value.is_number_unsigned() ? value.get<std::uint32_t>() : 0;
}

}  // namespace

RateMemory::RateMemory(std::filesystem::path file, Log log)
    : file_(std::move(file)), log_(std::move(log)) {}

RateChoice RateMemory::choose(const std::string& place, std::uint32_t wanted) {
    const bool climbs = wanted == 0;
    const RateChoice unknown = climbs ? RateChoice{first_rate, top_rate} : RateChoice{wanted, 0};
    if (file_.empty()) return unknown;
    const Lock lock(mutex_);
    const Entries entries = read();
    const auto found = entries.find(place);
    if (found == entries.end() || found->second.wanted != (climbs ? found_by_climbing : wanted))
        return unknown;
    const bool trial_due = found->second.boards >= boards_between_trials;
    if (climbs) return {std::min(found->second.rate, top_rate), trial_due ? top_rate : 0};
    return {trial_due ? wanted : std::min(found->second.rate, wanted), 0};
}

void RateMemory::proven(const std::string& place, std::uint32_t wanted, std::uint32_t reached) {
    if (file_.empty()) return;
    const Lock lock(mutex_);
    // The usual case: nothing was kept and there is nothing to keep.
    if (wanted != 0 && reached >= wanted && !read().contains(place)) return;
    std::error_code failed;
    // A pipe would wait for its reader.
    const auto there = std::filesystem::status(file_, failed);
    if (std::filesystem::exists(there) && !std::filesystem::is_regular_file(there))
        return warn(fmt::format("{} is no file", file_.string()));
    if (!file_.parent_path().empty())
        std::filesystem::create_directories(file_.parent_path(), failed);
    // Other processes of this station read, change and write the same file.
    const std::filesystem::path lock_path = file_.string() + ".lock";
    const Fd gate(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!gate || ::flock(gate.get(), LOCK_EX) != 0)
        return warn(fmt::format("{}: {}", lock_path.string(), std::strerror(errno)));
    update(place, wanted == 0 ? found_by_climbing : wanted, reached);
}

void RateMemory::update(const std::string& place, std::uint32_t wanted, std::uint32_t reached) {
    Entries entries = read();
    Entry& entry = entries[place];
    const bool tried = entry.wanted == wanted && entry.boards >= boards_between_trials;
    if (wanted != found_by_climbing && reached >= wanted)
        entries.erase(place);
    else if (entry.wanted == wanted && entry.rate == reached && !tried)
        ++entry.boards;
    else
        entry = {wanted, reached, 0};
    auto root = nlohmann::json::object();
    for (const auto& [name, one] : entries)
        root[name] = {{"wanted", one.wanted}, {"rate", one.rate}, {"boards", one.boards}};
    const auto written =
        write_file(file_, root.dump(2) + "\n", FileMode::ordinary, Durability::cached);
    if (!written) warn(written.error().describe());
}

RateMemory::Entries RateMemory::read() {
    Entries entries;
    std::error_code failed;
    if (!std::filesystem::exists(file_, failed)) return entries;
    const auto text = read_text(file_);
    const auto root = text ? nlohmann::json::parse(*text, nullptr, false) : nlohmann::json(nullptr);
    if (!root.is_object()) {
        warn(fmt::format("{} is damaged", file_.string()));
        return entries;
    }
    for (auto one = root.begin(); one != root.end(); ++one) {
        const Entry entry{number_of(*one, "wanted"), number_of(*one, "rate"),
                          number_of(*one, "boards")};
        if (entry.wanted != 0 && entry.rate != 0) entries[one.key()] = entry;
    }
    return entries;
}

void RateMemory::warn(const std::string& what) {
    if (std::exchange(warned_, true)) return;
    log_.warning("the rates of the bays are not remembered: {}", what);
}

}  // namespace imprint::bays
