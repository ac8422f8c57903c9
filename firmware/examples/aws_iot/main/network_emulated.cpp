#include "esp_eth.h"
#include "esp_event.h"
#include "esp_idf_version.h"
#include "esp_netif.h"
#include "network.h"

namespace {

void on_address(void* queue, esp_event_base_t, std::int32_t, void*) {
    tell(static_cast<QueueHandle_t>(queue), {});
}

// QEMU emulates a DP83848. ESP-IDF 6.0 keeps the drivers of single models elsewhere.
esp_eth_phy_t* emulated_phy() {
    eth_phy_config_t config = ETH_PHY_DEFAULT_CONFIG();
    config.autonego_timeout_ms = 100;  // nothing is negotiated
    config.reset_gpio_num = -1;
#if ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(6, 0, 0)
    return esp_eth_phy_new_generic(&config);
#else
    return esp_eth_phy_new_dp83848(&config);
#endif
}

}  // namespace

void start_network(const imprint_identity_t&, QueueHandle_t news) {
    const esp_netif_config_t netif_config = ESP_NETIF_DEFAULT_ETH();
    esp_netif_t* const netif = esp_netif_new(&netif_config);
    const eth_mac_config_t mac_config = ETH_MAC_DEFAULT_CONFIG();
    const esp_eth_config_t config =
        ETH_DEFAULT_CONFIG(esp_eth_mac_new_openeth(&mac_config), emulated_phy());
    esp_eth_handle_t handle = nullptr;
    ESP_ERROR_CHECK(esp_eth_driver_install(&config, &handle));
    ESP_ERROR_CHECK(esp_netif_attach(netif, esp_eth_new_netif_glue(handle)));
    ESP_ERROR_CHECK(esp_event_handler_register(IP_EVENT, IP_EVENT_ETH_GOT_IP, on_address, news));
    ESP_ERROR_CHECK(esp_eth_start(handle));
}
