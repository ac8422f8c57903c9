#include "station/preflight.h"

#include <fmt/format.h>
#include <utility>

#include "base/files.h"
#include "ledger/serial_template.h"
#include "ledger/sqlite_ledger.h"
#include "prepare/identity.h"
#include "prepare/lot_rules.h"
#include "prepare/own_files.h"
#include "prepare/shared_values.h"
#include "prepare/source.h"

namespace imprint::station {

namespace {

class Preflight {
  public:
    Preflight(const prepare::Settings& settings, const RunOptions& options,
              const PreflightTools& tools)
        : settings_(settings), options_(options), tools_(tools) {}

    struct Scope {
        bool bays = false;  // those that have boards now
        bool made = true;   // the firmware is updated and built first, as the settings say
    };

    [[nodiscard]] Result<Ready> all(const Scope& scope) {
        IMPRINT_CHECK(prepare::check_shared_values(settings_.identity, options_.lot));
        IMPRINT_CHECK(prepare::check_records(settings_));
        IMPRINT_CHECK(ledger::check_ledger(settings_.ledger.path, {.log = tools_.log}));
        IMPRINT_CHECK(find_lot());
        if (scope.bays) IMPRINT_CHECK(find_bays());
        IMPRINT_CHECK(prepare::check_build_line(settings_));
        if (scope.made && !options_.dry_run) IMPRINT_CHECK(make_firmware());
        IMPRINT_TRY(const auto place, load_firmware());
        if (!options_.rotate) IMPRINT_CHECK(rules_.check_firmware(ready_.firmware.digest));
        IMPRINT_CHECK(open_authority());
        IMPRINT_CHECK(reach_cloud());
        IMPRINT_CHECK(fit_credentials(place));
        return Ready{std::move(bays_), std::move(ready_)};
    }

  private:
    void tell(events::Body body) const {
        tools_.events({tools_.clock.wall(), {}, {}, std::move(body)});
    }

    void tell_notes(const std::vector<std::string>& notes) const {
        for (const auto& text : notes)
            tell(events::Note{.text = text});
    }

    [[nodiscard]] Result<void> find_lot() {
        ready_.lot = options_.lot;
        if (options_.lot.empty() || !tools_.surroundings.find_lot) return {};
        IMPRINT_TRY(auto found, tools_.surroundings.find_lot(options_.lot));
        if (!found) return {};
        ready_.lot = found->facts.name;
        IMPRINT_CHECK(prepare::check_shared_values(settings_.identity, ready_.lot));
        has_serials_ = !found->facts.serial_template.empty();
        rules_ = prepare::LotRules(std::move(found));
        // A rotation gives boards of any lot another identity: that makes none.
        if (options_.rotate) return {};
        IMPRINT_CHECK(rules_.check_open());
        return check_serials();
    }

    // As any board's will be.
    [[nodiscard]] Result<void> check_serials() const {
        if (!has_serials_) return {};
        const std::string serial = ledger::fill_in_serial(
            rules_.lot()->facts.serial_template,
            {.number = 1, .time = tools_.clock.wall(), .lot = ready_.lot, .mac = {}});
        auto fits = prepare::check_serial_value(settings_.identity, serial);
        if (!fits) fits.error().kind = ErrorKind::usage;
        return fits;
    }

    [[nodiscard]] Result<void> find_bays() {
        IMPRINT_TRY(const auto ports,
                    bays::choose_ports({options_.ports, options_.all}, settings_.station,
                                       tools_.surroundings.find_ports));
        std::optional<Error> first;
        bool any = false;
        for (const auto& one : ports) {
            auto bay = make_ready_bay(one, settings_, tools_);
            any |= bay.port != nullptr;
            if (bay.error && !first) first = bay.error;
            bays_.push_back(std::move(bay));
        }
        if (!any && first) return std::unexpected(*std::move(first));
        return {};
    }

    [[nodiscard]] Result<void> make_firmware() {
        if (settings_.firmware.update) IMPRINT_CHECK(update_source());
        return prepare::build_source(
            settings_.firmware,
            [this](std::string_view line) { tools_.log.debug("build: {}", line); }, tools_.stop);
    }

    [[nodiscard]] Result<void> update_source() {
        const auto config = [this] { return read_text(settings_.config).value_or(""); };
        const std::string before = config();
        IMPRINT_TRY(const auto update,
                    prepare::update_source(settings_.firmware.directory,
                                           prepare::own_paths(settings_), tools_.stop));
        tell(events::FirmwareUpdate{.from = update.from,
                                    .to = update.to,
                                    .commits = update.commits,
                                    .stash = update.stash});
        // Half of a run by the one and half by the other is what nobody wants.
        if (config() != before)
            return fail(ErrorKind::config, "config_changed",
                        fmt::format("the update from git brought another {}, and this run had "
                                    "read the one before",
                                    settings_.config.string()),
                        "run again");
        return {};
    }

    [[nodiscard]] Result<prepare::CredentialPlace> load_firmware() {
        const auto& settings = settings_.firmware;
        ready_.firmware_read = std::filesystem::file_time_type::clock::now();
        IMPRINT_TRY(ready_.firmware, prepare::load_firmware(settings, settings_.credentials));
        const auto& firmware = ready_.firmware;
        IMPRINT_TRY(auto place,
                    prepare::find_credential_place(firmware, settings, settings_.credentials));
        tell_notes(firmware.notes);
        tell_notes(place.notes);
        std::vector<std::string> files;
        std::vector<events::FileFacts> file_list;
        for (const auto& file : firmware.files) {
            files.push_back(fmt::format("{:#x} {} ({} bytes, SHA-256 {})", file.offset,
                                        file.path.string(), file.size, file.sha256));
            file_list.push_back({file.path.string(), file.offset, file.size, file.sha256});
        }
        tell(events::FirmwareReady{.commit = firmware.commit,
                                   .chip = std::string(firmware.chip->name),
                                   .files = std::move(files),
                                   .file_list = std::move(file_list)});
        return place;
    }

    [[nodiscard]] Result<void> open_authority() {
        const auto& identity = settings_.identity;
        if (!identity.is_of_own_authority()) {
            if (settings_.registry.offline == prepare::Offline::never) return {};
            return fail(ErrorKind::config, "offline_needs_own_ca",
                        "without the registry, nobody issues the boards' certificates",
                        "set identity.issue = \"own-ca\" or \"minted\", or registry.offline = "
                        "\"never\"");
        }
        const WallTime now = tools_.clock.wall();
        IMPRINT_TRY(ready_.ca_pem, prepare::shown_authority(identity, now));
        if (identity.issue == prepare::Issue::minted) {
            if (options_.rotate) IMPRINT_CHECK(prepare::check_rotatable(identity));
            IMPRINT_TRY(auto store, minted::MintedStore::open_existing(identity.minted));
            ready_.minted.emplace(std::move(store));
            return {};
        }
        IMPRINT_TRY(auto opened, prepare::open_authority(identity.ca, now));
        ready_.authority.emplace(std::move(opened));
        return {};
    }

    [[nodiscard]] Result<void> reach_cloud() {
        IMPRINT_CHECK(ask_or_do_without());
        tell_notes(ready_.cloud.notes);
        if (options_.rotate && !ready_.registry)
            return fail(ErrorKind::usage, "bad_usage", "an identity is not rotated offline",
                        "run it where the registry can be reached");
        return {};
    }

    [[nodiscard]] Result<void> ask_or_do_without() {
        using prepare::Offline;
        const Offline offline = settings_.registry.offline;
        if (offline != Offline::always) {
            auto reached = ask_cloud();
            if (reached || offline == Offline::never || !registry::is_out_of_reach(reached.error()))
                return reached;
            tools_.log.warning("{}", reached.error().describe());
            ready_.registry.reset();
        }
        IMPRINT_TRY(ready_.cloud, prepare::facts_offline(settings_, tools_.clock.wall()));
        return {};
    }

    [[nodiscard]] Result<void> ask_cloud() {
        IMPRINT_TRY(auto reached, tools_.surroundings.reach_registry());
        ready_.registry = std::move(reached.registry);
        IMPRINT_TRY(ready_.cloud,
                    prepare::look_at_cloud(*ready_.registry, reached.root_ca, settings_));
        return {};
    }

    // The largest identity that this run can come to has room in its partition.
    [[nodiscard]] Result<void> fit_credentials(const prepare::CredentialPlace& place) {
        const auto& cloud = ready_.cloud;
        IMPRINT_TRY(ready_.credentials, prepare::make_credential_template(
                                            place, settings_.credentials, cloud.root_ca_pem));
        tell_notes(ready_.credentials.notes);
        IMPRINT_TRY(const auto size,
                    prepare::largest_identity(settings_.identity,
                                              ready_.authority ? &*ready_.authority : nullptr,
                                              ready_.minted ? &*ready_.minted : nullptr, ready_.lot,
                                              tools_.clock.wall()));
        const prepare::DeviceFacts facts{
            std::string(128, 't'),
            std::string(12, 'm'),
            cloud.endpoint,
            cloud.port,
            ready_.lot,
            std::string(has_serials_ ? ledger::longest_serial : 0, 's')};
        IMPRINT_TRY(const auto warnings,
                    prepare::check_credentials_fit(ready_.credentials, size, facts));
        tell_notes(warnings);
        return {};
    }

    const prepare::Settings& settings_;
    const RunOptions& options_;
    const PreflightTools& tools_;
    std::vector<ReadyBay> bays_;
    SharedByBoards ready_;
    prepare::LotRules rules_;
    bool has_serials_ = false;  // a template of them
};

}  // namespace

Result<Ready> make_ready(const prepare::Settings& settings, const RunOptions& options,
                         const PreflightTools& tools) {
    return Preflight(settings, options, tools).all({.bays = true});
}

Result<SharedByBoards> make_shared_ready(const prepare::Settings& settings,
                                         const RunOptions& options, const PreflightTools& tools,
                                         bool made) {
    IMPRINT_TRY(auto ready, Preflight(settings, options, tools).all({.made = made}));
    return std::move(ready.shared);
}

ReadyBay make_ready_bay(const bays::BayPort& port, const prepare::Settings& settings,
                        const PreflightTools& tools) {
    const auto rate = tools.rates.choose(port.place, settings.station.baud);
    ReadyBay bay{
        {port.bay, port.port, rate.rate, rate.climb_to}, port.place, nullptr, std::nullopt};
    auto opened = tools.surroundings.open_port(port.port);
    if (opened)
        bay.port = std::move(*opened);
    else
        bay.error = std::move(opened).error();
    return bay;
}

}  // namespace imprint::station
