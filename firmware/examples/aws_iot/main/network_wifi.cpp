// Wi-Fi: its name and password from a file beside the identity, or from a phone (Espressif's
// network_provisioning over the board's own hotspot), which NVS keeps. Neither is compiled in.
#include <cstdio>
#include <cstring>

#include "esp_event.h"
#include "esp_log.h"
#include "esp_netif.h"
#include "esp_random.h"
#include "esp_timer.h"
#include "esp_wifi.h"
#include "imprint_identity/backoff.h"
#include "imprint_identity/wifi.h"
#include "network.h"
#include "network_provisioning/manager.h"
#include "network_provisioning/scheme_softap.h"
#include "sdkconfig.h"

namespace {

constexpr const char* tag = "imprint";
constexpr const char* settings_file = CONFIG_EXAMPLE_WIFI_FILE;

// As long as the program; touched by the task of ESP-IDF's events alone, once it has begun.
struct Wifi {
    QueueHandle_t news = nullptr;
    esp_timer_handle_t next_try = nullptr;
    imprint_identity::Backoff backoff;
    std::int64_t since_us = 0;        // when the address came; 0: there is none
    bool is_told_by_a_phone = false;  // then Espressif's manager connects
};

void connect(void*) {
    esp_wifi_connect();
}

void try_again(Wifi& wifi, int reason) {
    if (wifi.since_us != 0)
        wifi.backoff.connection_ended(
            static_cast<std::uint32_t>((esp_timer_get_time() - wifi.since_us) / 1000));
    wifi.since_us = 0;
    const std::uint32_t wait_ms = wifi.backoff.next_ms(esp_random());
    ESP_LOGW(tag, "no Wi-Fi (reason %d), tried again in %u s", reason,
             static_cast<unsigned>((wait_ms + 500) / 1000));
    esp_timer_stop(wifi.next_try);
    esp_timer_start_once(wifi.next_try, std::uint64_t{wait_ms} * 1000);
}

void on_wifi(void* argument, esp_event_base_t, std::int32_t id, void* data) {
    Wifi& wifi = *static_cast<Wifi*>(argument);
    if (wifi.is_told_by_a_phone) return;
    if (id == WIFI_EVENT_STA_START)
        connect(nullptr);
    else if (id == WIFI_EVENT_STA_DISCONNECTED)
        try_again(wifi, static_cast<const wifi_event_sta_disconnected_t*>(data)->reason);
}

void on_address(void* argument, esp_event_base_t, std::int32_t, void*) {
    Wifi& wifi = *static_cast<Wifi*>(argument);
    wifi.since_us = esp_timer_get_time();
    tell(wifi.news, {});
}

void on_provisioning(void* argument, esp_event_base_t, std::int32_t id, void*) {
    Wifi& wifi = *static_cast<Wifi*>(argument);
    if (id == NETWORK_PROV_WIFI_CRED_FAIL) {
        ESP_LOGW(tag, "Wi-Fi does not take what the phone has told; it may tell again");
        network_prov_mgr_reset_wifi_sm_state_on_failure();
    } else if (id == NETWORK_PROV_END) {
        network_prov_mgr_deinit();
        wifi.is_told_by_a_phone = false;
        // What was lost in between is tried again from now on.
        if (wifi.since_us == 0) try_again(wifi, 0);
    }
}

void read_settings(imprint_identity::WifiSettings& into) {
    imprint_identity_file_t file;
    if (imprint_identity_read_file(settings_file, imprint_identity::wifi_file_size, &file) !=
        ESP_OK)
        return;
    const char* const problem = imprint_identity::parse_wifi(file.text, file.size, into);
    if (problem != nullptr) ESP_LOGE(tag, "%s: %s", settings_file, problem);
    imprint_identity_free_file(&file);
}

void use(const imprint_identity::WifiSettings& settings) {
    // Not kept in NVS: the file is what counts, also after the board was prepared anew.
    ESP_ERROR_CHECK(esp_wifi_set_storage(WIFI_STORAGE_RAM));
    ESP_ERROR_CHECK(esp_wifi_set_mode(WIFI_MODE_STA));
    wifi_config_t config = {};
    // Both may fill their field to the last byte.
    std::memcpy(config.sta.ssid, settings.ssid, sizeof(config.sta.ssid));
    std::memcpy(config.sta.password, settings.password, sizeof(config.sta.password));
    if (settings.password[0] != '\0') config.sta.threshold.authmode = WIFI_AUTH_WPA2_PSK;
    ESP_ERROR_CHECK(esp_wifi_set_config(WIFI_IF_STA, &config));
    ESP_ERROR_CHECK(esp_wifi_start());
}

// pop: what the phone has to know. One that is made up is only seen by who has the console.
void ask_a_phone(Wifi& wifi, const imprint_identity_t& identity, const char* pop) {
    static char proof[sizeof(imprint_identity::WifiSettings::pop)];  // used until it has ended
    if (pop[0] != '\0')
        std::snprintf(proof, sizeof(proof), "%s", pop);
    else
        std::snprintf(proof, sizeof(proof), "%08x", static_cast<unsigned>(esp_random()));
    char name[24];
    std::snprintf(name, sizeof(name), "PROV_%.12s", identity.client_id);
    wifi.is_told_by_a_phone = true;
    ESP_LOGI(tag, "no Wi-Fi is known: waiting for a phone at the hotspot %s", name);
    if (pop[0] == '\0') ESP_LOGI(tag, "proof of possession: %s", proof);
    ESP_ERROR_CHECK(
        network_prov_mgr_start_provisioning(NETWORK_PROV_SECURITY_1, proof, name, nullptr));
}

}  // namespace

void start_network(const imprint_identity_t& identity, QueueHandle_t news) {
    static Wifi wifi;
    wifi.news = news;
    esp_timer_create_args_t timer = {};
    timer.callback = connect;
    timer.name = "wifi";
    ESP_ERROR_CHECK(esp_timer_create(&timer, &wifi.next_try));
    esp_netif_create_default_wifi_sta();
    const wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();
    ESP_ERROR_CHECK(esp_wifi_init(&init));
    ESP_ERROR_CHECK(esp_event_handler_register(WIFI_EVENT, ESP_EVENT_ANY_ID, on_wifi, &wifi));
    ESP_ERROR_CHECK(esp_event_handler_register(IP_EVENT, IP_EVENT_STA_GOT_IP, on_address, &wifi));

    imprint_identity::WifiSettings settings;
    read_settings(settings);
    if (settings.ssid[0] != '\0') {
        use(settings);
        return;
    }
    esp_netif_create_default_wifi_ap();
    ESP_ERROR_CHECK(
        esp_event_handler_register(NETWORK_PROV_EVENT, ESP_EVENT_ANY_ID, on_provisioning, &wifi));
    network_prov_mgr_config_t config = {};
    config.scheme = network_prov_scheme_softap;
    ESP_ERROR_CHECK(network_prov_mgr_init(config));
    bool is_provisioned = false;
    ESP_ERROR_CHECK(network_prov_mgr_is_wifi_provisioned(&is_provisioned));
    if (!is_provisioned) {
        ask_a_phone(wifi, identity, settings.pop);
        return;
    }
    network_prov_mgr_deinit();
    ESP_ERROR_CHECK(esp_wifi_set_mode(WIFI_MODE_STA));
    ESP_ERROR_CHECK(esp_wifi_start());
}
