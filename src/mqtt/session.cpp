#include "mqtt/session.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <fmt/format.h>
#include <mosquitto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <span>

namespace imprint::mqtt {

namespace {

template <auto Free>
struct Freer {
    template <typename T>
    void operator()(T* owned) const {
        Free(owned);
    }
};

using Context = std::unique_ptr<SSL_CTX, Freer<SSL_CTX_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Memory = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using Client = std::unique_ptr<mosquitto, Freer<mosquitto_destroy>>;

std::string openssl_reason() {
    const unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    return reason == nullptr ? "no reason given" : reason;
}

std::unexpected<Error> unusable(std::string_view what) {
    return fail(ErrorKind::registry, "mqtt_credentials",
                fmt::format("{} is unusable: {}", what, openssl_reason()));
}

Memory reader(std::string_view pem) {
    return Memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

std::vector<Certificate> certificates(std::string_view pem) {
    const Memory source = reader(pem);
    std::vector<Certificate> found;
    while (X509* one = PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr))
        found.emplace_back(one);
    ERR_clear_error();  // the end of the text
    return found;
}

Result<void> use_identity(SSL_CTX* context, const Options& options) {
    std::vector<Certificate> chain = certificates(options.certificate);
    if (chain.empty()) return unusable("the certificate");
    if (SSL_CTX_use_certificate(context, chain.front().get()) != 1)
        return unusable("the certificate");
    for (std::size_t i = 1; i < chain.size(); ++i)
        if (SSL_CTX_add1_chain_cert(context, chain[i].get()) != 1)
            return unusable("the certificate's chain");
    const Memory source = reader(options.private_key);
    const Key key(PEM_read_bio_PrivateKey(source.get(), nullptr, nullptr, nullptr));
    if (!key) return unusable("the private key");
    if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) return unusable("the private key");
    return {};
}

// What libmosquitto does not log: why a certificate is refused.
int note_refusal(int accepted, X509_STORE_CTX* chain) {
    if (accepted == 1) return accepted;
    const auto* ssl = static_cast<const SSL*>(
        X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto* why = static_cast<std::string*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), 0));
    *why = X509_verify_cert_error_string(X509_STORE_CTX_get_error(chain));
    return accepted;
}

// refusal: outlives it.
Result<Context> make_context(const Options& options, std::string& refusal) {
    Context context(SSL_CTX_new(TLS_client_method()));
    if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1)
        return unusable("TLS");
    IMPRINT_CHECK(use_identity(context.get(), options));
    const std::vector<Certificate> roots = certificates(options.root_ca);
    if (roots.empty()) return unusable("the root certificate");
    for (const Certificate& root : roots)
        if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), root.get()) != 1)
            return unusable("the root certificate");
    if (SSL_CTX_set_ex_data(context.get(), 0, &refusal) != 1) return unusable("TLS");
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, note_refusal);
    X509_VERIFY_PARAM* expected = SSL_CTX_get0_param(context.get());
    if (options.now)
        X509_VERIFY_PARAM_set_time(expected, std::chrono::system_clock::to_time_t(*options.now));
    std::array<unsigned char, sizeof(in6_addr)> address{};
    const bool is_address = inet_pton(AF_INET, options.host.c_str(), address.data()) == 1 ||
                            inet_pton(AF_INET6, options.host.c_str(), address.data()) == 1;
    const int set = is_address ? X509_VERIFY_PARAM_set1_ip_asc(expected, options.host.c_str())
                               : X509_VERIFY_PARAM_set1_host(expected, options.host.c_str(), 0);
    if (set != 1) return unusable("the endpoint's name");
    return context;
}

// A TCP connection that failed while it was made. The library's TLS would go on trying to shake
// hands on it for ever.
bool was_refused(int socket) {
    pollfd look{socket, POLLOUT, 0};
    return ::poll(&look, 1, 0) == 1 && (look.revents & (POLLERR | POLLHUP)) != 0;
}

}  // namespace

struct Session::State {
    std::string host;
    std::uint16_t port = 0;
    std::string refusal;  // of the server's certificate, since the last attempt: why
    Context context;
    Client client;
    std::vector<Event> events;
    std::string tls_trouble;  // what the library logged since the last attempt
    bool active = false;      // between connect() and its end
    bool accepted = false;    // by the broker

    State() = default;
    ~State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    State(State&&) = delete;
    State& operator=(State&&) = delete;

    void end(std::string why) {
        if (!active) return;
        active = false;
        if (!tls_trouble.empty()) why += " (" + tls_trouble + ")";
        if (!refusal.empty()) why += ": " + refusal;
        events.push_back({Event::Kind::disconnected, std::move(why), {}, {}});
    }

    static State& of(void* self) { return *static_cast<State*>(self); }
};

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}

Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Result<Session> Session::create(const Options& options) {
    static const int library = mosquitto_lib_init();  // once a process; it has no state of ours
    auto state = std::make_unique<State>();
    IMPRINT_TRY(state->context, make_context(options, state->refusal));
    state->host = options.host;
    state->port = options.port;
    state->client.reset(mosquitto_new(options.client_id.c_str(), true, state.get()));
    if (library != MOSQ_ERR_SUCCESS || !state->client)
        return fail(ErrorKind::registry, "mqtt_credentials", "no MQTT client can be made");
    mosquitto* client = state->client.get();
    mosquitto_void_option(client, MOSQ_OPT_SSL_CTX, state->context.get());
    mosquitto_int_option(client, MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 0);
    mosquitto_connect_callback_set(client, [](mosquitto*, void* self, int code) {
        if (code == 0) {
            State::of(self).accepted = true;
            State::of(self).events.push_back({Event::Kind::connected, {}, {}, {}});
            return;
        }
        State::of(self).end(fmt::format("the broker refuses: {}", mosquitto_connack_string(code)));
    });
    mosquitto_disconnect_callback_set(client, [](mosquitto*, void* self, int code) {
        State::of(self).end(mosquitto_strerror(code));
    });
    mosquitto_message_callback_set(
        client, [](mosquitto*, void* self, const mosquitto_message* message) {
            State::of(self).events.push_back(
                {Event::Kind::message,
                 {},
                 message->topic,
                 std::string(static_cast<const char*>(message->payload),
                             static_cast<std::size_t>(message->payloadlen))});
        });
    mosquitto_publish_callback_set(client, [](mosquitto*, void* self, int) {
        State::of(self).events.push_back({Event::Kind::published, {}, {}, {}});
    });
    mosquitto_subscribe_callback_set(
        client, [](mosquitto*, void* self, int, int count, const int* granted) {
            // MQTT 3.1.1, 3.9.3: 0x80 is a failure.
            const std::span answers(granted, static_cast<std::size_t>(count));
            const bool all = std::ranges::all_of(answers, [](int one) { return one < 0x80; });
            State::of(self).events.push_back({Event::Kind::subscribed, {}, {}, {}, all});
        });
    mosquitto_log_callback_set(client, [](mosquitto*, void* self, int level, const char* text) {
        if (level == MOSQ_LOG_ERR) State::of(self).tls_trouble = text;
    });
    return Session(std::move(state));
}

void Session::connect() {
    constexpr int keep_alive_s = 30;
    state_->tls_trouble.clear();
    state_->refusal.clear();
    state_->active = true;
    state_->accepted = false;
    const int result = mosquitto_connect_async(state_->client.get(), state_->host.c_str(),
                                               state_->port, keep_alive_s);
    if (result != MOSQ_ERR_SUCCESS) state_->end(mosquitto_strerror(result));
}

std::vector<Event> Session::step(Milliseconds patience) {
    if (state_->active && !state_->accepted && was_refused(mosquitto_socket(state_->client.get())))
        state_->end("the connection is refused");
    if (state_->active) {
        const int result =
            mosquitto_loop(state_->client.get(), static_cast<int>(patience.count()), 1);
        if (result != MOSQ_ERR_SUCCESS) state_->end(mosquitto_strerror(result));
    }
    return std::exchange(state_->events, {});
}

void Session::subscribe(const std::string& topic) {
    const int result = mosquitto_subscribe(state_->client.get(), nullptr, topic.c_str(), 1);
    if (result != MOSQ_ERR_SUCCESS) state_->end(mosquitto_strerror(result));
}

void Session::publish(const std::string& topic, std::string_view payload, int quality) {
    const int result =
        mosquitto_publish(state_->client.get(), nullptr, topic.c_str(),
                          static_cast<int>(payload.size()), payload.data(), quality, false);
    if (result != MOSQ_ERR_SUCCESS) state_->end(mosquitto_strerror(result));
}

}  // namespace imprint::mqtt
