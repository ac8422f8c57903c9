// The identity that Imprint put on this board, for firmware on ESP-IDF 5.1 and later.
//
//   imprint_identity_t identity;
//   ESP_ERROR_CHECK(imprint_identity_load(NULL, &identity));
//   … use identity.endpoint, .port, .client_id, .certificate, .private_key, .root_ca …
//   imprint_identity_free(&identity);  // once no TLS connection needs the PEM texts any more
#pragma once

#include <stdint.h>

#include "esp_err.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    const char* partition_label;  // NULL: CONFIG_IMPRINT_IDENTITY_PARTITION
    const char* base_path;        // NULL: CONFIG_IMPRINT_IDENTITY_BASE_PATH
    // Where [credentials] in imprint.toml names other files; NULL: the usual name.
    const char* certificate_name;  // "certificate.pem.crt"
    const char* private_key_name;  // "private.pem.key"
    const char* root_ca_name;      // "aws-root-ca.pem"
} imprint_identity_config_t;

// Texts end with a NUL and belong to the identity until it is freed.
typedef struct {
    const char* thing_name;
    const char* client_id;  // the factory base MAC as 12 lower-case hex digits
    const char* endpoint;   // a host name or address
    const char* lot;        // may be empty
    uint16_t port;
    const char* certificate;  // PEM
    const char* private_key;  // PEM; wiped when the identity is freed
    const char* root_ca;      // PEM, one certificate or more
    void* owner;              // for imprint_identity_free
} imprint_identity_t;

// Mounts the SPIFFS partition, reads and checks the four files, compares the client id with this
// chip's MAC, and unmounts again. The partition is never formatted and no file is opened for
// writing. A partition that is mounted already (at base_path) is read and left mounted.
//
// What is wrong is logged under the tag "imprint", in one line, without any part of the key.
// Errors: ESP_ERR_NOT_FOUND (no such partition, a file is missing), ESP_FAIL (it does not mount, a
// file cannot be read), ESP_ERR_INVALID_SIZE (a file is empty or too large), ESP_ERR_NO_MEM,
// ESP_ERR_INVALID_RESPONSE (a PEM file or device.json is not what it must be),
// ESP_ERR_INVALID_MAC (the identity is another board's).
esp_err_t imprint_identity_load(const imprint_identity_config_t* config, imprint_identity_t* into);

// Wipes and frees. An identity of zeros is left alone.
void imprint_identity_free(imprint_identity_t* identity);

#ifdef __cplusplus
}
#endif
