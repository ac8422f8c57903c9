// As ESP-IDF 5.1 to 6.0 declares it: components/esp_netif/include/esp_netif.h, esp_netif_types.h
// and esp_netif_defaults.h (what is used of it).
#pragma once
#include <stddef.h>

#include "esp_err.h"
#include "esp_event.h"
typedef struct esp_netif_obj esp_netif_t;
typedef struct esp_netif_inherent_config esp_netif_inherent_config_t;
typedef struct esp_netif_driver_ifconfig esp_netif_driver_ifconfig_t;
typedef struct esp_netif_netstack_config esp_netif_netstack_config_t;

typedef struct {
    const esp_netif_inherent_config_t* base;
    const esp_netif_driver_ifconfig_t* driver;
    const esp_netif_netstack_config_t* stack;
} esp_netif_config_t;

typedef enum { IP_EVENT_STA_GOT_IP, IP_EVENT_STA_LOST_IP, IP_EVENT_ETH_GOT_IP = 4 } ip_event_t;
#ifdef __cplusplus
extern "C" {
#endif
extern const esp_netif_inherent_config_t _g_esp_netif_inherent_eth_config;
extern const esp_netif_netstack_config_t* _g_esp_netif_netstack_default_eth;
#define ESP_NETIF_DEFAULT_ETH()                     \
    {                                               \
        .base = &_g_esp_netif_inherent_eth_config,  \
        .driver = NULL,                             \
        .stack = _g_esp_netif_netstack_default_eth, \
    }
ESP_EVENT_DECLARE_BASE(IP_EVENT);
esp_err_t esp_netif_init(void);
esp_netif_t* esp_netif_new(const esp_netif_config_t* esp_netif_config);
esp_err_t esp_netif_attach(esp_netif_t* esp_netif, void* driver_handle);
#ifdef __cplusplus
}
#endif
