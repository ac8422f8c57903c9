#include "support/bug_report.h"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/version.h"
#include "events/event.h"
#include "events/json.h"
#include "ledger/sqlite_ledger.h"
#include "ledger/sqlite_state.h"
#include "support/known_secrets.h"
#include "support/ledger_extract.h"
#include "support/machine_facts.h"
#include "support/pseudonyms.h"
#include "support/scrub.h"

namespace imprint::support {

namespace {

using Json = nlohmann::ordered_json;

// As `doctor --json` tells of them.
Json checks_json(const std::vector<station::Check>& checks, WallTime now) {
    Json all = Json::array();
    for (const auto& check : checks) {
        const events::Event event{.time = now,
                                  .body = events::Check{.name = check.name,
                                                        .health = check.health,
                                                        .found = check.found,
                                                        .hint = check.hint,
                                                        .code = check.code,
                                                        .facts = check.facts}};
        all.push_back(Json::parse(events::to_json(event)));
    }
    return all;
}

Json configuration_json(const config::Config& config) {
    Json all = Json::array();
    for (const auto& value : config.values)
        all.push_back({{"key", value.key}, {"value", value.value}, {"origin", value.origin}});
    return all;
}

// The first word of each line of the file: logins/users.h.
void add_users(const std::filesystem::path& file, Pseudonyms& names) {
    if (file.empty()) return;
    std::istringstream lines(read_text(file).value_or(""));
    for (std::string line; std::getline(lines, line);)
        if (!line.starts_with('#')) names.add("operator", line.substr(0, line.find(' ')));
}

// Of each URL in a setting: a terminal server, a git server, a registry.
void add_hosts(const std::string& text, Pseudonyms& names) {
    constexpr std::string_view mark = "://";
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
        at += mark.size();
        const std::size_t end = std::min(text.find_first_of("/?# \t\"',<>", at), text.size());
        std::string host = text.substr(at, end - at);
        if (const auto user = host.rfind('@'); user != std::string::npos) host.erase(0, user + 1);
        host.resize(std::min(host.find(':'), host.size()));
        // AWS's own names tell of nobody, and of a region, which explains much.
        if (host != "localhost" && !host.ends_with(".amazonaws.com")) names.add("host", host);
    }
}

void add_names(const ReportSources& sources, Pseudonyms& names) {
    const auto& settings = sources.config.settings;
    for (const auto& value : sources.config.values)
        add_hosts(value.value, names);
    names.add("station", settings.station.name);
    names.add("operator", settings.station.operator_name);
    const std::string& endpoint = settings.registry.data_endpoint;  // host[:port]
    names.add("endpoint", endpoint.substr(0, endpoint.find(':')));
    add_users(settings.page.users, names);
    names.add("profile", settings.registry.profile);
    // Of whoever has called sudo.
    for (const auto& variable : sources.variables)
        for (const std::string_view name : {"SUDO_USER=", "LOGNAME="})
            if (variable.starts_with(name) && variable != std::string(name) + "root")
                names.add("user", variable.substr(name.size()));
}

class Collection {
  public:
    Collection(Scrubber scrubber, bool redact) : scrubber_(std::move(scrubber)), redact_(redact) {}

    void add(const char* name, const char* meaning, Json json) {
        parts_.push_back({name, meaning, std::move(json), true});
    }

    void add_text(const char* name, const char* meaning, std::string text) {
        parts_.push_back({name, meaning, Json(std::move(text)), false});
    }

    void missing(std::string sentence) { missing_.push_back(std::move(sentence)); }

    Pseudonyms& names() { return names_; }

    // Last: only now all names are known.
    std::vector<PackedFile> finish(WallTime now) {
        std::vector<PackedFile> files;
        for (const auto& part : parts_)
            names_.learn(part.content);
        for (auto& part : parts_) {
            treat(part.content);
            files.push_back({part.name, text_of_part(part), part.meaning});
        }
        files.insert(files.begin(), {"contents.txt", contents(files, now), "what is in here"});
        return files;
    }

  private:
    struct Part {
        std::string name;
        std::string meaning;
        Json content;
        bool is_json = true;
    };

    void treat(Json& content) {
        scrubber_.clean(content);
        if (redact_) names_.replace(content);
    }

    static std::string text_of_part(const Part& part) {
        if (!part.is_json) return part.content.get<std::string>();
        // A file's name, or what a device calls itself, need not be UTF-8.
        return part.content.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
    }

    std::string contents(const std::vector<PackedFile>& files, WallTime now) {
        std::string text = fmt::format(
            "A report of Imprint {} of {}.\n\n"
            "Look at it before you send it. Keys and passwords are removed where they were "
            "recognised: there is {} in their place.\n{}\n\n",
            version, to_iso8601(now), removed,
            redact_ ? "Boards, things, people and places have other names in it."
                    : "It names boards' MAC addresses, things, this computer and its folders; "
                      "`imprint report --redact` gives these other names.");
        for (const auto& file : files)
            text += fmt::format("{:<20}{}\n", file.name, file.meaning);
        for (const auto& sentence : missing_) {
            Json cleaned = sentence;
            treat(cleaned);
            text += fmt::format("\nnot in it: {}\n", cleaned.get<std::string>());
        }
        return text;
    }

    Scrubber scrubber_;
    bool redact_;
    Pseudonyms names_;
    std::vector<Part> parts_;
    std::vector<std::string> missing_;
};

void add_ledger(const ReportSources& sources, std::size_t runs, Collection& collection) {
    const auto& path = sources.config.settings.ledger.path;
    std::error_code error;
    if (!std::filesystem::exists(path, error))
        return collection.missing(fmt::format("the ledger: there is none at {}", path.string()));
    collection.add("ledger.json", "the ledger's version and size, and whether it is sound",
                   ledger_state(path));
    const auto reports = ledger::open_reports(
        path, sources.clock,
        ledger::OpenOptions{.patience = ledger_patience, .untouched = ledger::lies_alone(path)});
    if (!reports) return collection.missing("the ledger's runs: " + reports.error().describe());
    auto last = last_runs(**reports, runs, collection.names());
    if (!last) return collection.missing("the ledger's runs: " + last.error().describe());
    collection.add("runs.json", "the ledger's last runs, with attempts, errors and effects",
                   *std::move(last));
}

}  // namespace

std::vector<PackedFile> make_report(const ReportSources& sources, const ReportOptions& options) {
    const auto& machine = sources.machine;
    Collection collection(Scrubber(known_secrets(sources.config, sources.variables)),
                          options.redact);
    const WallTime now = sources.clock.wall();
    add_names(sources, collection.names());
    if (!sources.config_error.empty())
        collection.missing("the configuration, in whose place the defaults are: " +
                           sources.config_error);
    collection.add("program.json", "Imprint's version, and the libraries it runs with",
                   program_facts(machine));
    collection.add("doctor.json", "what `imprint doctor` says, without the network",
                   checks_json(sources.checks, now));
    collection.add("configuration.json", "each setting, and where it came from",
                   configuration_json(sources.config));
    collection.add("environment.json", "the names of variables for Imprint and AWS",
                   variable_names(sources.variables));
    collection.add("system.json", "system, kernel, memory",
                   system_facts(machine, collection.names()));
    collection.add("devices.json", "serial ports and USB devices",
                   device_facts(machine, collection.names()));
    add_ledger(sources, options.runs, collection);
    if (auto journal = journal_of_service(machine))
        collection.add_text("journal.txt", "the last lines of the station's service",
                            *std::move(journal));
    else
        collection.missing("the service's journal: there is none, or this user may not read it");
    return collection.finish(now);
}

Result<void> check_target(const std::filesystem::path& path) {
    if (path == "/dev/stdout") return {};
    std::error_code error;
    const auto type = std::filesystem::status(path, error).type();
    if (type == std::filesystem::file_type::not_found) return {};
    if (type != std::filesystem::file_type::regular)
        return fail(
            ErrorKind::usage, "bad_usage",
            fmt::format("{} is no file, and a report is to be written there", path.string()),
            "name a file that is not there yet");
    // RFC 1952, 2.3.1.
    std::ifstream file(path, std::ios::binary);
    std::string begin(2, '\0');
    file.read(begin.data(), 2);
    if (file.gcount() == 0 && file.eof()) return {};
    if (file.gcount() == 2 && begin == "\x1f\x8b") return {};
    return fail(ErrorKind::usage, "bad_usage",
                fmt::format("{} is there already, and is no report", path.string()),
                "name another file, or move that one away");
}

std::string report_name(WallTime now) {
    // "2026-11-30T16:15:00.000Z"
    std::string time = to_iso8601(now).substr(0, 19);
    std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
    return "imprint-report-" + time + "Z";
}

}  // namespace imprint::support
