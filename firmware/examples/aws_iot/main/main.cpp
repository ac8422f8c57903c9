// A board that Imprint has prepared, at work: it connects to AWS IoT with its own certificate,
// reports its state to its shadow, and follows the shadow's light_state and firmware_url.
#include <cstdint>
#include <cstdlib>

#include "board_clock.h"
#include "connection.h"
#include "driver/gpio.h"
#include "esp_app_desc.h"
#include "esp_attr.h"
#include "esp_event.h"
#include "esp_log.h"
#include "esp_netif.h"
#include "esp_system.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "imprint_identity.h"
#include "imprint_identity/backoff.h"
#include "network.h"
#include "news.h"
#include "nvs_flash.h"
#include "rotation.h"
#include "sdkconfig.h"
#include "shadow_form.h"
#include "temperature.h"
#include "updates.h"

namespace {

constexpr const char* tag = "imprint";
constexpr gpio_num_t light_pin = static_cast<gpio_num_t>(CONFIG_EXAMPLE_LIGHT_GPIO);
// While the main task writes flash, a connection begins, with six answers to its subscriptions.
constexpr UBaseType_t news_at_once = 16;
constexpr std::int64_t second_us = 1000000;
constexpr std::int64_t report_period_us = CONFIG_EXAMPLE_REPORT_PERIOD_S * second_us;
constexpr std::int64_t time_wait_us = CONFIG_EXAMPLE_TIME_WAIT_S * second_us;

// A restart leaves it alone.
__NOINIT_ATTR imprint_identity::FailedStarts failed_starts;

// All that the main task knows; it alone touches it. Lives as long as the program, which never
// ends.
class Device {
  public:
    explicit Device(const imprint_identity_t& identity)
        : rotation_(identity),
          news_(xQueueCreate(news_at_once, sizeof(News))),
          connection_(clock_, rotation_.topics(), news_),
          updates_(news_) {}

    [[noreturn]] void run() {
        start_network(rotation_.identity(), news_);
        for (;;) {
            News news;
            if (xQueueReceive(news_, &news, pdMS_TO_TICKS(250)) == pdTRUE) {
                if (news.connection == 0 || news.connection == connection_.number()) take(news);
                std::free(news.text);
            }
            clock_.look();
            connect_when_the_time_is_known();
            connection_.look();
            if (connection_.has_lasted()) updates_.prove();
            updates_.look();
            if (connection_.is_up() && esp_timer_get_time() >= next_report_us_) report(false);
        }
    }

  private:
    void take(const News& news) {
        switch (news.kind) {
            case News::Kind::network_up:
                if (network_up_us_ == 0) network_up_us_ = esp_timer_get_time();
                clock_.ask_the_network();
                break;
            case News::Kind::connected:
                connection_.connected();
                carry_out(rotation_.connected());
                if (news.is_time_proven) clock_.proven();
                shadow_version_ = 0;
                report(true);
                break;
            case News::Kind::disconnected:
                connection_.disconnected();
                carry_out(rotation_.disconnected());
                break;
            case News::Kind::subscribed:
                connection_.subscribed(news.message, news.is_granted);
                break;
            case News::Kind::rotation_offered:
                // What is loaded over https is checked by the root CA of the present credentials.
                if (!updates_.is_loading()) carry_out(rotation_.take(news.text, news.size));
                break;
            case News::Kind::rotation_rejected:
                rotation_.take_rejected(news.text, news.size);
                break;
            case News::Kind::rotation_wanted:
                connection_.ask_rotation();
                break;
            case News::Kind::delta:
                follow(news.delta);
                break;
            case News::Kind::report_accepted:
                connection_.answered(news.answer, true);
                break;
            case News::Kind::report_rejected:
                connection_.answered(news.answer, false);
                break;
            case News::Kind::update_loaded:
                updates_.loaded();
                ESP_LOGI(tag, "restarting with the other firmware");
                esp_restart();
            case News::Kind::update_refused:
                updates_.refused();
                if (connection_.is_up()) report(true);  // so that the shadow stops asking for it
                ask_rotation();
                break;
            case News::Kind::update_failed:
                updates_.failed();
                ask_rotation();
                break;
        }
    }

    // What was offered while other firmware was being loaded.
    void ask_rotation() {
        if (connection_.is_up() && rotation_.topics() != nullptr) connection_.ask_rotation();
    }

    void carry_out(Rotation::Next next) {
        switch (next) {
            case Rotation::Next::nothing:
                return;
            case Rotation::Next::report:
                return connection_.report_rotation(rotation_.report());
            case Rotation::Next::ask:
                return connection_.ask_rotation();
            case Rotation::Next::connect:
                connection_.stop();
                return connection_.start(rotation_.identity());
        }
    }

    // The broker's certificate is judged by this board's time. Where no network tells it, the
    // lower bound has to do.
    void connect_when_the_time_is_known() {
        if (connection_.is_started() || network_up_us_ == 0) return;
        const bool is_waited = esp_timer_get_time() - network_up_us_ >= time_wait_us;
        if (!clock_.is_known() && !is_waited) return;
        if (!clock_.is_known())
            ESP_LOGW(tag, "no network tells the time: connecting with what is known");
        connection_.start(rotation_.identity());
    }

    void follow(const imprint_identity::Delta& delta) {
        // Messages of a shadow may overtake each other.
        if (delta.version != 0 && delta.version < shadow_version_) return;
        shadow_version_ = delta.version;
        if (delta.not_understood[0] != '\0')
            ESP_LOGW(tag, "the shadow's delta is not understood: %s", delta.not_understood);
        if (delta.firmware_url[0] != '\0') take_firmware(delta.firmware_url);
        if (delta.light == imprint_identity::Light::unchanged) return;
        is_light_on_ = delta.light == imprint_identity::Light::on;
        gpio_set_level(light_pin, is_light_on_ ? 1 : 0);
        ESP_LOGI(tag, "light %s", is_light_on_ ? "on" : "off");
        if (connection_.is_up()) report(true);
    }

    void take_firmware(const char* url) {
#ifdef CONFIG_EXAMPLE_UPDATES
        updates_.offered(url, rotation_.identity().root_ca);
#else
        ESP_LOGW(tag, "this firmware takes no other one over the air: %s", url);
#endif
    }

    void report(bool at_once) {
        imprint_identity::Report report;
        report.form = shadow_form;
        report.device_id = rotation_.identity().client_id;
        report.version = esp_app_get_description()->version;
        report.uptime_s = static_cast<std::uint32_t>(esp_timer_get_time() / second_us);
        report.light_on = is_light_on_;
        report.has_temperature = thermometer_.read(report.centidegrees);
        report.firmware_url = updates_.last_url();
        connection_.report(report, at_once);
        next_report_us_ = esp_timer_get_time() + report_period_us;
    }

    Rotation rotation_;
    QueueHandle_t news_;
    BoardClock clock_;
    Connection connection_;
    Updates updates_;
    Thermometer thermometer_;
    bool is_light_on_ = false;
    std::uint32_t shadow_version_ = 0;
    std::int64_t network_up_us_ = 0;  // when it was first; 0: not yet
    std::int64_t next_report_us_ = 0;
};

void start_storage() {
    esp_err_t result = nvs_flash_init();
    if (result == ESP_ERR_NVS_NO_FREE_PAGES || result == ESP_ERR_NVS_NEW_VERSION_FOUND) {
        ESP_ERROR_CHECK(nvs_flash_erase());
        result = nvs_flash_init();
    }
    ESP_ERROR_CHECK(result);
}

// Whatever it was may have passed by then: a reading of flash that failed, a power supply that was
// still rising. What lasts costs a reading an hour.
[[noreturn]] void restart_later() {
    const std::uint32_t pause_s = failed_starts.pause_s();
    ESP_LOGE(tag, "no identity: restarting in %u s", static_cast<unsigned>(pause_s));
    vTaskDelay(pdMS_TO_TICKS(1000) * pause_s);
    esp_restart();
}

}  // namespace

extern "C" void app_main() {
    start_storage();
    static imprint_identity_t identity;
    // The reason is on the console.
    if (imprint_identity_load(nullptr, &identity) != ESP_OK) restart_later();
    failed_starts.forget();
    ESP_LOGI(tag, "device %s, version %s", identity.client_id, esp_app_get_description()->version);
    ESP_LOGI(tag, "identity of %s, endpoint %s:%u", identity.thing_name, identity.endpoint,
             static_cast<unsigned>(identity.port));

    ESP_ERROR_CHECK(gpio_reset_pin(light_pin));
    ESP_ERROR_CHECK(gpio_set_direction(light_pin, GPIO_MODE_OUTPUT));
    ESP_ERROR_CHECK(esp_netif_init());
    ESP_ERROR_CHECK(esp_event_loop_create_default());
    static Device device(identity);
    device.run();
}
