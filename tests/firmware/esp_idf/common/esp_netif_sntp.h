// As ESP-IDF 5.1 to 6.0 declares it: components/esp_netif/include/esp_netif_sntp.h (what is used of
// it).
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "esp_netif.h"
#define CONFIG_LWIP_SNTP_MAX_SERVERS 1
struct timeval;
typedef void (*esp_sntp_time_cb_t)(struct timeval* tv);

typedef struct esp_sntp_config {
    bool smooth_sync;
    bool server_from_dhcp;
    bool wait_for_sync;
    bool start;
    esp_sntp_time_cb_t sync_cb;
    bool renew_servers_after_new_IP;
    ip_event_t ip_event_to_renew;
    size_t index_of_first_server;
    size_t num_of_servers;
    const char* servers[CONFIG_LWIP_SNTP_MAX_SERVERS];
} esp_sntp_config_t;
#ifdef __cplusplus
extern "C" {
#endif
esp_err_t esp_netif_sntp_init(const esp_sntp_config_t* config);
esp_err_t esp_netif_sntp_sync_wait(TickType_t tout);
#ifdef __cplusplus
}
#endif
