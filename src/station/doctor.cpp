#include "station/doctor.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>

#include "base/process.h"
#include "base/text.h"
#include "bays/ports.h"
#include "bays/stub.h"
#include "config/bays_file.h"
#include "config/config.h"
#include "ledger/sqlite_ledger.h"
#include "loader/stub.h"
#include "logins/access.h"
#include "prepare/cloud.h"
#include "prepare/credential_image.h"
#include "prepare/firmware.h"
#include "prepare/identity.h"
#include "prepare/own_files.h"
#include "prepare/shared_values.h"
#include "prepare/source.h"
#include "station/label_run.h"
#include "station/registry_access.h"
#include "transport/discovery.h"
#include "transport/port.h"
#include "transport/port_rivals.h"
#include "transport/port_watch.h"

namespace imprint::station {

namespace {

namespace fs = std::filesystem;

class Examination {
  public:
    Examination(const prepare::Settings& settings, Clock& clock, const Log& log,
                const std::stop_token& stop)
        : settings_(settings), clock_(clock), log_(log), stop_(stop) {}

    [[nodiscard]] std::vector<Check> all() {
        config();
        source();
        values();
        records();
        const auto firmware = this->firmware();
        stub(firmware);
        registry();
        ledger();
        labels();
        page();
        ports();
        return std::move(checks_);
    }

  private:
    using Facts = std::map<std::string, std::string>;

    void ok(const char* name, std::string found, Facts facts) {
        checks_.push_back(
            {.name = name, .found = std::move(found), .hint = {}, .facts = std::move(facts)});
    }

    void warn(const char* name, std::string found, std::string hint, Facts facts = {}) {
        checks_.push_back({.name = name,
                           .health = Health::warning,
                           .found = std::move(found),
                           .hint = std::move(hint),
                           .facts = std::move(facts)});
    }

    void failed(const char* name, const Error& error, Facts facts = {}) {
        checks_.push_back({.name = name,
                           .health = Health::failure,
                           .found = error.reason(),
                           .hint = error.shown_hint(),
                           .code = error.code,
                           .kind = error.kind,
                           .facts = std::move(facts)});
    }

    void config() {
        const std::string file = settings_.config.string();
        if (file.empty())
            warn("config", config::no_file_sentence(), std::string(config::no_file_hint));
        else
            ok("config", file, {{"path", file}});
    }

    void labels() {
        const auto& label = settings_.label;
        if (label.printer.empty() && label.sheet.items.empty()) return;
        if (const auto sheet = check_label(settings_, {}); !sheet) {
            failed("labels", sheet.error());
            return;
        }
        ok("labels",
           fmt::format("{:g} by {:g} mm, {}", label.sheet.width, label.sheet.height,
                       label.printer.empty() ? "not printed" : "printed at " + label.printer),
           {{"printer", label.printer}});
    }

    void page() {
        const auto access = logins::check_access(settings_.page, clock_.wall());
        if (!access) return failed("page", access.error());
        ok("page",
           fmt::format("{}, {}", settings_.page.listen,
                       access->gate.login_needed ? "with logins" : "without a login"),
           {{"listen", settings_.page.listen}});
        for (const auto& warning : access->warnings)
            warn("page", warning, "see docs/station.md");
    }

    // Where a bench looks for boards that come and go.
    void watched() {
        const auto& station = settings_.station;
        if (station.watch == "udev" || !station.ports.empty()) return;
        if (const auto watch = transport::watch_folder(station.watch, clock_); !watch)
            failed("watch", watch.error(), {{"path", station.watch}});
        else
            ok("watch", station.watch, {{"path", station.watch}});
    }

    void values() {
        if (const auto sound = prepare::check_shared_values(settings_.identity, {}); !sound)
            failed("values", sound.error());
        if (settings_.identity.thing_type == config::sample_thing_type)
            warn("values",
                 fmt::format("identity.thing_type is still \"{}\", as `imprint init` wrote it",
                             config::sample_thing_type),
                 "name your product's type, or set it to \"\"");
    }

    void records() {
        if (const auto kept = prepare::check_records(settings_); !kept)
            failed("records", kept.error());
        else
            ok("records", "ledger and keys are yours alone, and git does not take them along", {});
    }

    void source() {
        const auto& firmware = settings_.firmware;
        const std::string commit = prepare::source_commit(firmware.directory);
        if (!commit.empty()) {
            ok("source", fmt::format("{} at commit {}", firmware.directory.string(), commit),
               {{"path", firmware.directory.string()}, {"commit", commit}});
        } else if (firmware.update) {
            failed("source",
                   make_error(ErrorKind::config, "git_no_repository",
                              fmt::format("firmware.update is on, but {} is no git checkout",
                                          firmware.directory.string()),
                              "set firmware.update = false, or correct firmware.directory"));
        } else {
            ok("source", fmt::format("{} (not from git)", firmware.directory.string()),
               {{"path", firmware.directory.string()}, {"commit", ""}});
        }
        if (!firmware.build.empty()) build_line(firmware.build, firmware.directory);
    }

    // Each command of the line, by its first word; what a file read with "." brings along cannot be
    // known without reading it.
    void build_line(const std::string& line, const fs::path& directory) {
        std::string rest = line;
        bool has_environment = false;
        while (!rest.empty()) {
            const auto end = std::min({rest.find("&&"), rest.find(';'), rest.size()});
            const std::string command(trimmed(std::string_view(rest).substr(0, end)));
            rest.erase(0, std::min(end + (rest.compare(end, 2, "&&") == 0 ? 2U : 1U), rest.size()));
            if (command.empty()) continue;
            const std::string tool = command.substr(0, command.find(' '));
            const bool reads_a_file = tool == "." || tool == "source";
            if (has_environment && !reads_a_file) break;
            const std::string asked =
                reads_a_file ? "test -r" + command.substr(tool.size()) : "command -v \"$0\"";
            const auto found = run_command({{"sh", "-c", asked, tool}, directory, {}, {}});
            if (!found || found->status != 0)
                return warn("build",
                            fmt::format("the build line's \"{}\" is not found",
                                        reads_a_file ? command : tool),
                            "install it, or load its environment first (ESP-IDF: . export.sh)",
                            {{"command", line}});
            has_environment |= reads_a_file;
        }
        ok("build", line, {{"command", line}});
    }

    std::optional<prepare::Firmware> firmware() {
        auto loaded = prepare::load_firmware(settings_.firmware, settings_.credentials);
        if (!loaded) {
            failed("firmware", loaded.error());
            return std::nullopt;
        }
        const std::string revisions = loader::to_string(loader::common_revisions(loaded->images));
        ok("firmware",
           fmt::format("{} files for {} (revision {}, {} MB of flash), credentials into \"{}\" ({} "
                       "bytes at {:#x})",
                       loaded->files.size(), loaded->chip->name, revisions,
                       round_up(loaded->flash_size, 1U << 20) >> 20, loaded->credentials.name,
                       loaded->credentials.size, loaded->credentials.offset),
           {{"chip", std::string(loaded->chip->name)},
            {"revisions", revisions},
            {"files", std::to_string(loaded->files.size())},
            {"flash_size", std::to_string(loaded->flash_size)},
            {"credentials_partition", loaded->credentials.name},
            {"credentials_offset", std::to_string(loaded->credentials.offset)},
            {"credentials_size", std::to_string(loaded->credentials.size)},
            {"commit", loaded->commit},
            {"sha256", loaded->digest}});
        auto place =
            prepare::find_credential_place(*loaded, settings_.firmware, settings_.credentials);
        if (!place) {
            failed("image", place.error());
            return std::move(*loaded);
        }
        for (const auto* notes : {&loaded->notes, &place->notes})
            for (const auto& note : *notes)
                warn("firmware", note, "see docs/images.md and docs/flashing.md");
        place_.emplace(*std::move(place));
        return std::move(*loaded);
    }

    void stub(const std::optional<prepare::Firmware>& firmware) {
        if (!settings_.station.use_stub || !firmware) return;
        const fs::path folder = bays::stub_directory(settings_.station);
        const auto loaded = loader::load_stub(folder, firmware->chip->key);
        if (loaded)
            ok("stub", folder.string(), {{"path", folder.string()}});
        else
            warn("stub", loaded.error().message + "; the ROM loader will do the work, slower",
                 loaded.error().shown_hint());
    }

    void registry() {
        auto access = find_registry(settings_.registry, settings_.credentials.root_ca,
                                    aws::CredentialEnvironment::of_this_process(), clock_.wall(),
                                    log_, stop_);
        if (!access) return failed("credentials", access.error());
        const auto found = access->credentials.get();
        if (!found) return failed("credentials", found.error());
        const auto end =
            (*found)->expires ? ", until " + to_iso8601(*(*found)->expires) : std::string();
        ok("credentials",
           fmt::format("access key {} from {}{}, region {}", (*found)->access_key_id,
                       (*found)->source, end, access->options.region),
           {{"access_key_id", (*found)->access_key_id},
            {"source", (*found)->source},
            {"expires", (*found)->expires ? to_iso8601(*(*found)->expires) : ""},
            {"region", access->options.region}});
        const auto registry = open_registry(*access, clock_, log_);
        const auto cloud = prepare::look_at_cloud(*registry, access->root_ca, settings_);
        if (!cloud) return failed("registry", cloud.error());
        ok("registry",
           fmt::format("broker {}:{}, policy \"{}\"", cloud->endpoint, cloud->port,
                       settings_.identity.policy.name),
           {{"endpoint", cloud->endpoint},
            {"port", std::to_string(cloud->port)},
            {"policy", settings_.identity.policy.name}});
        for (const auto& note : cloud->notes)
            warn("registry", note, "see docs/registry.md and docs/policies.md");
        if (!place_) return;
        const auto form =
            prepare::make_credential_template(*place_, settings_.credentials, cloud->root_ca_pem);
        if (!form) return failed("image", form.error());
        for (const auto& note : form->notes)
            warn("image", note, "see docs/images.md");
        const prepare::DeviceFacts facts{
            std::string(128, 't'), std::string(12, 'm'), cloud->endpoint, cloud->port, {}};
        const auto size = identity_size();
        if (!size) return failed("authority", size.error());
        const auto fits = prepare::check_credentials_fit(*form, *size, facts);
        if (!fits) return failed("image", fits.error());
        ok("image", "the credentials fit their partition", {});
        for (const auto& warning : *fits)
            warn("image", warning, "see docs/images.md");
    }

    // Tries the owner's authority, where there is one.
    [[nodiscard]] Result<prepare::IdentitySize> identity_size() {
        const auto& identity = settings_.identity;
        if (identity.issue == prepare::Issue::minted) {
            IMPRINT_TRY(auto store, minted::MintedStore::open_existing(identity.minted));
            IMPRINT_TRY(const auto all, store.count());
            IMPRINT_TRY(const auto free, store.count_free());
            ok("identities",
               fmt::format("{} minted in {}, {} of them free", all, identity.minted.string(), free),
               {{"path", identity.minted.string()},
                {"minted", std::to_string(all)},
                {"free", std::to_string(free)}});
            return prepare::largest_identity(identity, nullptr, &store, {}, clock_.wall());
        }
        if (identity.issue != prepare::Issue::own_ca)
            return prepare::largest_identity(identity, nullptr, nullptr, {}, clock_.wall());
        IMPRINT_TRY(const auto authority, prepare::open_authority(identity.ca, clock_.wall()));
        ok("authority",
           fmt::format("{}, good until {}", identity.ca.certificate.string(),
                       to_iso8601(authority.expires())),
           {{"path", identity.ca.certificate.string()},
            {"expires", to_iso8601(authority.expires())}});
        return prepare::largest_identity(identity, &authority, nullptr, {}, clock_.wall());
    }

    void ledger() {
        const std::string path = settings_.ledger.path.string();
        if (const auto sound = ledger::check_ledger(path, {.log = log_}); !sound)
            failed("ledger", sound.error(), {{"path", path}});
        else
            ok("ledger", path, {{"path", path}});
    }

    // How many there are, and which of them `imprint station setup` has learnt.
    void named_bays() {
        const auto& station = settings_.station;
        const auto learnt = config::read_bays_file(station.bays_file);
        if (!learnt) return failed("bays", learnt.error());
        if (station.bays.empty()) return;
        const std::string file = station.bays_file.string();
        const auto count = std::to_string(station.bays.size());
        ok("bays",
           learnt->empty()
               ? fmt::format("{} have names, by station.bays", count)
               : fmt::format("{} have names, {} of them by {}", count, learnt->size(), file),
           {{"count", count}, {"learnt", std::to_string(learnt->size())}, {"path", file}});
    }

    void ports() {
        named_bays();
        watched();
        for (const auto& rival : transport::find_port_rivals())
            warn("port", rival.found, rival.hint, {{"program", rival.program}});
        const auto chosen = bays::choose_ports({}, settings_.station, transport::find_ports);
        if (!chosen && chosen.error().is("no_port"))
            return warn("ports", chosen.error().message, chosen.error().shown_hint());
        if (!chosen) return failed("ports", chosen.error());
        for (const auto& one : *chosen) {
            const auto port = transport::open_port(one.port);
            const Facts facts{{"port", one.port}, {"bay", one.bay}, {"usb_path", one.usb_path}};
            if (port)
                ok("port",
                   one.usb_path.empty() ? one.port
                                        : fmt::format("{}, at USB path {}", one.port, one.usb_path),
                   facts);
            else
                failed("port", port.error(), facts);
        }
        for (const auto& [name, place] : settings_.station.bays)
            if (std::ranges::none_of(*chosen, [&place](const auto& one) {
                    return one.port == place || one.usb_path == place;
                }))
                warn("ports", fmt::format("no port is at {}, where bay {} is", place, name),
                     "the lines \"port\" above have the USB paths that are there");
    }

    const prepare::Settings& settings_;
    Clock& clock_;
    const Log& log_;
    const std::stop_token& stop_;
    std::vector<Check> checks_;
    std::optional<prepare::CredentialPlace> place_;
};

}  // namespace

std::vector<Check> examine(const prepare::Settings& settings, Clock& clock, const Log& log,
                           const std::stop_token& stop) {
    return Examination(settings, clock, log, stop).all();
}

}  // namespace imprint::station
