#include "board_clock.h"

#include <sys/time.h>
#include <time.h>

#include "esp_app_desc.h"
#include "esp_log.h"
#include "esp_netif_sntp.h"
#include "nvs.h"
#include "sdkconfig.h"

namespace {

constexpr const char* tag = "imprint";
constexpr const char* space = "imprint_time";
constexpr const char* key = "proven";

std::int64_t read_kept() {
    nvs_handle_t nvs = 0;
    if (nvs_open(space, NVS_READONLY, &nvs) != ESP_OK) return 0;  // nothing was kept yet
    std::int64_t kept = 0;
    if (nvs_get_i64(nvs, key, &kept) != ESP_OK) kept = 0;
    nvs_close(nvs);
    return kept;
}

// The bound is a help: without it the board works as well as a new one.
void write_kept(std::int64_t time) {
    nvs_handle_t nvs = 0;
    esp_err_t failed = nvs_open(space, NVS_READWRITE, &nvs);
    if (failed == ESP_OK) {
        failed = nvs_set_i64(nvs, key, time);
        if (failed == ESP_OK) failed = nvs_commit(nvs);
        nvs_close(nvs);
    }
    if (failed != ESP_OK) ESP_LOGW(tag, "the time is not kept: %s", esp_err_to_name(failed));
}

std::int64_t this_firmware_was_built() {
    const esp_app_desc_t& app = *esp_app_get_description();
    return imprint_identity::built_at(app.date, app.time);
}

void set_clock(std::int64_t time) {
    timeval now = {};
    now.tv_sec = static_cast<time_t>(time);
    settimeofday(&now, nullptr);
}

}  // namespace

BoardClock::BoardClock() : bound_(this_firmware_was_built(), read_kept()) {
    if (now() < bound_.earliest()) set_clock(bound_.earliest());
}

void BoardClock::ask_the_network() {
    if (is_asked_) return;
    // ESP_NETIF_SNTP_DEFAULT_CONFIG of ESP-IDF 5.1 and 5.1.1 is no C++.
    esp_sntp_config_t config = {};
    config.wait_for_sync = true;
    config.start = true;
    config.num_of_servers = 1;
    config.servers[0] = CONFIG_EXAMPLE_TIME_SERVER;
    const esp_err_t failed = esp_netif_sntp_init(&config);
    if (failed != ESP_OK) ESP_LOGW(tag, "no time from the network: %s", esp_err_to_name(failed));
    is_asked_ = failed == ESP_OK;
}

void BoardClock::look() {
    if (!is_asked_ || esp_netif_sntp_sync_wait(0) != ESP_OK) return;
    imprint_identity::TimeText text;
    imprint_identity::to_text(now(), text);
    if (!bound_.accepts(now())) {
        ESP_LOGW(tag, "the network says that it is %s, which is past: not taken", text);
        set_clock(bound_.earliest());
        is_known_ = false;
        return;
    }
    if (!is_known_) ESP_LOGI(tag, "it is %s", text);
    is_known_ = true;
}

void BoardClock::proven() {
    if (bound_.keep(now())) write_kept(now());
}

std::int64_t BoardClock::now() const {
    return time(nullptr);
}
