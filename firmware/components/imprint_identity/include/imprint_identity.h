// The identity that Imprint put on this board, for firmware on ESP-IDF 5.1 and later.
//
//   imprint_identity_t identity;
//   ESP_ERROR_CHECK(imprint_identity_load(NULL, &identity));
//   … use identity.endpoint, .port, .client_id, .certificate, .private_key, .root_ca …
//   imprint_identity_free(&identity);  // once no TLS connection needs the PEM texts any more
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "esp_err.h"

#ifdef __cplusplus
extern "C" {
#endif

// Which parts of an identity are wanted. Its names, endpoint and port always come.
#define IMPRINT_IDENTITY_CERTIFICATE 0x01u
#define IMPRINT_IDENTITY_PRIVATE_KEY 0x02u
#define IMPRINT_IDENTITY_ROOT_CA 0x04u
#define IMPRINT_IDENTITY_NAMES_ONLY 0x80u  // none of them

typedef struct {
    const char* partition_label;  // NULL: CONFIG_IMPRINT_IDENTITY_PARTITION
    // Where [credentials] in imprint.toml names other files; NULL: the usual name. Of SPIFFS and
    // FAT: NVS and esp_secure_cert have names of their own.
    const char* certificate_name;  // "certificate.pem.crt"
    const char* private_key_name;  // "private.pem.key"
    const char* root_ca_name;      // "aws-root-ca.pem"
    const char* device_name;       // "device.json"
    // IMPRINT_IDENTITY_… or'ed; 0: all. What is not wanted is NULL, and neither read nor checked;
    // of a set that was committed in the field it is read, checked and wiped.
    uint32_t parts;
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
    // Where one of them is DER, as the partition has it: its bytes. 0: it is PEM, or NULL. This is
    // what esp-mqtt takes as certificate_len, key_len and ca_cert.
    size_t certificate_size;
    size_t private_key_size;
    size_t root_ca_size;
} imprint_identity_t;

// The identity in force: a set that was committed in the field (below), else that of the bench.
// Reads the four files of the partition as they lie in flash, checks them against their digests,
// certificate and key against each other, and the client id against this chip's MAC. The partition
// is neither mounted nor initialised, which could erase what is damaged, and nothing is written;
// whether the application has done so does not matter, as long as it writes nothing meanwhile. What
// is damaged of the first copy of the files is read from the second.
//
// A firmware that hands the key to mbedTLS itself asks for imprint_identity_load_key()
// (imprint_identity_key.h), and has no text of it in memory.
//
// What is wrong is logged under the tag "imprint", in one line, without any part of the key.
// Errors: ESP_ERR_NOT_FOUND (no such partition, never prepared, a file is missing),
// ESP_ERR_INVALID_CRC (what is there is not what was written), ESP_FAIL (the partition has another
// format or settings, flash cannot be read), ESP_ERR_INVALID_SIZE (a file is empty or too large),
// ESP_ERR_NO_MEM, ESP_ERR_INVALID_RESPONSE (a PEM file or device.json is not what it must be, or
// certificate and key do not belong together), ESP_ERR_INVALID_MAC (the identity is another
// board's).
esp_err_t imprint_identity_load(const imprint_identity_config_t* config, imprint_identity_t* into);

// --- Credentials that are replaced in the field -------------------------------------------------
//
// Needs a partition of four sectors or more (CONFIG_IMPRINT_IDENTITY_SLOTS), beside the one that
// the bench writes. Whatever the power does, the board has the old credentials or the new ones,
// whole:
//
//   imprint_identity_stage(&set);       // checked, written beside what is in force, read back
//   imprint_identity_try(&identity);    // connect with it; if that works:
//   imprint_identity_commit();          // in force from the next load on; the old key is wiped
//   imprint_identity_rollback();        // or else: forget it
//
// After a start, imprint_identity_try() says whether a set is still staged.

typedef struct {
    const char* certificate;  // PEM; each of them NULL: as it is in force
    const char* private_key;  // PEM
    const char* root_ca;      // PEM
    const char* endpoint;     // a host name or address
    uint16_t port;            // 0: as it is in force
    // Where one of them is DER: its bytes. 0: it is PEM.
    size_t certificate_size;
    size_t private_key_size;
    size_t root_ca_size;
} imprint_identity_set_t;

// Errors: ESP_ERR_NOT_SUPPORTED (there is no partition for it), ESP_ERR_INVALID_SIZE (it is too
// small), ESP_ERR_INVALID_RESPONSE (a text is not what it must be, or certificate and key do not
// belong together), ESP_FAIL (flash does not take it); those of imprint_identity_load, for the set
// in force. Then nothing is staged.
esp_err_t imprint_identity_stage(const imprint_identity_set_t* set);
// The staged credentials, as imprint_identity_load. Error too: ESP_ERR_NOT_FOUND: none are staged.
esp_err_t imprint_identity_try(imprint_identity_t* into);
// Puts the staged credentials in force, then wipes the former private key. Again after a power cut
// or an error: it finishes what is left to do. ESP_ERR_NOT_FOUND: none are staged, or in force.
esp_err_t imprint_identity_commit(void);
// Forgets the staged credentials and wipes their key. What is in force stays.
esp_err_t imprint_identity_rollback(void);

// Wipes and frees. An identity of zeros is left alone.
void imprint_identity_free(imprint_identity_t* identity);

// --- Files beside the identity
// --------------------------------------------------------------------
//
// Those of Imprint's credentials.extra_directory: the same for all boards of a run.

typedef struct {
    const char* text;  // with an ending NUL that size does not count
    size_t size;
    void* owner;  // for imprint_identity_free_file
} imprint_identity_file_t;

// Errors: ESP_ERR_NOT_FOUND (no such file or partition), ESP_ERR_INVALID_SIZE (it has more than
// most bytes), ESP_ERR_NO_MEM, ESP_FAIL (it cannot be read). There is no digest of these files.
esp_err_t imprint_identity_read_file(const char* name, size_t most, imprint_identity_file_t* into);
// Wipes and frees.
void imprint_identity_free_file(imprint_identity_file_t* file);

#ifdef __cplusplus
}
#endif
