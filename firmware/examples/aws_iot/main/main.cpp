// A board that Imprint has prepared, at work: it connects to AWS IoT with its own certificate,
// reports its state to its shadow, and follows the shadow's light_state.
#include <atomic>
#include <cstdint>
#include <cstring>

#include "driver/gpio.h"
#include "esp_app_desc.h"
#include "esp_event.h"
#include "esp_log.h"
#include "esp_netif.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "imprint_identity.h"
#include "imprint_identity/shadow.h"
#include "mqtt_client.h"
#include "nvs_flash.h"
#include "protocol_examples_common.h"
#include "sdkconfig.h"

namespace {

using imprint_identity::Light;

constexpr const char* tag = "imprint";
constexpr gpio_num_t light_pin = static_cast<gpio_num_t>(CONFIG_EXAMPLE_LIGHT_GPIO);
constexpr int mqtt_buffer_size = 4096;  // a delta with its metadata comes in one piece
constexpr int reconnect_ms = 5000;

struct Device {
    imprint_identity_t identity = {};
    imprint_identity::ShadowTopics topics;
    esp_mqtt_client_handle_t mqtt = nullptr;
    TaskHandle_t reporter = nullptr;  // is notified when a report is due at once
    std::atomic<bool> connected{false};
    std::atomic<bool> light_on{false};
};

void set_light(Device& device, bool on) {
    device.light_on = on;
    gpio_set_level(light_pin, on ? 1 : 0);
    ESP_LOGI(tag, "light %s", on ? "on" : "off");
    xTaskNotifyGive(device.reporter);
}

void report(const Device& device) {
    imprint_identity::Report report;
    report.device_id = device.identity.client_id;
    report.version = esp_app_get_description()->version;
    report.uptime_s = static_cast<std::uint32_t>(esp_timer_get_time() / 1000000);
    report.light_on = device.light_on;
    char text[imprint_identity::shadow_report_size];
    const std::size_t size = imprint_identity::format_report(report, text);
    if (size == 0) return;
    esp_mqtt_client_publish(device.mqtt, device.topics.update, text, static_cast<int>(size), 0, 0);
}

bool is_delta(const Device& device, const esp_mqtt_event_t& event) {
    const bool in_one_piece = event.data_len == event.total_data_len;
    const auto length = static_cast<std::size_t>(event.topic_len);
    return in_one_piece && length == std::strlen(device.topics.delta) &&
           std::memcmp(event.topic, device.topics.delta, length) == 0;
}

void explain(const esp_mqtt_error_codes_t& error) {
    if (error.error_type == MQTT_ERROR_TYPE_CONNECTION_REFUSED)
        ESP_LOGE(tag, "not connected: the broker refuses, code %d", error.connect_return_code);
    else
        ESP_LOGE(tag, "not connected: TLS 0x%x, mbedTLS 0x%x, errno %d", error.esp_tls_last_esp_err,
                 error.esp_tls_stack_err, error.esp_transport_sock_errno);
}

void on_mqtt(void* argument, esp_event_base_t, std::int32_t id, void* data) {
    Device& device = *static_cast<Device*>(argument);
    const esp_mqtt_event_t& event = *static_cast<esp_mqtt_event_t*>(data);
    switch (static_cast<esp_mqtt_event_id_t>(id)) {
        case MQTT_EVENT_CONNECTED:
            device.connected = true;
            ESP_LOGI(tag, "connected as %s", device.identity.client_id);
            esp_mqtt_client_subscribe(device.mqtt, device.topics.delta, 1);
            xTaskNotifyGive(device.reporter);
            break;
        case MQTT_EVENT_DISCONNECTED:
            device.connected = false;  // the client tries again by itself
            break;
        case MQTT_EVENT_DATA:
            if (!is_delta(device, event)) break;
            switch (imprint_identity::wanted_light(event.data,
                                                   static_cast<std::size_t>(event.data_len))) {
                case Light::on:
                    set_light(device, true);
                    break;
                case Light::off:
                    set_light(device, false);
                    break;
                case Light::unchanged:
                    break;
            }
            break;
        case MQTT_EVENT_ERROR:
            explain(*event.error_handle);
            break;
        default:
            break;
    }
}

void start_mqtt(Device& device) {
    esp_mqtt_client_config_t config = {};
    config.broker.address.hostname = device.identity.endpoint;
    config.broker.address.port = device.identity.port;
    config.broker.address.transport = MQTT_TRANSPORT_OVER_SSL;
    config.broker.verification.certificate = device.identity.root_ca;
    config.credentials.client_id = device.identity.client_id;
    config.credentials.authentication.certificate = device.identity.certificate;
    config.credentials.authentication.key = device.identity.private_key;
    config.network.reconnect_timeout_ms = reconnect_ms;
    config.buffer.size = mqtt_buffer_size;
    device.mqtt = esp_mqtt_client_init(&config);
    ESP_ERROR_CHECK(device.mqtt != nullptr ? ESP_OK : ESP_ERR_NO_MEM);
    ESP_ERROR_CHECK(esp_mqtt_client_register_event(device.mqtt, MQTT_EVENT_ANY, on_mqtt, &device));
    ESP_ERROR_CHECK(esp_mqtt_client_start(device.mqtt));
}

void start_storage() {
    esp_err_t result = nvs_flash_init();
    if (result == ESP_ERR_NVS_NO_FREE_PAGES || result == ESP_ERR_NVS_NEW_VERSION_FOUND) {
        ESP_ERROR_CHECK(nvs_flash_erase());
        result = nvs_flash_init();
    }
    ESP_ERROR_CHECK(result);
}

}  // namespace

extern "C" void app_main() {
    static Device device;  // lives as long as the program, which never ends
    device.reporter = xTaskGetCurrentTaskHandle();
    start_storage();
    // Without an identity there is nothing to do; the reason is on the console.
    if (imprint_identity_load(nullptr, &device.identity) != ESP_OK) return;
    ESP_LOGI(tag, "device %s, version %s", device.identity.client_id,
             esp_app_get_description()->version);
    ESP_LOGI(tag, "identity of %s, endpoint %s:%u", device.identity.thing_name,
             device.identity.endpoint, static_cast<unsigned>(device.identity.port));
    if (!imprint_identity::make_topics(device.identity.thing_name, device.topics)) return;

    ESP_ERROR_CHECK(gpio_reset_pin(light_pin));
    ESP_ERROR_CHECK(gpio_set_direction(light_pin, GPIO_MODE_OUTPUT));
    ESP_ERROR_CHECK(esp_netif_init());
    ESP_ERROR_CHECK(esp_event_loop_create_default());
    ESP_ERROR_CHECK(example_connect());
    start_mqtt(device);
    for (;;) {
        ulTaskNotifyTake(pdTRUE, pdMS_TO_TICKS(CONFIG_EXAMPLE_REPORT_PERIOD_S * 1000));
        if (device.connected) report(device);
    }
}
