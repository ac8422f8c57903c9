// As ESP-IDF 5.1 to 6.0 declares it: components/esp_eth/include/esp_eth.h and the headers that it
// includes, with CONFIG_ETH_USE_OPENETH (what is used of it).
#pragma once
#include <stdint.h>

#include "esp_err.h"
#include "esp_idf_version.h"
typedef void* esp_eth_handle_t;
typedef struct esp_eth_mac_s esp_eth_mac_t;
typedef struct esp_eth_phy_s esp_eth_phy_t;
typedef struct esp_eth_netif_glue_t* esp_eth_netif_glue_handle_t;

typedef struct {
    uint32_t sw_reset_timeout_ms;
    uint32_t rx_task_stack_size;
    uint32_t rx_task_prio;
    uint32_t flags;
} eth_mac_config_t;

#define ETH_MAC_DEFAULT_CONFIG() \
    {.sw_reset_timeout_ms = 100, .rx_task_stack_size = 4096, .rx_task_prio = 15, .flags = 0}

typedef struct {
    int32_t phy_addr;
    uint32_t reset_timeout_ms;
    uint32_t autonego_timeout_ms;
    int reset_gpio_num;
} eth_phy_config_t;

#define ETH_PHY_DEFAULT_CONFIG() \
    {.phy_addr = -1, .reset_timeout_ms = 100, .autonego_timeout_ms = 4000, .reset_gpio_num = 5}

typedef struct {
    esp_eth_mac_t* mac;
    esp_eth_phy_t* phy;
    uint32_t check_link_period_ms;
    esp_err_t (*stack_input)(esp_eth_handle_t eth_handle, uint8_t* buffer, uint32_t length,
                             void* priv);
    esp_err_t (*on_lowlevel_init_done)(esp_eth_handle_t eth_handle);
    esp_err_t (*on_lowlevel_deinit_done)(esp_eth_handle_t eth_handle);
} esp_eth_config_t;

#define ETH_DEFAULT_CONFIG(emac, ephy)   \
    {                                    \
        .mac = emac,                     \
        .phy = ephy,                     \
        .check_link_period_ms = 2000,    \
        .stack_input = NULL,             \
        .on_lowlevel_init_done = NULL,   \
        .on_lowlevel_deinit_done = NULL, \
    }
#ifdef __cplusplus
extern "C" {
#endif
esp_eth_mac_t* esp_eth_mac_new_openeth(const eth_mac_config_t* config);
#if ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(6, 0, 0)
esp_eth_phy_t* esp_eth_phy_new_generic(const eth_phy_config_t* config);
#else
esp_eth_phy_t* esp_eth_phy_new_dp83848(const eth_phy_config_t* config);
#endif
esp_err_t esp_eth_driver_install(const esp_eth_config_t* config, esp_eth_handle_t* out_hdl);
esp_err_t esp_eth_start(esp_eth_handle_t hdl);
esp_eth_netif_glue_handle_t esp_eth_new_netif_glue(esp_eth_handle_t eth_hdl);
#ifdef __cplusplus
}
#endif
