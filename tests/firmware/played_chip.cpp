#include "played_chip.h"

#include <algorithm>

#include "board_clock.h"
#include "broker_trust.h"
#include "driver/gpio.h"
#include "esp_app_desc.h"
#include "esp_event.h"
#include "esp_log.h"
#include "esp_netif.h"
#include "esp_random.h"
#include "esp_system.h"
#include "esp_timer.h"
#include "freertos/task.h"
#include "network.h"
#include "nvs_flash.h"
#include "rotation.h"
#include "temperature.h"
#include "updates.h"

namespace imprint_identity {

namespace {

constexpr std::int64_t step_ms = 10;
PlayedChip* the_chip = nullptr;

}  // namespace

imprint_identity_t identity_of_test() {
    imprint_identity_t identity{};
    identity.endpoint = "broker";
    identity.port = 8883;
    identity.thing_name = "240ac4000001";
    identity.client_id = "240ac4000001";
    identity.root_ca = "";
    return identity;
}

PlayedChip::PlayedChip() {
    the_chip = this;
}

PlayedChip::~PlayedChip() {
    the_chip = nullptr;
}

PlayedChip& PlayedChip::at_work() {
    return *the_chip;
}

void PlayedChip::run(std::chrono::milliseconds time) {
    for (const std::int64_t end = now_ms + time.count(); now_ms < end; now_ms += step_ms)
        step();
}

void PlayedChip::tell(esp_mqtt_event_id_t id) {
    esp_mqtt_error_codes_t errors{};
    errors.error_type = MQTT_ERROR_TYPE_TCP_TRANSPORT;
    esp_mqtt_event_t event{};
    event.event_id = id;
    event.error_handle = &errors;
    client->handler(client->argument, "MQTT_EVENTS", id, &event);
}

void PlayedChip::abort_connection() {
    client->state = esp_mqtt_client::State::wait_reconnect;
    client->wait_ms = client->config.network.reconnect_timeout_ms;
    client->waits_since_ms = now_ms;
    client->sleeps_until_ms = now_ms;
    tell(MQTT_EVENT_DISCONNECTED);
}

// Once round esp-mqtt's loop, unless its task sleeps.
void PlayedChip::step() {
    if (client == nullptr || !client->is_running) return;
    using State = esp_mqtt_client::State;
    switch (client->state) {
        case State::init:
            tries_ms.push_back(now_ms);
            client->is_reconnect_asked = false;
            client->is_disconnect_asked = false;
            tell(MQTT_EVENT_BEFORE_CONNECT);
            if (is_broker_there) {
                client->state = State::connected;
                client->connected_ms = now_ms;
                tell(MQTT_EVENT_CONNECTED);
            } else {
                tell(MQTT_EVENT_ERROR);
                abort_connection();
            }
            break;
        case State::connected:
            if (!is_broker_there || client->is_disconnect_asked ||
                (kicks_after_ms != 0 && now_ms - client->connected_ms >= kicks_after_ms))
                abort_connection();
            break;
        case State::wait_reconnect: {
            if (!client->is_reconnect_asked && now_ms < client->sleeps_until_ms) break;
            const bool is_automatic = !client->config.network.disable_auto_reconnect;
            if (is_automatic ? now_ms - client->waits_since_ms > client->wait_ms
                             : client->is_reconnect_asked)
                client->state = State::init;
            else
                client->sleeps_until_ms = now_ms + client->wait_ms / 2;
            break;
        }
    }
}

}  // namespace imprint_identity

using imprint_identity::PlayedChip;

// -- esp-mqtt -----------------------------------------------------------------------------------

esp_mqtt_client_handle_t esp_mqtt_client_init(const esp_mqtt_client_config_t* config) {
    PlayedChip& chip = PlayedChip::at_work();
    chip.client = std::make_unique<esp_mqtt_client>();
    chip.client->config = *config;
    return chip.client.get();
}

esp_err_t esp_mqtt_client_register_event(esp_mqtt_client_handle_t client, esp_mqtt_event_id_t,
                                         esp_event_handler_t handler, void* argument) {
    client->handler = handler;
    client->argument = argument;
    return ESP_OK;
}

esp_err_t esp_mqtt_client_start(esp_mqtt_client_handle_t client) {
    client->is_running = true;
    return ESP_OK;
}

// As before September 2025: without a goodbye it does not stop. Else it waits for the task, which
// has to wake first.
esp_err_t esp_mqtt_client_stop(esp_mqtt_client_handle_t client) {
    PlayedChip& chip = PlayedChip::at_work();
    if (!client->is_running) return ESP_FAIL;
    if (client->state == esp_mqtt_client::State::connected && !chip.can_write) return ESP_FAIL;
    if (client->state == esp_mqtt_client::State::wait_reconnect)
        chip.now_ms = std::max(chip.now_ms, client->sleeps_until_ms);
    client->is_running = false;
    return ESP_OK;
}

esp_err_t esp_mqtt_client_disconnect(esp_mqtt_client_handle_t client) {
    client->is_disconnect_asked = true;
    return ESP_OK;
}

esp_err_t esp_mqtt_client_destroy(esp_mqtt_client_handle_t client) {
    PlayedChip& chip = PlayedChip::at_work();
    if (client->is_running) ++chip.destroyed_at_work;
    chip.client.reset();
    return ESP_OK;
}

esp_err_t esp_mqtt_client_reconnect(esp_mqtt_client_handle_t client) {
    if (client->state != esp_mqtt_client::State::wait_reconnect) return ESP_FAIL;
    client->wait_ms = 0;
    client->is_reconnect_asked = true;
    return ESP_OK;
}

int esp_mqtt_client_subscribe_single(esp_mqtt_client_handle_t, const char*, int) {
    return 1;
}

int esp_mqtt_client_publish(esp_mqtt_client_handle_t, const char*, const char*, int, int, int) {
    return PlayedChip::at_work().can_write ? 1 : -1;
}

// -- the chip -----------------------------------------------------------------------------------

std::int64_t esp_timer_get_time() {
    return PlayedChip::at_work().now_ms * 1000;
}

std::uint32_t esp_random() {
    return PlayedChip::at_work().random;
}

void vTaskDelay(const TickType_t ticks) {
    PlayedChip::at_work().run(std::chrono::milliseconds(ticks * 1000 / configTICK_RATE_HZ));
}

BaseType_t xQueueGenericSend(QueueHandle_t queue, const void* item, TickType_t, BaseType_t) {
    queue->news.push_back(*static_cast<const News*>(item));
    return pdTRUE;
}

QueueHandle_t xQueueGenericCreate(UBaseType_t, UBaseType_t, std::uint8_t) {
    return PlayedChip::at_work().queue();
}

BaseType_t xQueueReceive(QueueHandle_t queue, void* into, TickType_t ticks) {
    const PlayedChip& chip = PlayedChip::at_work();
    if (chip.now_ms >= chip.end_ms) throw imprint_identity::MainTaskLeft();
    if (queue->news.empty()) vTaskDelay(ticks);
    if (queue->news.empty()) return pdFALSE;
    *static_cast<News*>(into) = queue->news.front();
    queue->news.pop_front();
    return pdTRUE;
}

const esp_app_desc_t* esp_app_get_description() {
    static const esp_app_desc_t description = {};
    return &description;
}

void esp_restart() {
    throw imprint_identity::MainTaskLeft();
}

esp_err_t nvs_flash_init() {
    return ESP_OK;
}

esp_err_t nvs_flash_erase() {
    return ESP_OK;
}

esp_err_t gpio_reset_pin(gpio_num_t) {
    return ESP_OK;
}

esp_err_t gpio_set_direction(gpio_num_t, gpio_mode_t) {
    return ESP_OK;
}

esp_err_t gpio_set_level(gpio_num_t, std::uint32_t) {
    return ESP_OK;
}

esp_err_t esp_netif_init() {
    return ESP_OK;
}

esp_err_t esp_event_loop_create_default() {
    return ESP_OK;
}

void esp_log_write_of_test(const char*, const char*, ...) {}

// -- the example's own, of which these tests are not ---------------------------------------------

BoardClock::BoardClock() : bound_(0, 0) {}

std::int64_t BoardClock::now() const {
    return 0;
}

void BoardClock::ask_the_network() {}

void BoardClock::look() {}

void BoardClock::proven() {}

Thermometer::Thermometer() = default;

bool Thermometer::read(int&) {
    return false;
}

Updates::Updates(QueueHandle_t news) : news_(news) {}

void Updates::offered(const char*, const char*) {}

void Updates::loaded() {}

void Updates::refused() {}

void Updates::failed() {}

void Updates::look() {}

void Updates::prove() {
    ++PlayedChip::at_work().proofs;
}

Rotation::Rotation(const imprint_identity_t& loaded) {
    slots_[0] = loaded;
}

const imprint_rotation_topics_t* Rotation::topics() const {
    return nullptr;
}

Rotation::Next Rotation::take(const char*, std::size_t) {
    return Next::nothing;
}

void Rotation::take_rejected(const char*, std::size_t) {}

Rotation::Next Rotation::connected() {
    return Next::nothing;
}

Rotation::Next Rotation::disconnected() {
    return Next::nothing;
}

const char* Rotation::report() const {
    return "";
}

void start_network(const imprint_identity_t&, QueueHandle_t news) {
    tell(news, News());
}

esp_err_t imprint_identity_load(const imprint_identity_config_t*, imprint_identity_t* into) {
    *into = imprint_identity::identity_of_test();
    return ESP_OK;
}

esp_err_t broker_trust::set_roots(const char*) {
    return ESP_OK;
}

esp_err_t broker_trust::attach(void*) {
    return ESP_OK;
}

int broker_trust::flags() {
    return 0;
}
