// Why a board does not get to its broker, in words. Numbers alone do not tell a wrong name from a
// clock that is not set: mbedTLS answers both with "certificate verification failed".
#pragma once

#include <cstdint>

namespace imprint_identity {

// What esp-mqtt's esp_mqtt_error_codes_t tells of a failure (its members of these names).
struct ConnectionTrouble {
    // CONNACK's return code (MQTT 3.1.1, section 3.2.2.3); 0: the broker was not asked yet.
    int connect_return_code = 0;
    int esp_tls_last_esp_err = 0;  // ESP_ERR_ESP_TLS_… and ESP_ERR_MBEDTLS_…
    int esp_tls_stack_err = 0;     // mbedTLS's, without its minus
    // MBEDTLS_X509_BADCERT_…; ESP-IDF 5.5 and 6.0 leave it 0 when a handshake fails, see the
    // example's broker_trust.h.
    int esp_tls_cert_verify_flags = 0;
    int esp_transport_sock_errno = 0;
    // Of this board: its time, and whether the network has told it.
    std::int64_t now = 0;
    bool is_time_known = false;
};

using TroubleText = char[240];

// One sentence. endpoint: the broker's name, as the board has it.
void explain(const ConnectionTrouble& trouble, const char* endpoint, TroubleText& into);

}  // namespace imprint_identity
