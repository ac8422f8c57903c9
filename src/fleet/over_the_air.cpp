#include "fleet/over_the_air.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <ranges>
#include <set>
#include <utility>

#include "base/digest.h"
#include "base/secret.h"
#include "base/terminal_text.h"
#include "pki/certificate.h"
#include "pki/request.h"
#include "policy/document.h"
#include "policy/evaluate.h"
#include "policy/findings.h"
#include "prepare/retirement.h"

namespace imprint::fleet {

namespace {

using ledger::CertificateRecord;
using ledger::CertificateState;

constexpr std::size_t longest_reason = 200;

// A device may have written anything.
std::string shown(std::string text) {
    text.resize(std::min(text.size(), longest_reason));
    return without_steering(text);
}

// Made ahead of its board, for a rotation that has not ended.
bool is_under_way(const CertificateRecord& record) {
    return record.ahead &&
           (record.state == CertificateState::staged || record.state == CertificateState::active);
}

Result<bool> has_one_under_way(ledger::Ledger& ledger, const std::string& thing) {
    IMPRINT_TRY(const auto records, ledger.certificates_of_thing(thing));
    return std::ranges::any_of(records, is_under_way);
}

struct FoundRotation {
    RotationDocument document;
    std::int64_t version = 0;
};

// Nothing: there is no shadow.
Result<std::optional<FoundRotation>> find_rotation(registry::Shadows& shadows,
                                                   const std::string& thing) {
    IMPRINT_TRY(const auto shadow, shadows.find(thing, rotation_shadow));
    if (!shadow) return std::optional<FoundRotation>{};
    IMPRINT_TRY(auto document, parse_rotation(shadow->document));
    return std::optional(FoundRotation{std::move(document), shadow->version});
}

// A station that rotates by images alone need not be allowed to read shadows.
Result<std::optional<FoundRotation>> find_if_allowed(registry::Shadows& shadows,
                                                     const std::string& thing, const Log& log) {
    auto found = find_rotation(shadows, thing);
    if (found || found.error().code != "AccessDeniedException") return found;
    log.warning("{}: not to be seen whether it is being rotated over the air: {}", thing,
                found.error().message);
    return std::optional<FoundRotation>{};
}

Result<void> remove_shadow(registry::Shadows& shadows, ledger::EffectLog& effects,
                           const std::string& thing) {
    return effects.record("delete_shadow", thing,
                          [&] { return shadows.remove(thing, rotation_shadow); });
}

// Should another run answer the device right now, the version is another one.
Result<void> take_wish_back(registry::Shadows& shadows, ledger::EffectLog& effects,
                            const std::string& thing, std::int64_t version) {
    return effects.record("update_shadow", thing, [&]() -> Result<void> {
        IMPRINT_CHECK(shadows.update(thing, rotation_shadow, no_wish(version)));
        return {};
    });
}

// One look at one thing.
class AirRotation {
  public:
    AirRotation(const AirTools& tools, const std::string& thing)
        : tools_(tools),
          ledger_(tools.signing.identity.ledger),
          effects_(ledger_, {.run = tools.signing.run}, tools.signing.log),
          thing_(thing) {}

    [[nodiscard]] Result<AirLook> look() {
        IMPRINT_TRY(auto found, find_rotation(tools_.shadows, thing_));
        const RotationDocument document = found ? std::move(found->document) : RotationDocument{};
        if (document.desired.id.empty()) return ask();
        IMPRINT_TRY(const auto given, given_for(document.desired));
        AirLook waiting{
            given ? AirState::answered : AirState::asked, given ? given->id : std::string(), 0, {}};
        const auto& reported = document.reported;
        if (reported.id != document.desired.id) return waiting;
        if (reported.state == "requested") return answer(document, given);
        if (reported.state == "committed" && given) return finish(document, *given, waiting);
        if (reported.state == "refused") return give_up(document);
        return waiting;
    }

  private:
    // A new rotation. One by image has no shadow.
    [[nodiscard]] Result<AirLook> ask() {
        IMPRINT_TRY(const auto known, tools_.registry.find_thing(thing_));
        if (!known)
            return fail(ErrorKind::registry, "thing_unknown",
                        fmt::format("the registry has no thing \"{}\"", thing_),
                        "prepare its board first");
        // Whose it is has to be known once it answers.
        IMPRINT_CHECK(board_of(ledger_, thing_));
        IMPRINT_TRY(const bool by_image, has_one_under_way(ledger_, thing_));
        if (by_image)
            return fail(
                ErrorKind::usage, "rotation_in_progress",
                fmt::format("the thing \"{}\" is being rotated by an image", thing_),
                fmt::format("imprint registry rotate --finish {0}, or --cancel {0}", thing_));
        IMPRINT_CHECK(write({new_id(), {}}));
        return AirLook{};
    }

    [[nodiscard]] static std::string new_id() { return to_hex(random_secret(16).reveal()); }

    [[nodiscard]] Result<void> write(const RotationDocument::Desired& desired) {
        return effects_.record("update_shadow", thing_, [&]() -> Result<void> {
            IMPRINT_CHECK(tools_.shadows.update(thing_, rotation_shadow, wish_for(desired)));
            return {};
        });
    }

    // Those made for it that the device cannot be working with.
    template <typename IsUnused>
    [[nodiscard]] Result<void> remove_made(const IsUnused& is_unused) {
        IMPRINT_TRY(const auto records, ledger_.certificates_of_thing(thing_));
        for (const auto& record : records) {
            if (!is_under_way(record) || !is_unused(record)) continue;
            IMPRINT_CHECK(prepare::retire_and_record(tools_.registry, ledger_, thing_, record.id,
                                                     tools_.signing.log));
        }
        return {};
    }

    // What the ledger has of the certificate that the device was given.
    [[nodiscard]] Result<std::optional<CertificateRecord>> given_for(
        const RotationDocument::Desired& desired) {
        if (desired.certificate.empty()) return std::optional<CertificateRecord>{};
        const auto info = pki::inspect_certificate(desired.certificate);
        if (!info) return std::optional<CertificateRecord>{};
        return record_of(info->public_pem);
    }

    [[nodiscard]] Result<std::optional<CertificateRecord>> record_of(
        const std::string& public_pem) {
        IMPRINT_TRY(const auto records, ledger_.certificates_of_thing(thing_));
        for (const auto& record : std::views::reverse(records))
            if (record.public_pem == public_pem && record.state != CertificateState::gone)
                return std::optional(record);
        return std::optional<CertificateRecord>{};
    }

    [[nodiscard]] Result<AirLook> answer(const RotationDocument& document,
                                         const std::optional<CertificateRecord>& given) {
        auto request = pki::inspect_request(document.reported.csr);
        if (!request)
            return with_context(
                std::move(request).error(),
                fmt::format("what the device of the thing \"{}\" asks for", thing_));
        IMPRINT_CHECK(check_request(*request));
        const bool has_answer = given && given->public_pem == request->public_pem;
        if (has_answer) return AirLook{AirState::answered, given->id, 0, {}};
        IMPRINT_TRY(const auto issued, certificate_for(*request));
        // ACTIVE before the device has it: it is never without.
        IMPRINT_TRY(const auto activated, activate_staged(tools_.registry, ledger_, thing_));
        if (activated.certificate_id != issued.certificate_id)
            return AirLook{AirState::asked, {}, 0, {}};  // another one is under way: look again
        // The device tries it a moment after it is written.
        IMPRINT_CHECK(
            tools_.registry.await_in_force(thing_, issued.certificate_id, tools_.rivals.confirm));
        IMPRINT_CHECK(write({document.desired.id, issued.certificate_pem}));
        // What was answered before the last answer: the device has asked twice since, for its key
        // was lost. Without this a device could have any number of ACTIVE certificates.
        IMPRINT_CHECK(remove_made([&](const CertificateRecord& record) {
            return record.id != issued.certificate_id && !(given && record.row == given->row);
        }));
        return AirLook{AirState::answered, issued.certificate_id, 0, {}};
    }

    [[nodiscard]] Result<void> check_request(const pki::RequestInfo& request) {
        // A common name has at most 64 characters (X.520).
        if (request.common_name != thing_.substr(0, 64))
            return fail(ErrorKind::registry, "request_of_another",
                        fmt::format("the request of the thing \"{}\" is for another name", thing_),
                        "look at what this device runs");
        IMPRINT_TRY(const auto records, ledger_.certificates_of_thing(thing_));
        const bool had_it = std::ranges::any_of(records, [&](const auto& record) {
            return record.public_pem == request.public_pem &&
                   (record.proven_at || record.state == CertificateState::queued ||
                    record.state == CertificateState::overwritten);
        });
        if (had_it)
            return fail(ErrorKind::registry, "request_of_another",
                        fmt::format("the device of the thing \"{}\" asks for a certificate of the "
                                    "key that it had before",
                                    thing_),
                        "a rotation is for a new key: look at what this device runs");
        return {};
    }

    // Made now, or by a run that was broken off.
    [[nodiscard]] Result<Signed> certificate_for(const pki::RequestInfo& request) {
        IMPRINT_TRY(const auto record, record_of(request.public_pem));
        const bool is_made = record && (record->state == CertificateState::staged ||
                                        record->state == CertificateState::active);
        if (!is_made) return sign(tools_.signing, thing_, request);
        IMPRINT_TRY(const auto there, tools_.registry.find_certificate(record->id));
        if (!there) return sign(tools_.signing, thing_, request);
        return Signed{there->id, there->pem};
    }

    [[nodiscard]] Result<AirLook> finish(const RotationDocument& document,
                                         const CertificateRecord& given, AirLook waiting) {
        IMPRINT_TRY(const auto facts, pki::read_certificate_facts(document.desired.certificate));
        // It may still tell of the rotation before.
        if (facts.public_key_sha256 != document.reported.public_key) return waiting;
        // The device may write anything into its shadow, also that it has done what nobody has
        // asked for; and what was in force before it was asked is no new certificate.
        if (given.proven_at && document.desired.written &&
            *given.proven_at < *document.desired.written)
            return ask();
        // A run that was broken off may have made later ones, which the device was never told of.
        IMPRINT_CHECK(
            remove_made([&](const CertificateRecord& record) { return record.row > given.row; }));
        IMPRINT_TRY(const auto done, finish_rotation(tools_.registry, ledger_, thing_,
                                                     tools_.rivals, tools_.signing.log));
        IMPRINT_CHECK(remove_shadow(tools_.shadows, effects_, thing_));
        return AirLook{AirState::finished, given.id, done.retired, {}};
    }

    [[nodiscard]] Result<AirLook> give_up(const RotationDocument& document) {
        IMPRINT_TRY(const auto done,
                    cancel_rotation(tools_.registry, ledger_, thing_, tools_.signing.log));
        IMPRINT_CHECK(remove_shadow(tools_.shadows, effects_, thing_));
        return AirLook{AirState::refused, done.certificate_id, done.retired,
                       shown(document.reported.why)};
    }

    const AirTools& tools_;
    ledger::Ledger& ledger_;
    ledger::EffectLog effects_;
    const std::string& thing_;
};

}  // namespace

Result<void> check_over_the_air(const prepare::IdentitySettings& settings) {
    IMPRINT_CHECK(prepare::check_rotatable(settings));
    if (!settings.is_just_in_time()) return {};
    return fail(ErrorKind::config, "rotate_just_in_time",
                "identity.ca.registration = \"just-in-time\": a device's first connection would "
                "have to make its certificate ACTIVE, in place of the station",
                "rotate with identity.ca.registration = \"with-ca\" or \"without-ca\"");
}

Result<void> check_policy_over_the_air(const prepare::CloudFacts& cloud, const std::string& thing,
                                       const MacAddress& mac) {
    const auto document = policy::parse(cloud.policy_document);
    if (!document) return {};  // it is not known here
    policy::Context context;
    context.client_id = mac.id();
    // AWS knows a client's thing by its client id.
    if (thing == context.client_id) context.thing = policy::Thing{thing, {}, {}};
    const std::string shadow =
        fmt::format("$aws/things/{}/shadow/name/{}/", thing, rotation_shadow);

    struct Use {
        const char* action;
        const char* type;
        const char* topic;
    };

    for (const Use& use :
         {Use{"iot:Subscribe", "topicfilter", "get/accepted"},
          Use{"iot:Receive", "topic", "get/accepted"},
          Use{"iot:Subscribe", "topicfilter", "get/rejected"},
          Use{"iot:Receive", "topic", "get/rejected"},
          Use{"iot:Subscribe", "topicfilter", "update/delta"},
          Use{"iot:Receive", "topic", "update/delta"}, Use{"iot:Publish", "topic", "get"},
          Use{"iot:Publish", "topic", "update"}}) {
        const std::string resource = fmt::format("{}{}/{}{}", policy::arn_starts(*document).front(),
                                                 use.type, shadow, use.topic);
        const auto decision = policy::evaluate(*document, {use.action, resource}, context);
        if (decision.allowed()) continue;
        return fail(ErrorKind::config, "rotation_not_allowed",
                    fmt::format("the policy does not let a device do {} on {}{}: {}", use.action,
                                shadow, use.topic, decision.why),
                    "allow $aws/things/${iot:Connection.Thing.ThingName}/shadow/* as the policy "
                    "that `imprint init` writes (docs/firmware.md)");
    }
    return {};
}

Result<void> check_not_over_the_air(registry::Shadows& shadows, const std::string& thing,
                                    const Log& log) {
    IMPRINT_TRY(const auto found, find_if_allowed(shadows, thing, log));
    if (!found || found->document.desired.id.empty()) return {};
    return fail(ErrorKind::usage, "rotation_in_progress",
                fmt::format("the thing \"{}\" is being rotated over the air", thing),
                fmt::format("imprint registry rotate --over-the-air {0} goes on with it; --cancel "
                            "{0} takes it back, while the device has no certificate",
                            thing));
}

Result<Advanced> cancel_any_rotation(prepare::RecordedRegistry& registry,
                                     registry::Shadows& shadows, ledger::Ledger& ledger,
                                     ledger::RunId run, const std::string& thing, const Log& log) {
    ledger::EffectLog effects(ledger, {.run = run}, log);
    IMPRINT_TRY(const auto found, find_if_allowed(shadows, thing, log));
    if (found) {
        const auto& desired = found->document.desired;
        const auto& reported = found->document.reported;
        const bool stays = reported.id == desired.id && reported.state == "refused";
        // Where nothing is under way, as once its board was on the bench again, nothing is taken.
        IMPRINT_TRY(const bool would_take, has_one_under_way(ledger, thing));
        if (would_take && !desired.certificate.empty() && !stays)
            return fail(
                ErrorKind::usage, "rotation_answered",
                fmt::format("the device of the thing \"{}\" has been given a certificate, and may "
                            "work with it already",
                            thing),
                fmt::format("imprint registry rotate --over-the-air {} ends what was begun; a "
                            "device that is lost: imprint registry retire",
                            thing));
        IMPRINT_CHECK(take_wish_back(shadows, effects, thing, found->version));
    }
    IMPRINT_TRY(auto done, cancel_rotation(registry, ledger, thing, log));
    if (found) {
        IMPRINT_CHECK(remove_shadow(shadows, effects, thing));
    }
    return done;
}

Result<AirLook> look_after(const AirTools& tools, const std::string& thing) {
    return AirRotation(tools, thing).look();
}

AirSum rotate_over_the_air(const AirTools& tools, std::vector<std::string> things,
                           const AirPatience& patience, const AirListener& listener) {
    AirSum sum;
    std::map<std::string, AirState> told;
    // One that is named twice would begin another rotation when the first one is finished.
    std::set<std::string> named;
    std::erase_if(things, [&](const std::string& thing) { return !named.insert(thing).second; });
    const Instant end = patience.clock.now() + patience.most;
    for (;;) {
        std::erase_if(things, [&](const std::string& thing) {
            if (patience.stop.stop_requested()) return false;
            const auto look = look_after(tools, thing);
            if (!look) {
                // The network may come back, and AWS may have time again.
                if (registry::is_out_of_reach(look.error())) return false;
                ++sum.failed;
                listener.failed(thing, look.error());
                return true;
            }
            const auto [known, is_new] = told.try_emplace(thing, look->state);
            if (is_new || known->second != look->state) listener.looked(thing, *look);
            known->second = look->state;
            if (look->state == AirState::finished) ++sum.finished;
            if (look->state == AirState::refused) ++sum.failed;
            return look->state == AirState::finished || look->state == AirState::refused;
        });
        if (things.empty() || patience.clock.now() >= end) break;
        if (!patience.clock.sleep(patience.pause, patience.stop)) break;
    }
    sum.waiting = std::move(things);
    return sum;
}

}  // namespace imprint::fleet
