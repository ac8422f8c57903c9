// Mosquitto's side of the local registry: imprint_mosquitto.so. At CONNECT the client's certificate
// is looked up in registry.sqlite (plugin_opt_database), and its policies are weighed then and for
// each subscription and message, with ARNs that begin with plugin_opt_arn_start.
// A certificate that is not registered, of an authority whose certificates register just in time,
// is told to the registry through plugin_opt_arrivals_fd (broker/arrivals.h), and refused: AWS IoT,
// too, disconnects the device then, which has to connect again. The same way goes what a client
// publishes on a topic of a service that the registry has (reserved_topics.h), and come the
// answers: within a tick, for nothing wakes the broker before. Source of the interface:
// mosquitto_plugin.h and mosquitto_broker.h of Mosquitto 2.0. AWS IoT disconnects a client that
// publishes or subscribes without the right to
// ("Publish/Subscribe policy examples", "Lifecycle events": AUTH_ERROR, with the will). Mosquitto
// can only refuse from inside the check, so that the disconnection comes with the broker's next
// tick: within 0.1 s, behind a SUBACK that says 0x80 or, with MQTT 3.1.1, a PUBACK that says
// nothing. The message itself reaches nobody.
// A publish on $SYS/… or $share/… is not seen here at all: Mosquitto refuses it before it asks a
// plug-in, and no event or call tells of it (Mosquitto 2.0.11, src/security.c, acl__check_dollar).
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <fmt/format.h>
#include <memory>
#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>
#include <new>
#include <openssl/x509.h>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

// mosquitto_broker.h needs mosquitto.h's error codes.
#include <mosquitto.h>

#include "base/terminal_text.h"
#include "local_registry/broker/arrivals.h"
#include "local_registry/plugin/certificate_names.h"
#include "local_registry/plugin/questions.h"
#include "local_registry/plugin/registered_trust.h"
#include "local_registry/plugin/reserved_topics.h"
#include "local_registry/plugin/sessions.h"

namespace {

using imprint::ErrorKind;
using imprint::Fd;
using imprint::Milliseconds;
using imprint::local_registry::Access;
using imprint::local_registry::Announcement;
using imprint::local_registry::Arrival;
using imprint::local_registry::ArrivalChannel;
using imprint::local_registry::Asked;
using imprint::local_registry::certificate_id_of;
using imprint::local_registry::certificate_names_of;
using imprint::local_registry::is_served;
using imprint::local_registry::is_signed_by;
using imprint::local_registry::overloaded;
using imprint::local_registry::pem_of;
using imprint::local_registry::Questions;
using imprint::local_registry::RegisteredTrust;
using imprint::local_registry::Sessions;
using imprint::local_registry::Unserved;
using imprint::local_registry::unserved;
using imprint::local_registry::Use;
using imprint::sqlite::Database;

struct FreeCertificate {
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};

// Client ids and topics are whatever a client makes them.
void log_line(int level, std::string_view line) {
    mosquitto_log_printf(level, "imprint: %s", imprint::without_steering(line).c_str());
}

class Plugin {
  public:
    Plugin(mosquitto_plugin_id_t* id, Sessions sessions, ArrivalChannel arrivals)
        : id_(id),
          sessions_(std::move(sessions)),
          arrivals_(std::move(arrivals)),
          trust_([this](const void* x509) {
              return is_registered(x509) || may_be_registered(x509);
          }) {}

    bool subscribe() {
        return add(MOSQ_EVT_BASIC_AUTH, on_connect) && add(MOSQ_EVT_ACL_CHECK, on_use) &&
               add(MOSQ_EVT_MESSAGE, on_message) && add(MOSQ_EVT_TICK, on_tick) &&
               add(MOSQ_EVT_DISCONNECT, on_disconnect);
    }

    void unsubscribe() {
        mosquitto_callback_unregister(id_, MOSQ_EVT_BASIC_AUTH, on_connect, nullptr);
        mosquitto_callback_unregister(id_, MOSQ_EVT_ACL_CHECK, on_use, nullptr);
        mosquitto_callback_unregister(id_, MOSQ_EVT_MESSAGE, on_message, nullptr);
        mosquitto_callback_unregister(id_, MOSQ_EVT_TICK, on_tick, nullptr);
        mosquitto_callback_unregister(id_, MOSQ_EVT_DISCONNECT, on_disconnect, nullptr);
    }

  private:
    bool add(int event, MOSQ_FUNC_generic_callback callback) {
        return mosquitto_callback_register(id_, event, callback, nullptr, this) == MOSQ_ERR_SUCCESS;
    }

    static int on_connect(int /*event*/, void* data, void* plugin) {
        return static_cast<Plugin*>(plugin)->connect(
            static_cast<mosquitto_evt_basic_auth*>(data)->client);
    }

    static int on_use(int /*event*/, void* data, void* plugin) {
        return static_cast<Plugin*>(plugin)->use(*static_cast<mosquitto_evt_acl_check*>(data));
    }

    // A message that the policies have let through.
    static int on_message(int /*event*/, void* data, void* plugin) {
        const auto& message = *static_cast<mosquitto_evt_message*>(data);
        if (message.topic != nullptr && std::string_view(message.topic).starts_with("$aws/"))
            static_cast<Plugin*>(plugin)->hear(message);
        return MOSQ_ERR_SUCCESS;
    }

    // The broker's loop comes by at least ten times a second.
    static int on_tick(int /*event*/, void* /*data*/, void* plugin) {
        static_cast<Plugin*>(plugin)->expel();
        static_cast<Plugin*>(plugin)->pass_on_messages();
        return MOSQ_ERR_SUCCESS;
    }

    static int on_disconnect(int /*event*/, void* data, void* plugin) {
        const auto* client = static_cast<mosquitto_evt_disconnect*>(data)->client;
        static_cast<Plugin*>(plugin)->sessions_.disconnect(client,
                                                           !mosquitto_client_clean_session(client));
        return MOSQ_ERR_SUCCESS;
    }

    int connect(const mosquitto* client) {
        const char* id = mosquitto_client_id(client);
        const std::string client_id = id == nullptr ? "" : id;
        const std::unique_ptr<X509, FreeCertificate> certificate(
            static_cast<X509*>(mosquitto_client_certificate(client)));
        if (!certificate) return refuse(client_id, "it has no certificate");
        const char* address = mosquitto_client_address(client);
        const std::string certificate_id = certificate_id_of(certificate.get());
        const auto verdict = sessions_.connect(
            client, {.id = client_id,
                     .certificate = certificate_id,
                     .address = address == nullptr ? "" : address,
                     .certificate_names = certificate_names_of(certificate.get())});
        if (!verdict) return refuse(client_id, verdict.error().describe());
        if (!verdict->admitted && !is_registered(certificate.get()) &&
            may_be_registered(certificate.get())) {
            arrivals_.send(Arrival{.certificate_pem = pem_of(certificate.get()),
                                   .names = certificate_names_of(certificate.get())});
            return refuse(client_id, fmt::format("its certificate registers just in time; it has "
                                                 "to connect again (certificate {})",
                                                 certificate_id));
        }
        if (!verdict->admitted)
            return refuse(client_id,
                          fmt::format("{} (certificate {})", verdict->reason, certificate_id));
        log_line(MOSQ_LOG_NOTICE,
                 fmt::format("client {} admitted (certificate {})", client_id, certificate_id));
        return MOSQ_ERR_SUCCESS;
    }

    int use(const mosquitto_evt_acl_check& asked) {
        Use use{.access = Access::publish,
                .topic = asked.topic == nullptr ? "" : asked.topic,
                .retain = asked.retain};
        std::string_view doing = "publish on";
        switch (asked.access) {
            case MOSQ_ACL_WRITE:
                break;
            case MOSQ_ACL_SUBSCRIBE:
                use.access = Access::subscribe;
                doing = "subscribe to";
                break;
            case MOSQ_ACL_READ:
                use.access = Access::receive;
                doing = "receive";
                break;
            case MOSQ_ACL_UNSUBSCRIBE:
                return MOSQ_ERR_SUCCESS;  // AWS IoT has no action for it
            default:
                return MOSQ_ERR_ACL_DENIED;
        }
        const auto answer = sessions_.use(asked.client, use);
        if (!answer) {
            log_line(MOSQ_LOG_WARNING, answer.error().describe());
            return MOSQ_ERR_ACL_DENIED;
        }
        if (answer->verdict.admitted) return MOSQ_ERR_SUCCESS;
        const char* id = mosquitto_client_id(asked.client);
        if (answer->tell)
            log_line(MOSQ_LOG_NOTICE,
                     fmt::format("client {} may not {} {}: {}", id == nullptr ? "" : id, doing,
                                 use.topic, answer->verdict.reason));
        return MOSQ_ERR_ACL_DENIED;
    }

    void hear(const mosquitto_evt_message& message) {
        const std::string_view payload(static_cast<const char*>(message.payload),
                                       message.payload == nullptr ? 0 : message.payloadlen);
        const char* id = mosquitto_client_id(message.client);
        const std::string client_id = id == nullptr ? "" : id;
        const auto now = std::chrono::system_clock::now();
        if (!is_served(message.topic)) {
            if (const auto absent = unserved(message.topic, payload, now))
                answer_for_absent_service(*absent, client_id, message.topic);
        } else if (!questions_.ask(Asked{.client_id = client_id,
                                         .topic = message.topic,
                                         .payload = std::string(payload)},
                                   arrivals_)) {
            publish(overloaded(message.topic, payload, now));
        }
    }

    void answer_for_absent_service(const Unserved& absent, const std::string& client_id,
                                   std::string_view topic) {
        // Each client is told once of each service; a few of them are enough for a log.
        constexpr std::size_t most_told = 1000;
        if (told_.size() < most_told && told_.emplace(absent.service, client_id).second)
            log_line(MOSQ_LOG_NOTICE,
                     fmt::format("client {} asks on {}: there are no {} here{}", client_id, topic,
                                 absent.service,
                                 absent.topic.empty() ? ", and nobody answers"
                                                      : "; it is told so on " + absent.topic));
        if (!absent.topic.empty()) publish(absent);
    }

    static void publish(const Unserved& answer) {
        publish(Announcement{.topic = answer.topic, .payload = answer.payload});
    }

    static void publish(const Announcement& one) {
        mosquitto_broker_publish_copy(nullptr, one.topic.c_str(),
                                      static_cast<int>(one.payload.size()), one.payload.data(),
                                      one.qos, one.retain, nullptr);
    }

    bool is_registered(const void* x509) {
        return sessions_.is_registered(certificate_id_of(x509)).value_or(false);
    }

    bool may_be_registered(const void* x509) {
        const auto authorities = sessions_.registering_authorities();
        return authorities && std::ranges::any_of(*authorities, [x509](const std::string& pem) {
                   return is_signed_by(x509, pem);
               });
    }

    void pass_on_messages() {
        questions_.pass_on(arrivals_);
        while (const auto announcement = arrivals_.next_announcement())
            publish(*announcement);
    }

    static int refuse(const std::string& client_id, const std::string& reason) {
        log_line(MOSQ_LOG_NOTICE, fmt::format("client {} refused: {}", client_id, reason));
        return MOSQ_ERR_AUTH;
    }

    void expel() {
        const auto expelled = sessions_.expel();
        if (!expelled) {
            log_line(MOSQ_LOG_WARNING, expelled.error().describe());
            return;
        }
        for (const auto& [client_id, reason, with_will] : *expelled) {
            log_line(MOSQ_LOG_NOTICE, fmt::format("client {} kicked: {}", client_id, reason));
            mosquitto_kick_client_by_clientid(client_id.c_str(), with_will);
        }
    }

    mosquitto_plugin_id_t* id_;
    Sessions sessions_;
    ArrivalChannel arrivals_;
    Questions questions_;
    RegisteredTrust trust_;
    std::set<std::pair<std::string_view, std::string>> told_;  // absent services, and who asked
};

std::optional<Database> open_registry(const char* path) {
    // Short: the broker has one thread, and it waits here.
    auto database = Database::open(path, {.kind = ErrorKind::registry,
                                          .access = imprint::sqlite::Access::read_only,
                                          .patience = Milliseconds(250)});
    if (!database) {
        log_line(MOSQ_LOG_ERR, database.error().describe());
        return std::nullopt;
    }
    return std::move(*database);
}

}  // namespace

// All that the library shows (its other symbols are hidden).
#pragma GCC visibility push(default)
extern "C" {

int mosquitto_plugin_version(int supported_version_count, const int* supported_versions) {
    for (int i = 0; i < supported_version_count; ++i)
        if (supported_versions[i] == MOSQ_PLUGIN_VERSION) return MOSQ_PLUGIN_VERSION;
    return -1;
}

int mosquitto_plugin_init(mosquitto_plugin_id_t* identifier, void** userdata,
                          struct mosquitto_opt* options, int option_count) {
    const char* path = nullptr;
    const char* arn_start = nullptr;
    int arrivals_fd = -1;
    for (int i = 0; i < option_count; ++i) {
        if (std::string_view(options[i].key) == "database") path = options[i].value;
        if (std::string_view(options[i].key) == "arn_start") arn_start = options[i].value;
        if (std::string_view(options[i].key) == "arrivals_fd") {
            const std::string_view number(options[i].value);
            std::from_chars(number.data(), number.data() + number.size(), arrivals_fd);
        }
    }
    if (path == nullptr || arn_start == nullptr) {
        log_line(MOSQ_LOG_ERR, "plugin_opt_database or plugin_opt_arn_start is not set");
        return MOSQ_ERR_INVAL;
    }
    auto registry = open_registry(path);
    if (!registry) return MOSQ_ERR_UNKNOWN;
    auto plugin = std::make_unique<Plugin>(identifier, Sessions(std::move(*registry), arn_start),
                                           ArrivalChannel(Fd(arrivals_fd)));
    if (!plugin->subscribe()) return MOSQ_ERR_UNKNOWN;
    *userdata = plugin.release();
    return MOSQ_ERR_SUCCESS;
}

int mosquitto_plugin_cleanup(void* userdata, struct mosquitto_opt* /*options*/,
                             int /*option_count*/) {
    const std::unique_ptr<Plugin> plugin(static_cast<Plugin*>(userdata));
    if (plugin) plugin->unsubscribe();
    return MOSQ_ERR_SUCCESS;
}
}
#pragma GCC visibility pop
