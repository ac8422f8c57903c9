#include "imprint_identity/trouble.h"

#include <cstdarg>
#include <cstddef>
#include <cstdio>

#include "imprint_identity/wall_clock.h"

namespace imprint_identity {

namespace {

// ESP-IDF: components/esp-tls/esp_tls_errors.h, the same in 5.1 to 6.0.
constexpr int cannot_resolve = 0x8001;
constexpr int failed_connect = 0x8004;
constexpr int connection_timeout = 0x8006;
constexpr int closed_by_peer = 0x8008;
constexpr int handshake_timeout = 0x8009;  // since 6.0
constexpr int bad_pem = 0x8015;
constexpr int own_certificate = 0x8016;
constexpr int bad_key = 0x8019;

// mbedTLS 3.4 to 4.0: include/mbedtls/ssl.h and x509.h, as positive numbers.
constexpr int fatal_alert = 0x7780;
constexpr int connection_eof = 0x7280;
constexpr int out_of_memory = 0x7F00;
constexpr int psa_out_of_memory = 141;  // 4.0: PSA_ERROR_INSUFFICIENT_MEMORY
constexpr int verify_failed = 0x2700;

// mbedTLS: include/mbedtls/x509.h, MBEDTLS_X509_BADCERT_….
constexpr int expired = 0x01;
constexpr int revoked = 0x02;
constexpr int other_name = 0x04;
constexpr int not_trusted = 0x08;
constexpr int not_yet_valid = 0x0200;
constexpr int weak = 0x4000 | 0x8000 | 0x010000;  // BAD_MD, BAD_PK, BAD_KEY
constexpr int never_verified = -1;  // mbedtls_ssl_get_verify_result, where it did not get that far
constexpr int said = expired | revoked | other_name | not_trusted | not_yet_valid | weak;

class Sentence {
  public:
    explicit Sentence(TroubleText& into) : into_(into) { into_[0] = '\0'; }

#if defined(__GNUC__)
    __attribute__((format(printf, 2, 3)))
#endif
    void
    add(const char* format, ...) {
        std::va_list values;
        va_start(values, format);
        const int length = std::vsnprintf(into_ + size_, sizeof(into_) - size_, format, values);
        va_end(values);
        if (length <= 0) return;
        size_ += static_cast<std::size_t>(length);
        if (size_ >= sizeof(into_)) size_ = sizeof(into_) - 1;
    }

  private:
    TroubleText& into_;
    std::size_t size_ = 0;
};

// Each with what to look at. A time is only shown where it matters.
void explain_certificate(const ConnectionTrouble& trouble, const char* endpoint, Sentence& text) {
    const int flags = trouble.esp_tls_cert_verify_flags;
    const char* between = "the broker's certificate ";
    const auto next = [&text, &between] {
        text.add("%s", between);
        between = "; it ";
    };
    if ((flags & not_trusted) != 0) {
        next();
        text.add("comes from none of the CAs that this board trusts (aws-root-ca.pem)");
    }
    if ((flags & other_name) != 0) {
        next();
        text.add("is for another name than %s", endpoint);
    }
    if ((flags & (expired | not_yet_valid)) != 0) {
        TimeText now;
        to_text(trouble.now, now);
        next();
        text.add("%s: here it is %s, %s",
                 (flags & expired) != 0 ? "has expired" : "is not valid yet", now,
                 trouble.is_time_known ? "by the network's time"
                                       : "and no network has told this board the time");
    }
    if ((flags & revoked) != 0) {
        next();
        text.add("is revoked");
    }
    if ((flags & weak) != 0) {
        next();
        text.add("has a hash or key that is refused as too weak");
    }
    if ((flags & ~said) != 0) {
        next();
        text.add("is refused (flags 0x%x)", static_cast<unsigned>(flags & ~said));
    }
}

const char* refusal(int code) {
    switch (code) {
        case 1:
            return "it does not speak this MQTT version";
        case 2:
            return "it does not take this client id";
        case 3:
            return "it is not available";
        case 4:
        case 5:
            return "this board is not allowed to connect: is its certificate ACTIVE, with a policy "
                   "for this client id";
        default:
            return "it gives no known reason";
    }
}

// What happened before TLS, or beside it; null: look further.
const char* word_of_esp_tls(int error) {
    switch (error) {
        case cannot_resolve:
            return "its name cannot be resolved: is there a network, and DNS";
        case failed_connect:
            return "nothing answers at its address and port";
        case connection_timeout:
        case handshake_timeout:
            return "it does not answer in time";
        case closed_by_peer:
            return "it closes the connection: is this board's certificate ACTIVE, with a policy "
                   "for "
                   "its client id";
        case bad_pem:
        case own_certificate:
            return "this board's certificate or its root CA cannot be used";
        case bad_key:
            return "this board's private key cannot be used";
        default:
            return nullptr;
    }
}

const char* word_of_mbedtls(int error) {
    switch (error) {
        case fatal_alert:
            return "it refuses this board's certificate, or has no cipher in common with it";
        case connection_eof:
            return "it closes the connection during the handshake";
        case out_of_memory:
        case psa_out_of_memory:
            return "there is no memory for TLS";
        case verify_failed:
            return "its certificate cannot be verified: by its name, its CA or its dates";
        default:
            return nullptr;
    }
}

}  // namespace

void explain(const ConnectionTrouble& trouble, const char* endpoint, TroubleText& into) {
    Sentence text(into);
    if (trouble.connect_return_code != 0) {
        text.add("the broker refuses (code %d): %s", trouble.connect_return_code,
                 refusal(trouble.connect_return_code));
        return;
    }
    if (trouble.esp_tls_cert_verify_flags != 0 &&
        trouble.esp_tls_cert_verify_flags != never_verified) {
        explain_certificate(trouble, endpoint, text);
        return;
    }
    // The more precise one first: a handshake that fails is only that to esp-tls.
    const char* word = word_of_mbedtls(trouble.esp_tls_stack_err);
    if (word == nullptr) word = word_of_esp_tls(trouble.esp_tls_last_esp_err);
    text.add("%s: %s", endpoint, word != nullptr ? word : "the connection breaks");
    if (trouble.esp_tls_last_esp_err != 0 || trouble.esp_tls_stack_err != 0 ||
        trouble.esp_transport_sock_errno != 0)
        text.add(" (TLS 0x%x, mbedTLS 0x%x, errno %d)",
                 static_cast<unsigned>(trouble.esp_tls_last_esp_err),
                 static_cast<unsigned>(trouble.esp_tls_stack_err),
                 trouble.esp_transport_sock_errno);
}

}  // namespace imprint_identity
