#include "local_registry/service.h"

#include <fmt/format.h>
#include <optional>
#include <system_error>
#include <thread>
#include <unistd.h>

#include "base/resources.h"
#include "http/server.h"
#include "local_registry/api/api.h"
#include "local_registry/api/arn.h"
#include "local_registry/broker/broker.h"
#include "local_registry/faults/injector.h"
#include "local_registry/faults/late_writes.h"
#include "local_registry/faults/snapshot_store.h"
#include "local_registry/operations/device_questions.h"
#include "local_registry/operations/just_in_time.h"
#include "local_registry/state_folder.h"
#include "local_registry/state_lock.h"
#include "local_registry/store/store.h"
#include "pki/certificate.h"
#include "registry/local_folder.h"

namespace imprint::local_registry {

namespace {

constexpr const char* loopback = "127.0.0.1";
constexpr std::uint16_t usual_mqtt_port = 8883;  // what DescribeEndpoint names without a broker
constexpr std::chrono::days server_validity{825};

Result<Broker> start_broker(const ServiceOptions& options, const pki::Authority& authority,
                            WallTime now, const Log& log, BrokerHandler on_message,
                            const Publications& publications) {
    IMPRINT_TRY(const pki::PrivateKey key, pki::PrivateKey::generate(pki::KeyKind::ec_p256));
    IMPRINT_TRY(std::string certificate,
                authority.issue_server(key, {.dns = {"localhost"}, .ip = {loopback}},
                                       server_validity, now));
    BrokerOptions broker{.mosquitto = options.mosquitto,
                         .plugin = options.plugin,
                         .folder = options.state / "broker",
                         .database = database_path(options.state),
                         .ca_certificate = registry::root_ca_path(options.state),
                         .arn_start = arn_start(options.region),
                         .port = options.mqtt_port,
                         .server_certificate = std::move(certificate),
                         .server_key = key.to_pem()};
    if (broker.mosquitto.empty()) {
        IMPRINT_TRY(broker.mosquitto, find_mosquitto());
    }
    if (broker.plugin.empty()) {
        const auto found = find_resource("imprint_mosquitto.so");
        if (!found)
            return fail(ErrorKind::registry, "broker_failed",
                        "Mosquitto's plug-in imprint_mosquitto.so is not beside the program",
                        "install or build the whole of Imprint, or set IMPRINT_RESOURCES");
        broker.plugin = *found;
    }
    return Broker::start(broker, log.with_prefix("broker"), std::move(on_message), publications);
}

// What the server itself refuses, as the service would name it.
http::Response refusal(int status, std::string_view why) {
    const std::string_view name = status == 413   ? "RequestEntityTooLargeException"
                                  : status == 500 ? "InternalFailureException"
                                                  : "InvalidRequestException";
    return {.status = status,
            .headers = {{"x-amzn-ErrorType", std::string(name)}},
            .content_type = "application/json",
            .body = fmt::format(R"({{"message":"{}"}})", why)};
}

}  // namespace

// In the order of their making; they end in the other one. The lock goes last.
class Service::Parts {
  public:
    Parts(StateLock lock, Store store, pki::Authority authority, Publications publications,
          const ServiceOptions& options, Log log)
        : lock_(std::move(lock)),
          store_(std::move(store)),
          authority_(std::move(authority)),
          publications_(std::move(publications)),
          state_(options.state),
          root_ca_pem_(authority_.certificate_pem()),
          log_(std::move(log)) {}

    ~Parts() {
        server_.reset();
        broker_.reset();
        std::error_code ignored;
        std::filesystem::remove(registry::registry_file_path(state_), ignored);
    }

    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;
    Parts(Parts&&) = delete;
    Parts& operator=(Parts&&) = delete;

    Result<void> start(const ServiceOptions& options, Clock& clock) {
        mqtt_port_ = options.mqtt_port;
        if (options.broker) {
            IMPRINT_TRY(broker_, start_broker(
                                     options, authority_, clock.wall(), log_,
                                     [this, context = context_of(options, clock, "")](
                                         const FromBroker& message) { hear(context, message); },
                                     publications_));
            mqtt_port_ = broker_->port();
        }
        const std::uint16_t named = mqtt_port_ == 0 ? usual_mqtt_port : mqtt_port_;
        api_.emplace(
            context_of(options, clock, fmt::format("{}:{}", loopback, named)), root_ca_pem_,
            [this] { return broker_ && broker_->alive(); }, log_.with_prefix("api"));
        late_.emplace(context_of(options, clock, ""), *api_, log_.with_prefix("late"));
        // What an earlier run with lag has answered is kept, as all that was answered is.
        if (!options.faults.lags()) late_->apply_all();
        if (!options.faults.empty()) IMPRINT_CHECK(inject(options, clock));
        IMPRINT_CHECK(listen(options.port));
        endpoint_url_ = fmt::format("http://{}:{}", loopback, server_->port());
        return registry::write_registry_file(state_, {.endpoint_url = endpoint_url_,
                                                      .mqtt_host = loopback,
                                                      .mqtt_port = mqtt_port_,
                                                      .region = options.region,
                                                      .pid = ::getpid()});
    }

    [[nodiscard]] const std::string& endpoint_url() const { return endpoint_url_; }

    [[nodiscard]] std::uint16_t mqtt_port() const { return mqtt_port_; }

    [[nodiscard]] const std::string& root_ca_pem() const { return root_ca_pem_; }

    [[nodiscard]] bool healthy() const { return !broker_ || broker_->alive(); }

  private:
    [[nodiscard]] Context context_of(const ServiceOptions& options, const Clock& clock,
                                     std::string mqtt_address) {
        return {.store = store_,
                .authority = authority_,
                .clock = clock,
                .region = options.region,
                .mqtt_address = std::move(mqtt_address),
                .publications = &publications_};
    }

    [[nodiscard]] Result<void> listen(std::uint16_t port) {
        auto server = http::Server::listen(
            {.address = loopback, .port = port},
            {.admit = [this](const http::Request& head) { return api_->admit(head); },
             .answer = [this](const http::Request& request) -> http::Answer {
                 if (injector_) return injector_->handle(request);
                 return api_->handle(request);
             },
             .refuse = refusal,
             .failed = [log = log_.with_prefix("api")](
                           const Error& bug) { log.warning("{}", bug.describe()); }});
        if (!server && server.error().is("http_port_busy"))
            return fail(ErrorKind::registry, "registry_port_busy", server.error().message,
                        server.error().hint);
        IMPRINT_TRY(server_, std::move(server));
        return {};
    }

    void hear(const Context& context, const FromBroker& message) {
        if (const auto* const arrival = std::get_if<Arrival>(&message)) {
            arrive(context, *arrival);
        } else if (const auto* const asked = std::get_if<Asked>(&message)) {
            operations::answer_device(context, asked->topic, asked->payload,
                                      log_.with_prefix("mqtt"));
        }
    }

    void arrive(const Context& context, const Arrival& arrival) {
        const auto done =
            operations::register_just_in_time(context, arrival.certificate_pem, arrival.names);
        if (!done) {
            log_.warning("a certificate was not registered just in time: {}: {}", done.error().name,
                         done.error().message);
            return;
        }
        if (!*done) return;
        const operations::Registration& one = **done;
        log_.info("certificate {} registered just in time: {}", one.certificate_id, one.status);
        if (!one.fault.empty())
            log_.warning("certificate {}: its CA's provisioning template failed: {}",
                         one.certificate_id, one.fault);
        if (!one.topic.empty()) context.publish({.topic = one.topic, .payload = one.message});
    }

    [[nodiscard]] Result<void> inject(const ServiceOptions& options, Clock& clock) {
        FaultInjector::Handlers handlers;
        handlers.now = [this](const http::Request& request) { return api_->handle(request); };
        if (options.faults.stale.count() > 0) {
            IMPRINT_TRY(auto snapshot,
                        SnapshotStore::open(database_path(state_), clock, options.faults.stale));
            snapshot_.emplace(std::move(snapshot));
            handlers.behind = [this](const http::Request& request) {
                return snapshot_->use(
                    [&](Store& store) { return api_->with(store).handle(request); });
            };
        }
        if (options.faults.lags()) {
            handlers.late = [this](const http::Request& request, Milliseconds lag) {
                return late_->handle(request, lag);
            };
            static constexpr Milliseconds tick{5};
            ticker_ = std::jthread([this, &clock](const std::stop_token& stop) {
                while (clock.sleep(tick, stop))
                    late_->apply_due();
            });
        }
        injector_.emplace(options.faults, clock, std::move(handlers));
        return {};
    }

    StateLock lock_;
    Store store_;
    pki::Authority authority_;
    Publications publications_;
    std::filesystem::path state_;
    std::string root_ca_pem_;
    Log log_;
    std::string endpoint_url_;
    std::uint16_t mqtt_port_ = 0;
    std::optional<Broker> broker_;
    std::optional<Api> api_;
    std::optional<LateWrites> late_;
    std::optional<SnapshotStore> snapshot_;
    std::optional<FaultInjector> injector_;
    std::optional<http::Server> server_;
    std::jthread ticker_;  // of late_
};

Service::Service(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Service::Service(Service&&) noexcept = default;
Service& Service::operator=(Service&&) noexcept = default;
Service::~Service() = default;

Result<Service> Service::start(const ServiceOptions& options, Clock& clock, Log log) {
    IMPRINT_CHECK(make_state_folder(options.state));
    IMPRINT_TRY(StateLock lock, StateLock::take(options.state));
    IMPRINT_TRY(Store store, Store::open(database_path(options.state)));
    IMPRINT_TRY(pki::Authority authority, open_authority(options.state, clock.wall()));
    IMPRINT_CHECK(write_credentials(options.state, store, options.region));
    IMPRINT_TRY(Publications publications, Publications::make());
    auto parts = std::make_unique<Parts>(std::move(lock), std::move(store), std::move(authority),
                                         std::move(publications), options, std::move(log));
    IMPRINT_CHECK(parts->start(options, clock));
    return Service(std::move(parts));
}

const std::string& Service::endpoint_url() const {
    return parts_->endpoint_url();
}

std::uint16_t Service::mqtt_port() const {
    return parts_->mqtt_port();
}

const std::string& Service::root_ca_pem() const {
    return parts_->root_ca_pem();
}

bool Service::healthy() {
    return parts_->healthy();
}

}  // namespace imprint::local_registry
