// New credentials over the air, for firmware on ESP-IDF 5.1 and later: the device makes its own
// key, its station (`imprint registry rotate --over-the-air`) signs it. Needs the slots of
// imprint_identity.h (CONFIG_IMPRINT_IDENTITY_SLOTS), and an MQTT client with room for messages of
// 4 KB.
//
//   on each connection:  subscribe to get_accepted, get_rejected and delta; where all of that was
//                        granted, publish "{}" to get
//   get_accepted:        imprint_rotation_take()
//   get_rejected:        imprint_rotation_take_rejected()
//   delta:               publish "{}" to get
//   IMPRINT_ROTATION_REPORT:  publish what imprint_rotation_report() gives to update
//   IMPRINT_ROTATION_TRY:     end the connection, and make one with imprint_identity_try():
//                             imprint_rotation_connected() once it is up; if it does not come up,
//                             imprint_rotation_failed(), and back to imprint_identity_load()
//
// Where a subscription is refused, or the connection ends over it, do not ask again on the next
// one: a broker may end each of them.
//
// Calls are not made at the same time from two tasks, and take up to 6 KB of their task's stack.
// After a restart it goes on by itself.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "esp_err.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct imprint_rotation imprint_rotation_t;

typedef struct {
    char update[192];
    char delta[192];
    char get[192];
    char get_accepted[192];
    char get_rejected[192];
} imprint_rotation_topics_t;

typedef enum {
    IMPRINT_ROTATION_NOTHING,
    IMPRINT_ROTATION_REPORT,
    IMPRINT_ROTATION_TRY,
} imprint_rotation_next_t;

// Errors: ESP_ERR_NOT_SUPPORTED (there is no partition of slots), ESP_ERR_NO_MEM,
// ESP_ERR_INVALID_SIZE (the thing's name is too long).
esp_err_t imprint_rotation_create(const char* thing_name, imprint_rotation_t** into);
void imprint_rotation_delete(imprint_rotation_t* rotation);

const imprint_rotation_topics_t* imprint_rotation_topics(const imprint_rotation_t* rotation);

// A message of get_accepted. What is wrong with it is logged.
imprint_rotation_next_t imprint_rotation_take(imprint_rotation_t* rotation, const char* json,
                                              size_t size);
// A message of get_rejected: where the thing has no such shadow, no rotation is wanted.
void imprint_rotation_take_rejected(imprint_rotation_t* rotation, const char* json, size_t size);
// Whether imprint_identity_try() is what to connect with.
bool imprint_rotation_is_trying(const imprint_rotation_t* rotation);
// There is a connection that was made with imprint_identity_try(), and with nothing else: what it
// was made with is in force from now on.
imprint_rotation_next_t imprint_rotation_connected(imprint_rotation_t* rotation);
// There is none: the new credentials are wiped. why: a sentence for the station.
void imprint_rotation_failed(imprint_rotation_t* rotation, const char* why);
// With an ending NUL, until the next call; empty: there is nothing to report.
const char* imprint_rotation_report(imprint_rotation_t* rotation);

#ifdef __cplusplus
}
#endif
