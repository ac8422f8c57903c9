// As espressif/network_provisioning 1.2 declares it: include/network_provisioning/manager.h (what
// is used of it).
#pragma once
#include <stdbool.h>

#include "esp_event.h"
#include "esp_wifi.h"

typedef enum {
    NETWORK_PROV_INIT,
    NETWORK_PROV_START,
    NETWORK_PROV_WIFI_CRED_RECV,
    NETWORK_PROV_WIFI_CRED_FAIL,
    NETWORK_PROV_WIFI_CRED_SUCCESS,
    NETWORK_PROV_END,
    NETWORK_PROV_DEINIT
} network_prov_cb_event_t;

typedef struct {
    void (*event_cb)(void* user_data, network_prov_cb_event_t event, void* event_data);
    void* user_data;
} network_prov_event_handler_t;

typedef struct network_prov_scheme {
    esp_err_t (*prov_start)(struct protocomm* pc, void* config);
    wifi_mode_t wifi_mode;
} network_prov_scheme_t;

typedef struct {
    network_prov_scheme_t scheme;
    network_prov_event_handler_t scheme_event_handler;
    network_prov_event_handler_t app_event_handler;
} network_prov_mgr_config_t;

typedef enum network_prov_security { NETWORK_PROV_SECURITY_1 = 1 } network_prov_security_t;
#ifdef __cplusplus
extern "C" {
#endif
ESP_EVENT_DECLARE_BASE(NETWORK_PROV_EVENT);
esp_err_t network_prov_mgr_init(network_prov_mgr_config_t config);
void network_prov_mgr_deinit(void);
esp_err_t network_prov_mgr_is_wifi_provisioned(bool* provisioned);
esp_err_t network_prov_mgr_start_provisioning(network_prov_security_t security,
                                              const void* network_prov_sec_params,
                                              const char* service_name, const char* service_key);
esp_err_t network_prov_mgr_reset_wifi_sm_state_on_failure(void);
#ifdef __cplusplus
}
#endif
