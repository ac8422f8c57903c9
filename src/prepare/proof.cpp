#include "prepare/proof.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <utility>
#include <vector>

#include "base/text.h"
#include "base/url.h"
#include "mqtt/session.h"
#include "policy/document.h"
#include "policy/evaluate.h"
#include "policy/findings.h"
#include "policy/pattern.h"

namespace imprint::prepare {

namespace {

using mqtt::Event;
using namespace std::chrono_literals;

constexpr std::string_view topic_resource = "topic/";
constexpr Milliseconds step{50};
// A broker may take a message and only then drop who sent it (Mosquitto with MQTT 3.1.1, which has
// no way to refuse one): within a tenth of a second.
constexpr Milliseconds late_refusal{400};
// AWS IoT answers a refused publish by dropping the connection.
constexpr Milliseconds until_refused{3000};
constexpr Milliseconds between_tries{500};

// The topics that the document's own patterns name for this thing, wildcards filled in.
std::vector<std::string> candidates(const policy::Document& document,
                                    const policy::Context& context, const std::string& thing) {
    std::vector<std::string> found;
    for (const auto& statement : document.statements) {
        if (statement.effect != policy::Effect::allow ||
            !policy::covers_action(statement, "iot:Publish"))
            continue;
        for (const auto& resource : statement.resources) {
            const auto pattern = policy::expand(resource, document.has_variables(),
                                                policy::Wildcards::of_policies, context);
            if (!pattern) continue;
            const std::string_view plain = policy::without_arn(pattern->text);
            if (!plain.starts_with(topic_resource)) continue;
            found.push_back(replace_all(
                replace_all(std::string(plain.substr(topic_resource.size())), "*", "imprint-proof"),
                "?", "x"));
        }
    }
    // What begins with "$" is the service's: of that, reading one's own shadow is harmless.
    std::erase_if(found, [](const std::string& topic) { return topic.starts_with('$'); });
    found.push_back(fmt::format("$aws/things/{}/shadow/get", thing));
    return found;
}

std::unexpected<Error> refused(ErrorCode code, std::string message, std::string hint) {
    return fail(ErrorKind::registry, code, std::move(message), std::move(hint));
}

// One connection, and what came of it.
class ProofConnection {
  public:
    ProofConnection(const ProofTools& tools, const std::stop_token& stop, mqtt::Session session)
        : tools_(tools), stop_(stop), session_(std::move(session)) {}

    // Up to the broker's word: true, accepted. Why it was not is in trouble().
    [[nodiscard]] bool connect() {
        session_.connect();
        const auto event = await(
            until_refused, [](const Event& one) { return one.kind == Event::Kind::connected; });
        if (!event && trouble_.empty()) trouble_ = "no answer";
        return event.has_value();
    }

    // True: the broker took it, and the connection outlived that.
    [[nodiscard]] bool publish(const std::string& topic, Milliseconds patience) {
        session_.publish(topic, "{}", 1);
        const auto taken =
            await(patience, [](const Event& one) { return one.kind == Event::Kind::published; });
        if (taken) return outlives();
        if (trouble_.empty()) trouble_ = "no answer";
        return false;
    }

    [[nodiscard]] bool subscribe(const std::string& topic) {
        session_.subscribe(topic);
        const auto answered = await(
            until_refused, [](const Event& one) { return one.kind == Event::Kind::subscribed; });
        if (!answered) return false;
        // Also after a refusal: who is thrown out for it is thrown out by the client id, and that
        // must not hit the board's own connection.
        const bool kept = outlives();
        return answered->granted && kept;
    }

    [[nodiscard]] const std::string& trouble() const { return trouble_; }

  private:
    [[nodiscard]] bool outlives() {
        static_cast<void>(await(late_refusal, [](const Event&) { return false; }));
        return !ended_;
    }

    template <typename Wanted>
    [[nodiscard]] std::optional<Event> await(Milliseconds patience, const Wanted& wanted) {
        const Instant deadline = tools_.clock.now() + patience;
        while (!ended_ && tools_.clock.now() < deadline && !stop_.stop_requested()) {
            std::optional<Event> found;
            for (auto& event : session_.step(step)) {
                if (event.kind == Event::Kind::disconnected) {
                    ended_ = true;
                    trouble_ = event.text;
                } else if (wanted(event)) {
                    found = std::move(event);
                }
            }
            if (found) return found;
        }
        return std::nullopt;
    }

    const ProofTools& tools_;
    const std::stop_token& stop_;
    mqtt::Session session_;
    bool ended_ = false;
    std::string trouble_;
};

class Proof {
  public:
    Proof(const ProofTools& tools, const Identity& identity, const std::string& client_id,
          const std::stop_token& stop)
        : tools_(tools),
          identity_(identity),
          client_id_(client_id),
          stop_(stop),
          topics_(
              proof_topics(tools.cloud.policy_document, tools.topic, identity.thing, client_id)) {}

    [[nodiscard]] Result<void> run() {
        IMPRINT_CHECK(prove_own());
        IMPRINT_CHECK(prove_topic());
        IMPRINT_CHECK(prove_client_id());
        // A broker that has gone away refuses nobody: the last refusal counts if it is still there.
        IMPRINT_CHECK(connect_again());
        return {};
    }

  private:
    // AWS IoT takes one CONNECT a second of the same client id (AWS General Reference, "AWS IoT
    // Core message broker and protocol limits and quotas").
    [[nodiscard]] Result<void> keep_apart() {
        const Milliseconds apart = is_loopback(tools_.cloud.endpoint) ? Milliseconds(0) : 1100ms;
        const Instant now = tools_.clock.now();
        if (connected_ && now < *connected_ + apart)
            tools_.clock.sleep(std::chrono::ceil<Milliseconds>(*connected_ + apart - now), stop_);
        connected_ = tools_.clock.now();
        return not_stopped();
    }

    [[nodiscard]] Result<ProofConnection> line_as(const std::string& client_id) {
        if (client_id == client_id_) IMPRINT_CHECK(keep_apart());
        IMPRINT_TRY(auto session, mqtt::Session::create({tools_.cloud.endpoint, tools_.cloud.port,
                                                         client_id, identity_.certificate_pem,
                                                         identity_.private_key_pem.reveal_text(),
                                                         tools_.cloud.root_ca_pem}));
        return ProofConnection(tools_, stop_, std::move(session));
    }

    [[nodiscard]] Result<void> not_stopped() const {
        if (!stop_.stop_requested()) return {};
        return fail(ErrorKind::interrupted, "interrupted", "stopped before the board was finished");
    }

    [[nodiscard]] std::string broker() const {
        return fmt::format("{}:{}", tools_.cloud.endpoint, tools_.cloud.port);
    }

    // What is to be allowed, tried until it is: a service takes seconds to have heard everywhere.
    [[nodiscard]] Result<void> prove_own() {
        const Instant deadline = tools_.clock.now() + tools_.patience;
        for (;;) {
            auto tried = try_own();
            if (tried || tried.error().kind == ErrorKind::interrupted ||
                tools_.clock.now() + between_tries >= deadline)
                return tried;
            if (!tools_.clock.sleep(between_tries, stop_)) return not_stopped();
        }
    }

    [[nodiscard]] Result<void> try_own() {
        IMPRINT_TRY(ProofConnection line, line_as(client_id_));
        const bool connected = line.connect();
        IMPRINT_CHECK(not_stopped());
        if (!connected)
            return refused("proof_connect_refused",
                           fmt::format("the broker {} does not let \"{}\" in with its own "
                                       "certificate: {}",
                                       broker(), client_id_, line.trouble()),
                           "see what the policy says: imprint registry policy check; or whether "
                           "the broker can be reached from here");
        if (topics_.own.empty()) return {};
        const bool published = line.publish(topics_.own, until_refused);
        IMPRINT_CHECK(not_stopped());
        if (published) return {};
        return refused("proof_publish_refused",
                       fmt::format("the broker {} does not let \"{}\" publish to {}: {}", broker(),
                                   client_id_, topics_.own, line.trouble()),
                       "see what the policy says: imprint registry policy check");
    }

    // As the board itself. Refused here, where it was let in a moment ago, means out of reach.
    [[nodiscard]] Result<ProofConnection> connect_again() {
        IMPRINT_TRY(ProofConnection line, line_as(client_id_));
        const bool connected = line.connect();
        IMPRINT_CHECK(not_stopped());
        if (connected) return line;
        return refused("proof_unreachable",
                       fmt::format("the broker {} went away: {}", broker(), line.trouble()),
                       "prepare the board again");
    }

    [[nodiscard]] Result<void> prove_topic() {
        if (topics_.foreign.empty()) return {};
        for (const bool publishing : {true, false}) {
            IMPRINT_TRY(ProofConnection line, connect_again());
            const bool allowed = publishing ? line.publish(topics_.foreign, until_refused)
                                            : line.subscribe(topics_.foreign);
            IMPRINT_CHECK(not_stopped());
            if (allowed)
                return refused(
                    "proof_foreign_topic_allowed",
                    fmt::format("the broker lets \"{}\" {} {}, which is not its own", client_id_,
                                publishing ? "publish to" : "subscribe to", topics_.foreign),
                    "narrow the policy to ${iot:Connection.Thing.ThingName}");
        }
        return {};
    }

    [[nodiscard]] Result<void> prove_client_id() {
        const std::string foreign = foreign_name(client_id_);
        IMPRINT_TRY(ProofConnection line, line_as(foreign));
        const bool connected = line.connect();
        IMPRINT_CHECK(not_stopped());
        if (!connected) return {};
        return refused("proof_foreign_client_allowed",
                       fmt::format("the broker lets the certificate of \"{}\" in as \"{}\"",
                                   identity_.thing, foreign),
                       "narrow the policy to client/${iot:Connection.Thing.ThingName}");
    }

    const ProofTools& tools_;
    const Identity& identity_;
    const std::string& client_id_;
    const std::stop_token& stop_;
    ProofTopics topics_;
    std::optional<Instant> connected_;  // last, with the board's client id
};

}  // namespace

std::string foreign_name(const std::string& name) {
    std::string foreign = name;
    if (!foreign.empty()) foreign.back() = foreign.back() == 'x' ? 'y' : 'x';
    return foreign;
}

ProofTopics proof_topics(const std::string& policy_document, const std::string& topic,
                         const std::string& thing, const std::string& client_id) {
    const auto foreign_of = [&](const std::string& own) {
        const std::string other = replace_all(own, thing, foreign_name(thing));
        return other == own ? std::string() : other;
    };
    if (!topic.empty()) return {topic, foreign_of(topic)};
    const auto document = policy::parse(policy_document);
    if (!document) return {};
    policy::Context context;
    context.client_id = client_id;
    if (thing == client_id) context.thing = policy::Thing{thing, {}, {}};
    const std::string start = policy::arn_starts(*document).front() + std::string(topic_resource);
    ProofTopics shared;
    for (const auto& own : candidates(*document, context, thing)) {
        if (!policy::evaluate(*document, {.action = "iot:Publish", .resource = start + own},
                              context)
                 .allowed())
            continue;
        if (auto foreign = foreign_of(own); !foreign.empty()) return {own, std::move(foreign)};
        if (shared.own.empty()) shared.own = own;
    }
    return shared;
}

Result<void> prove_identity(const ProofTools& tools, const Identity& identity,
                            const std::string& client_id, const std::stop_token& stop) {
    return Proof(tools, identity, client_id, stop).run();
}

}  // namespace imprint::prepare
