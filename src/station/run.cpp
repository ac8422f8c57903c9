#include "station/run.h"

#include <algorithm>
#include <atomic>
#include <fmt/format.h>
#include <functional>
#include <map>
#include <memory>
#include <thread>
#include <utility>

#include "base/digest.h"
#include "base/files.h"
#include "base/threads.h"
#include "base/version.h"
#include "bays/ports.h"
#include "bays/rate_memory.h"
#include "bays/stub.h"
#include "ledger/effect_log.h"
#include "ledger/sqlite_ledger.h"
#include "prepare/board_job.h"
#include "prepare/cloud.h"
#include "prepare/firmware.h"
#include "prepare/own_files.h"
#include "prepare/proof.h"
#include "prepare/shared_values.h"
#include "prepare/source.h"
#include "station/registry_access.h"
#include "transport/discovery.h"

namespace imprint::station {

namespace {

class Run {
  public:
    Run(const prepare::Settings& settings, const RunOptions& options, Clock& clock,
        const events::EventSink& events, Log log, std::stop_token stop)
        : settings_(settings),
          options_(options),
          clock_(clock),
          events_(events),
          log_(std::move(log)),
          stop_(std::move(stop)),
          rates_(settings.station.rates, log_) {}

    [[nodiscard]] Result<RunSummary> go() {
        const Instant started = clock_.now();
        IMPRINT_CHECK(prepare::check_shared_values(settings_.identity, options_.lot));
        IMPRINT_CHECK(prepare::check_records(settings_));
        IMPRINT_CHECK(find_bays());
        IMPRINT_CHECK(ready_firmware());
        IMPRINT_CHECK(ready_cloud());
        if (options_.dry_run) {
            tell_plan();
            return RunSummary{};
        }
        IMPRINT_TRY(ledger_, ledger::open_ledger(settings_.ledger.path, clock_, {.log = log_}));
        IMPRINT_TRY(const ledger::RunId run, ledger_->begin_run(run_facts()));
        if (auto ready = ensure_cloud(run); !ready) {
            static_cast<void>(ledger_->end_run(run, 0, 0));
            return std::unexpected(std::move(ready).error());
        }
        tell(events::RunStarted{.version = std::string(version),
                                .boards = bays_.size(),
                                .lot = options_.lot,
                                .endpoint = cloud_->endpoint,
                                .firmware_commit = firmware_->commit});
        IMPRINT_TRY(const RunSummary summary, prepare_all(run));
        IMPRINT_CHECK(ledger_->end_run(run, summary.passed, summary.failed));
        const std::chrono::duration<double> took = clock_.now() - started;
        tell(events::RunFinished{
            .passed = summary.passed, .failed = summary.failed, .seconds = took.count()});
        return summary;
    }

  private:
    void tell(events::Body body) const { events_({clock_.wall(), {}, {}, std::move(body)}); }

    [[nodiscard]] ledger::RunFacts run_facts() const {
        ledger::RunFacts facts{.version = std::string(version),
                               .lot = options_.lot,
                               .endpoint = cloud_->endpoint,
                               .firmware = firmware_->digest,
                               .firmware_commit = firmware_->commit,
                               .app_name = firmware_->app.name,
                               .app_version = firmware_->app.version,
                               .app_elf_sha256 = firmware_->app.elf_sha256};
        for (const auto& file : firmware_->files)
            facts.files.push_back({file.path.string(), file.offset, file.size, file.sha256});
        // Packed anew with each board's identity; what went in is known by this.
        for (const auto& image : firmware_->own_images)
            facts.files.push_back({image.path.string(), image.offset,
                                   static_cast<std::uint32_t>(image.content.size()),
                                   to_hex(sha256(image.content))});
        return facts;
    }

    void note(const std::string& text) const { tell(events::Note{.text = text}); }

    [[nodiscard]] Result<void> find_bays() {
        IMPRINT_TRY(const auto ports, bays::choose_ports({options_.ports, options_.all},
                                                         settings_.station, transport::find_ports));
        for (const auto& one : ports) {
            places_.push_back(one.place);
            bays_.push_back(
                {one.bay, one.port, rates_.rate_for(one.place, settings_.station.baud)});
        }
        // A port that cannot be opened now is told before anything else is done.
        for (const auto& bay : bays_) {
            IMPRINT_TRY(auto port, transport::open_port(bay.port));
            ports_.push_back(std::move(port));
        }
        return {};
    }

    [[nodiscard]] Result<void> update_source() {
        const auto config = [this] { return read_text(settings_.config).value_or(""); };
        const std::string before = config();
        IMPRINT_TRY(const auto update,
                    prepare::update_source(settings_.firmware.directory,
                                           prepare::own_paths(settings_), stop_));
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

    [[nodiscard]] Result<void> ready_firmware() {
        const auto& firmware = settings_.firmware;
        IMPRINT_CHECK(prepare::check_build_line(settings_));
        if (firmware.update && !options_.dry_run) IMPRINT_CHECK(update_source());
        if (!options_.dry_run) {
            IMPRINT_CHECK(prepare::build_source(
                firmware, [this](std::string_view line) { log_.debug("build: {}", line); }, stop_));
        }
        IMPRINT_TRY(auto loaded, prepare::load_firmware(firmware, settings_.credentials.partition));
        firmware_.emplace(std::move(loaded));
        IMPRINT_TRY(auto place, prepare::find_credential_place(*firmware_, firmware,
                                                               settings_.credentials.spiffs));
        place_.emplace(std::move(place));
        for (const auto* notes : {&firmware_->notes, &place_->notes})
            for (const auto& text : *notes)
                note(text);
        std::vector<std::string> files;
        std::vector<events::FileFacts> file_list;
        for (const auto& file : firmware_->files) {
            files.push_back(fmt::format("{:#x} {} ({} bytes, SHA-256 {})", file.offset,
                                        file.path.string(), file.size, file.sha256));
            file_list.push_back({file.path.string(), file.offset, file.size, file.sha256});
        }
        tell(events::FirmwareReady{.commit = firmware_->commit,
                                   .chip = std::string(firmware_->chip->name),
                                   .files = std::move(files),
                                   .file_list = std::move(file_list)});
        return {};
    }

    [[nodiscard]] Result<void> ready_cloud() {
        IMPRINT_CHECK(open_authority());
        IMPRINT_CHECK(reach_cloud());
        for (const auto& text : cloud_->notes)
            note(text);
        if (options_.rotate && !registry_)
            return fail(ErrorKind::usage, "bad_usage", "an identity is not rotated offline",
                        "run it where the registry can be reached");
        IMPRINT_TRY(auto form, prepare::make_credential_template(*place_, settings_.credentials,
                                                                 cloud_->root_ca_pem));
        form_.emplace(std::move(form));
        for (const auto& text : form_->notes)
            note(text);
        IMPRINT_TRY(const auto size,
                    prepare::largest_identity(settings_.identity, authority(), minted(),
                                              options_.lot, clock_.wall()));
        const prepare::DeviceFacts facts{std::string(128, 't'), std::string(12, 'm'),
                                         cloud_->endpoint, cloud_->port, options_.lot};
        IMPRINT_TRY(const auto warnings, prepare::check_credentials_fit(*form_, size, facts));
        for (const auto& text : warnings)
            note(text);
        return {};
    }

    [[nodiscard]] const pki::DeviceAuthority* authority() const {
        return authority_ ? &*authority_ : nullptr;
    }

    [[nodiscard]] minted::Store* minted() { return minted_ ? &*minted_ : nullptr; }

    [[nodiscard]] Result<void> open_authority() {
        const auto& identity = settings_.identity;
        if (!identity.is_of_own_authority()) {
            if (settings_.registry.offline == prepare::Offline::never) return {};
            return fail(ErrorKind::config, "offline_needs_own_ca",
                        "without the registry, nobody issues the boards' certificates",
                        "set identity.issue = \"own-ca\" or \"minted\", or registry.offline = "
                        "\"never\"");
        }
        IMPRINT_TRY(ca_pem_, prepare::shown_authority(identity, clock_.wall()));
        if (identity.issue == prepare::Issue::minted) {
            if (options_.rotate) IMPRINT_CHECK(prepare::check_rotatable(identity));
            IMPRINT_TRY(auto store, minted::Store::open_existing(identity.minted));
            minted_.emplace(std::move(store));
            return {};
        }
        IMPRINT_TRY(auto opened, prepare::open_authority(identity.ca, clock_.wall()));
        authority_.emplace(std::move(opened));
        return {};
    }

    [[nodiscard]] Result<void> reach_cloud() {
        using prepare::Offline;
        const Offline offline = settings_.registry.offline;
        if (offline != Offline::always) {
            auto reached = ask_cloud();
            if (reached || offline == Offline::never || !registry::is_out_of_reach(reached.error()))
                return reached;
            log_.warning("{}", reached.error().describe());
            registry_.reset();
        }
        IMPRINT_TRY(auto cloud, prepare::facts_offline(settings_, clock_.wall()));
        cloud_.emplace(std::move(cloud));
        return {};
    }

    [[nodiscard]] Result<void> ensure_cloud(ledger::RunId run) {
        if (!registry_) return {};
        prepare::RecordedRegistry recorded(
            *registry_, ledger::EffectLog(*ledger_, ledger::Doer{.run = run}, log_));
        return prepare::ensure_cloud(recorded, settings_.identity, *ledger_, log_);
    }

    [[nodiscard]] Result<void> ask_cloud() {
        IMPRINT_TRY(auto access, find_registry(settings_.registry, settings_.credentials.root_ca,
                                               aws::CredentialEnvironment::of_this_process(),
                                               clock_.wall(), log_, stop_));
        registry_ = open_registry(access, clock_, log_);
        IMPRINT_TRY(auto cloud, prepare::look_at_cloud(*registry_, access.root_ca, settings_));
        cloud_.emplace(std::move(cloud));
        return {};
    }

    void tell_plan() const {
        for (const auto& bay : bays_)
            note(fmt::format(
                "would prepare the board on {}: {} regions of firmware, credentials "
                "into \"{}\", thing type \"{}\", policy \"{}\", at {}",
                bay.port, firmware_->regions.size(), firmware_->credentials.name,
                settings_.identity.thing_type, settings_.identity.policy.name, cloud_->endpoint));
    }

    [[nodiscard]] loader::ConnectOptions connect_options() const {
        loader::ConnectOptions connect;
        connect.baud = settings_.station.baud;
        connect.stub_directory = bays::stub_directory(settings_.station);
        if (settings_.station.use_stub && connect.stub_directory.empty())
            note("no stub flasher is installed: the ROM loader does the work, slower");
        return connect;
    }

    // With just-in-time registration it is the board's own connection that makes the identity.
    [[nodiscard]] std::function<Result<void>(const prepare::Identity&, const MacAddress&,
                                             const std::string&, const std::stop_token&)>
    proof() {
        if (!settings_.verify.connect || settings_.identity.is_just_in_time()) return {};
        return [this](const prepare::Identity& made, const MacAddress& mac, const std::string& lot,
                      const std::stop_token& stop) {
            const prepare::ProofTools tools{
                *cloud_, prepare::fill_in(settings_.verify.topic, mac, lot),
                std::chrono::duration_cast<Milliseconds>(settings_.verify.timeout), clock_};
            return prepare::prove_identity(tools, made, mac.id(), stop);
        };
    }

    [[nodiscard]] Result<RunSummary> prepare_all(ledger::RunId run) {
        prepare::Tools tools{
            settings_,
            *firmware_,
            *form_,
            *cloud_,
            {.settings = settings_.identity,
             .ledger = *ledger_,
             .registry = registry_.get(),
             .authority = authority(),
             .ca_pem = ca_pem_,
             .minted = minted(),
             .may_queue = settings_.registry.offline == prepare::Offline::when_unreachable,
             .rivals = prepare::rival_rules(settings_, options_.take_over)},
            *ledger_,
            run,
            options_.lot,
            connect_options(),
            clock_,
            events_,
            [](std::function<Result<prepare::Identity>()> work) {
                return Beside<prepare::Identity>::start("making the identity", std::move(work));
            },
            proof(),
            options_.rotate,
            log_};
        std::atomic<unsigned> passed = 0;
        std::atomic<unsigned> failed = 0;
        {
            std::vector<std::jthread> threads;
            for (std::size_t i = 0; i < bays_.size(); ++i)
                start(
                    threads, bays_[i],
                    [&, i] {
                        const auto result =
                            prepare::prepare_board(bays_[i], *ports_[i], tools, stop_);
                        if (result && ports_[i]->traits().has_baud)
                            rates_.proven(places_[i], settings_.station.baud, result->baud);
                        ++(result ? passed : failed);
                    },
                    [&, i](const Error& error) {
                        if (error.code == "thread_not_started") record_lost(run, bays_[i], error);
                        tell_lost(bays_[i], error);
                        ++failed;
                    });
        }
        return RunSummary{passed, failed, stop_.stop_requested()};
    }

    // A bay whose thread cannot be had, or ends by a bug, is that bay's failure.
    static void start(std::vector<std::jthread>& threads, const prepare::Bay& bay,
                      std::function<void()> work,
                      const std::function<void(const Error&)>& on_error) {
        auto thread = start_thread(
            bay.name, [work = std::move(work)](const std::stop_token&) { work(); }, on_error);
        if (thread)
            threads.push_back(std::move(*thread));
        else
            on_error(thread.error());
    }

    // Also a bay whose board was never looked at has its row.
    void record_lost(ledger::RunId run, const prepare::Bay& bay, const Error& error) {
        if (const auto attempt = ledger_->begin_attempt(run, bay.name))
            static_cast<void>(ledger_->end_attempt(*attempt, ledger::Outcome::failed, error.code,
                                                   error.describe()));
    }

    void tell_lost(const prepare::Bay& bay, const Error& error) const {
        Error plain = error;
        plain.mend.clear();
        events_({clock_.wall(),
                 bay.name,
                 {},
                 events::BoardFailed{.kind = error.kind,
                                     .code = error.code,
                                     .reason = plain.describe(),
                                     .mend = error.mend,
                                     .certificate_state = events::CertificateFate::none}});
    }

    const prepare::Settings& settings_;
    const RunOptions& options_;
    Clock& clock_;
    const events::EventSink& events_;
    Log log_;
    std::stop_token stop_;
    bays::RateMemory rates_;
    std::vector<prepare::Bay> bays_;
    std::vector<std::string> places_;  // of the bays, for rates_
    std::vector<std::unique_ptr<transport::Port>> ports_;
    std::optional<prepare::Firmware> firmware_;
    std::optional<prepare::CredentialPlace> place_;
    std::unique_ptr<registry::Registry> registry_;  // none: offline
    std::optional<pki::DeviceAuthority> authority_;
    std::optional<minted::Store> minted_;
    std::string ca_pem_;
    std::optional<prepare::CloudFacts> cloud_;
    std::optional<prepare::CredentialTemplate> form_;
    std::unique_ptr<ledger::Ledger> ledger_;
};

}  // namespace

Result<RunSummary> prepare_boards(const prepare::Settings& settings, const RunOptions& options,
                                  Clock& clock, const events::EventSink& events, Log log,
                                  std::stop_token stop) {
    return Run(settings, options, clock, events, std::move(log), std::move(stop)).go();
}

}  // namespace imprint::station
