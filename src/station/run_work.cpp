#include "station/run_work.h"

#include <functional>
#include <utility>

#include "base/digest.h"
#include "base/threads.h"
#include "base/version.h"
#include "bays/stub.h"
#include "ledger/effect_log.h"
#include "policy/places.h"
#include "prepare/outcomes.h"
#include "prepare/proof.h"

namespace imprint::station {

Result<void> RunWork::begin() {
    IMPRINT_TRY(run_, ledger_.begin_run(facts()));
    if (auto made = ensure_cloud(); !made) {
        static_cast<void>(end());
        return made;
    }
    connect_ = connect_options();
    return {};
}

Result<void> RunWork::end() {
    return ledger_.end_run(run_, passed_, failed_);
}

Result<prepare::PreparedBoard> RunWork::prepare(const OneBoard& board,
                                                std::optional<MacAddress>& seen) {
    // NOLINTNEXTLINE(misc-const-correctness): prepare_board() takes one that is not constant.
    prepare::Tools tools{
        settings_,
        shared_.firmware,
        shared_.credentials,
        shared_.cloud,
        {.settings = settings_.identity,
         .ledger = ledger_,
         .registry = shared_.registry.get(),
         .authority = shared_.authority ? &*shared_.authority : nullptr,
         .ca_pem = shared_.ca_pem,
         .minted = shared_.minted ? &*shared_.minted : nullptr,
         .may_queue = settings_.registry.offline == prepare::Offline::when_unreachable,
         .rivals = prepare::rival_rules(settings_, options_.take_over)},
        ledger_,
        run_,
        shared_.lot,
        connect_,
        clock_,
        board.events,
        [](const std::function<Result<prepare::Identity>()>& work) {
            return Beside<prepare::Identity>::start("making the identity", work);
        },
        proof(),
        board.again,
        options_.rotate,
        log_,
        board.serial};
    auto prepared = prepare::prepare_board(board.bay, board.port, tools, board.stop, &seen);
    if (!prepared)
        count_failure(prepared.error());
    else if (!prepared->skipped)
        ++passed_;
    return prepared;
}

void RunWork::count_failure(const Error& error) {
    if (prepare::outcome_of(error) == ledger::Outcome::failed) ++failed_;
}

void RunWork::take_lost(const prepare::Bay& bay, const Error& error,
                        const events::EventSink& events) {
    const ledger::Outcome outcome = prepare::outcome_of(error);
    count_failure(error);
    if (error.kind != ErrorKind::bug)
        if (const auto attempt = ledger_.begin_attempt(run_, bay.name))
            static_cast<void>(ledger_.end_attempt(*attempt, outcome, error.code, error.describe(),
                                                  prepare::fault_of(error)));
    events::Body body = events::BayEmpty{.reason = error.reason(), .hint = error.shown_hint()};
    if (outcome != ledger::Outcome::empty)
        body = events::BoardFailed::of(error, events::CertificateFate::none);
    events({clock_.wall(), bay.name, {}, std::move(body)});
}

ledger::RunFacts RunWork::facts() const {
    const auto& firmware = shared_.firmware;
    ledger::RunFacts facts{.version = std::string(version),
                           .lot = shared_.lot,
                           .endpoint = shared_.cloud.endpoint,
                           .firmware = firmware.digest,
                           .firmware_commit = firmware.commit,
                           .app_name = firmware.app.name,
                           .app_version = firmware.app.version,
                           .app_elf_sha256 = firmware.app.elf_sha256,
                           .station = settings_.station.name,
                           .operator_name = options_.operator_name.empty()
                                                ? settings_.station.operator_name
                                                : options_.operator_name,
                           .account = shared_.cloud.account,
                           .region = shared_.cloud.region};
    for (const auto& file : firmware.files)
        facts.files.push_back({file.path.string(), file.offset, file.size, file.sha256});
    // Packed anew with each board's identity; what went in is known by this.
    for (const auto& image : firmware.own_images)
        facts.files.push_back({image.path.string(), image.offset,
                               static_cast<std::uint32_t>(image.content.size()),
                               to_hex(sha256(image.content))});
    return facts;
}

Result<void> RunWork::ensure_cloud() {
    if (!shared_.registry) return {};
    prepare::RecordedRegistry recorded(*shared_.registry,
                                       ledger::EffectLog(ledger_, ledger::Doer{.run = run_}, log_));
    IMPRINT_CHECK(prepare::ensure_cloud(recorded, settings_.identity, ledger_, log_));
    if (!shared_.cloud.account.empty()) return {};
    // The policy was made just now: by its ARN it is known where.
    IMPRINT_TRY(const auto policy, recorded.find_policy(settings_.identity.policy.name));
    if (!policy) return {};
    const auto place = policy::place_of_arn(policy->arn);
    return ledger_.set_account(run_, place.account, place.region);
}

loader::ConnectOptions RunWork::connect_options() const {
    loader::ConnectOptions connect;
    connect.baud = settings_.station.baud;
    connect.stub_directory = bays::stub_directory(settings_.station);
    if (settings_.station.use_stub && connect.stub_directory.empty())
        events_({clock_.wall(),
                 {},
                 {},
                 events::Note{.text = "no stub flasher is installed: the ROM loader does the work, "
                                      "slower"}});
    return connect;
}

// With just-in-time registration it is the board's own connection that makes the identity.
std::function<Result<void>(const prepare::Identity&, const MacAddress&, const std::string&,
                           const std::stop_token&)>
RunWork::proof() const {
    if (!settings_.verify.connect || settings_.identity.is_just_in_time()) return {};
    return [this](const prepare::Identity& made, const MacAddress& mac, const std::string& lot,
                  const std::stop_token& stop) {
        const prepare::ProofTools tools{
            shared_.cloud, prepare::fill_in(settings_.verify.topic, mac, lot),
            std::chrono::duration_cast<Milliseconds>(settings_.verify.timeout), clock_};
        return prepare::prove_identity(tools, made, mac.id(), stop);
    };
}

}  // namespace imprint::station
