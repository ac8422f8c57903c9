#include "updates.h"

#include <cstring>

#include "esp_app_desc.h"
#include "esp_http_client.h"
#include "esp_https_ota.h"
#include "esp_log.h"
#include "esp_ota_ops.h"
#include "esp_random.h"
#include "esp_timer.h"
#include "freertos/task.h"
#include "imprint_identity/firmware_update.h"
#include "nvs.h"
#include "sdkconfig.h"

#ifndef CONFIG_EXAMPLE_UPDATE_TRIAL_S  // no updates: what cable has brought may still be on trial
#define CONFIG_EXAMPLE_UPDATE_TRIAL_S 900
#endif

namespace {

constexpr const char* tag = "imprint";
constexpr const char* space = "imprint_update";
constexpr const char* key = "url";
constexpr std::uint32_t stack_size = 8192;  // TLS
constexpr UBaseType_t priority = 5;
constexpr std::int64_t trial_us = std::int64_t{CONFIG_EXAMPLE_UPDATE_TRIAL_S} * 1000000;

// Minutes, where a connection to the broker is tried after seconds: an image is a megabyte.
constexpr imprint_identity::BackoffLimits patience = {60000, 300000, 3600000, 0};

// Trying again would bring the same.
bool is_final(esp_err_t failed) {
    return failed == ESP_ERR_INVALID_VERSION || failed == ESP_ERR_OTA_VALIDATE_FAILED;
}

bool is_this_one_on_trial() {
    esp_ota_img_states_t state = ESP_OTA_IMG_UNDEFINED;
    return esp_ota_get_state_partition(esp_ota_get_running_partition(), &state) == ESP_OK &&
           state == ESP_OTA_IMG_PENDING_VERIFY;
}

const char* why_not(const esp_app_desc_t& offered) {
    const esp_app_desc_t& running = *esp_app_get_description();
    esp_app_desc_t taken_back = {};
    const esp_partition_t* const invalid = esp_ota_get_last_invalid_partition();
    if (invalid != nullptr && esp_ota_get_partition_description(invalid, &taken_back) != ESP_OK)
        taken_back = {};
    imprint_identity::FirmwareOffer offer;
    offer.project = offered.project_name;
    offer.version = offered.version;
    offer.running_project = running.project_name;
    offer.running_version = running.version;
    offer.failed_version = taken_back.version;
    return imprint_identity::refusal(offer);
}

}  // namespace

Updates::Updates(QueueHandle_t news)
    : news_(news), is_on_trial_(is_this_one_on_trial()), backoff_(patience) {
    if (is_on_trial_)
        ESP_LOGI(tag, "this firmware is on trial: it has %d s for a connection that lasts",
                 CONFIG_EXAMPLE_UPDATE_TRIAL_S);
    nvs_handle_t nvs = 0;
    if (nvs_open(space, NVS_READONLY, &nvs) != ESP_OK) return;  // nothing was offered yet
    std::size_t size = sizeof(last_url_);
    if (nvs_get_str(nvs, key, last_url_, &size) != ESP_OK) last_url_[0] = '\0';
    nvs_close(nvs);
}

void Updates::remember() {
    std::memcpy(last_url_, url_, sizeof(last_url_));
    nvs_handle_t nvs = 0;
    if (nvs_open(space, NVS_READWRITE, &nvs) != ESP_OK) return;
    if (nvs_set_str(nvs, key, last_url_) == ESP_OK) nvs_commit(nvs);
    nvs_close(nvs);
}

void Updates::offered(const char* url, const char* root_ca) {
    if (is_loading_ || std::strcmp(url, last_url_) == 0 || esp_timer_get_time() < not_before_us_)
        return;
    if (is_on_trial_) {
        ESP_LOGW(tag, "other firmware is not taken while this one is on trial");
        return;
    }
    std::memcpy(url_, url, std::strlen(url) + 1);
    root_ca_ = root_ca;
    ESP_LOGI(tag, "loading firmware from %s", url_);
    is_loading_ = xTaskCreate([](void* self) { static_cast<Updates*>(self)->load(); }, "update",
                              stack_size, this, priority, nullptr) == pdPASS;
    if (!is_loading_) ESP_LOGE(tag, "no memory for loading it");
}

// Written down before the restart: whichever firmware then runs reports it.
void Updates::loaded() {
    is_loading_ = false;
    remember();
}

void Updates::refused() {
    is_loading_ = false;
    remember();
}

void Updates::failed() {
    is_loading_ = false;
    const std::uint32_t wait_ms = backoff_.next_ms(esp_random());
    not_before_us_ = esp_timer_get_time() + std::int64_t{wait_ms} * 1000;
    ESP_LOGW(tag, "the firmware is asked for again in %u s at the earliest",
             static_cast<unsigned>(wait_ms / 1000));
}

// In a task of its own.
void Updates::load() {
    const esp_err_t failed = load_image();
    if (failed != ESP_OK) ESP_LOGE(tag, "firmware not taken: %s", esp_err_to_name(failed));
    News news;
    news.kind = failed == ESP_OK   ? News::Kind::update_loaded
                : is_final(failed) ? News::Kind::update_refused
                                   : News::Kind::update_failed;
    tell(news_, news);
    vTaskDelete(nullptr);
}

esp_err_t Updates::load_image() {
    esp_http_client_config_t http = {};
    http.url = url_;
    http.cert_pem = root_ca_;
    http.timeout_ms = 20000;
    http.keep_alive_enable = true;
    esp_https_ota_config_t config = {};
    config.http_config = &http;
    esp_https_ota_handle_t update = nullptr;
    esp_err_t failed = esp_https_ota_begin(&config, &update);
    if (failed != ESP_OK) return failed;
    esp_app_desc_t offered = {};
    failed = esp_https_ota_get_img_desc(update, &offered);
    if (failed == ESP_OK) {
        if (const char* const why = why_not(offered)) {
            ESP_LOGE(tag, "firmware %s %s: %s", offered.project_name, offered.version, why);
            failed = ESP_ERR_INVALID_VERSION;
        }
    }
    if (failed == ESP_OK) {
        do
            failed = esp_https_ota_perform(update);
        while (failed == ESP_ERR_HTTPS_OTA_IN_PROGRESS);
    }
    if (failed == ESP_OK && !esp_https_ota_is_complete_data_received(update))
        failed = ESP_ERR_INVALID_SIZE;
    if (failed == ESP_OK) return esp_https_ota_finish(update);
    esp_https_ota_abort(update);
    return failed;
}

void Updates::prove() {
    if (!is_on_trial_) return;
    is_on_trial_ = false;
    const esp_err_t failed = esp_ota_mark_app_valid_cancel_rollback();
    if (failed == ESP_OK)
        ESP_LOGI(tag, "this firmware stays connected, and is kept");
    else
        ESP_LOGE(tag, "this firmware is not marked as good: %s", esp_err_to_name(failed));
}

void Updates::look() {
    if (!is_on_trial_ || esp_timer_get_time() < trial_us) return;
    is_on_trial_ = false;
    ESP_LOGE(tag, "no connection of this firmware has lasted: back to the former one");
    const esp_err_t failed = esp_ota_mark_app_invalid_rollback_and_reboot();
    ESP_LOGE(tag, "there is no former one: %s", esp_err_to_name(failed));
}
