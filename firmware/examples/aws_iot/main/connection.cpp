#include "connection.h"

#include <cstdio>
#include <cstring>
#include <initializer_list>

#include "broker_trust.h"
#include "esp_log.h"
#include "esp_random.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "imprint_identity/trouble.h"
#include "sdkconfig.h"
#include "shadow_form.h"

namespace {

constexpr const char* tag = "imprint";
constexpr int mqtt_buffer_size = 4096;  // a delta with its metadata comes in one piece
// While it is not connected, esp-mqtt's task sleeps half of this at a time, and is stopped only
// when it wakes (esp-mqtt, mqtt_client.c, MQTT_STATE_WAIT_RECONNECT): whoever stops it waits as
// long.
constexpr int sleep_ms = 2000;
constexpr std::uint32_t stop_again_ms = 100;
// So long a piece of news is in no queue any more.
constexpr std::int64_t news_lost_us = 10000000;
constexpr int most_unanswered = 3;
constexpr char will[] = R"({"connected":false})";
constexpr char there[] = R"({"connected":true})";

bool is_topic(const esp_mqtt_event_t& event, const char* topic) {
    const auto length = static_cast<std::size_t>(event.topic_len);
    return length == std::strlen(topic) && std::memcmp(event.topic, topic, length) == 0;
}

std::uint32_t now_ms() {
    return static_cast<std::uint32_t>(esp_timer_get_time() / 1000);
}

}  // namespace

Connection::Connection(const BoardClock& clock, const imprint_rotation_topics_t* rotation,
                       QueueHandle_t news)
    : clock_(clock), rotation_(rotation), news_(news) {}

void Connection::start(const imprint_identity_t& identity) {
    identity_ = &identity;
    ++number_;
    stage_ = Stage::trying;
    unlike_since_us_ = 0;
    if (!imprint_identity::make_topics(identity.thing_name, topics_)) {
        ESP_LOGE(tag, "the thing's name is too long for a topic");
        return;
    }
    esp_mqtt_client_config_t config = {};
    config.broker.address.hostname = identity.endpoint;
    config.broker.address.port = identity.port;
    config.broker.address.transport = MQTT_TRANSPORT_OVER_SSL;
    config.broker.verification.crt_bundle_attach = broker_trust::attach;
    config.credentials.client_id = identity.client_id;
    config.credentials.authentication.certificate = identity.certificate;
    config.credentials.authentication.key = identity.private_key;
    // Its own waiting would always be the same one: it tries when look() asks for it.
    config.network.disable_auto_reconnect = true;
    config.network.reconnect_timeout_ms = sleep_ms;
    config.buffer.size = mqtt_buffer_size;
#ifdef CONFIG_EXAMPLE_WILL
    std::snprintf(will_topic_, sizeof(will_topic_), "devices/%s/status", identity.thing_name);
    config.session.last_will.topic = will_topic_;
    config.session.last_will.msg = will;
    config.session.last_will.msg_len = sizeof(will) - 1;
    config.session.last_will.qos = 1;
#endif
    ESP_ERROR_CHECK(broker_trust::set_roots(identity.root_ca));
    mqtt_ = esp_mqtt_client_init(&config);
    ESP_ERROR_CHECK(mqtt_ != nullptr ? ESP_OK : ESP_ERR_NO_MEM);
    ESP_ERROR_CHECK(esp_mqtt_client_register_event(mqtt_, MQTT_EVENT_ANY, on_event, this));
    ESP_ERROR_CHECK(esp_mqtt_client_start(mqtt_));
}

// Its task has ended when this returns.
void Connection::stop() {
    if (mqtt_ == nullptr) return;
    // esp-mqtt of before September 2025 (6bc96ca) goes on where its goodbye cannot be written, and
    // must not be destroyed then: its own task gives the connection up first.
    while (esp_mqtt_client_stop(mqtt_) != ESP_OK) {
        esp_mqtt_client_disconnect(mqtt_);
        vTaskDelay(pdMS_TO_TICKS(stop_again_ms));
    }
    esp_mqtt_client_destroy(mqtt_);
    mqtt_ = nullptr;
    connected_us_ = 0;
    next_try_us_ = 0;
    answers_.forget();
}

News Connection::news_of(News::Kind kind) const {
    News news;
    news.kind = kind;
    news.connection = number_;
    return news;
}

// In esp-mqtt's task, which goes on when this returns: so it tells, and does nothing else.
void Connection::on_event(void* self, esp_event_base_t, std::int32_t id, void* data) {
    Connection& connection = *static_cast<Connection*>(self);
    const esp_mqtt_event_t& event = *static_cast<const esp_mqtt_event_t*>(data);
    News news;
    switch (static_cast<esp_mqtt_event_id_t>(id)) {
        case MQTT_EVENT_BEFORE_CONNECT:
            connection.stage_ = Stage::trying;
            connection.is_time_known_ = connection.clock_.is_known();
            break;
        case MQTT_EVENT_CONNECTED:
            connection.stage_ = Stage::connected;
            news = connection.news_of(News::Kind::connected);
            news.is_time_proven = connection.is_time_known_;
            tell(connection.news_, news);
            break;
        case MQTT_EVENT_DISCONNECTED:
            connection.stage_ = Stage::waiting;
            tell(connection.news_, connection.news_of(News::Kind::disconnected));
            break;
        case MQTT_EVENT_SUBSCRIBED:
            news = connection.news_of(News::Kind::subscribed);
            news.message = event.msg_id;
            news.is_granted = event.error_handle == nullptr ||
                              event.error_handle->error_type != MQTT_ERROR_TYPE_SUBSCRIBE_FAILED;
            tell(connection.news_, news);
            break;
        case MQTT_EVENT_DATA:
            connection.on_message(event);
            break;
        case MQTT_EVENT_ERROR:
            connection.explain(*event.error_handle);
            break;
        default:
            break;
    }
}

void Connection::on_message(const esp_mqtt_event_t& event) const {
    if (event.data_len != event.total_data_len) {
        if (event.current_data_offset == 0)
            ESP_LOGW(tag, "a message of %d bytes is longer than this firmware reads",
                     event.total_data_len);
        return;
    }
    if (take_rotation(event)) return;
    const auto size = static_cast<std::size_t>(event.data_len);
    News news = news_of(News::Kind::delta);
    if (is_topic(event, topics_.delta)) {
        imprint_identity::read_delta(event.data, size, shadow_form, news.delta);
    } else if (is_topic(event, topics_.accepted)) {
        news.kind = News::Kind::report_accepted;
        imprint_identity::read_answer(event.data, size, news.answer);
    } else if (is_topic(event, topics_.rejected)) {
        news.kind = News::Kind::report_rejected;
        imprint_identity::read_answer(event.data, size, news.answer);
    } else {
        return;
    }
    tell(news_, news);
}

bool Connection::take_rotation(const esp_mqtt_event_t& event) const {
    if (rotation_ == nullptr) return false;
    News news = news_of(News::Kind::rotation_wanted);
    if (is_topic(event, rotation_->get_accepted))
        news.kind = News::Kind::rotation_offered;
    else if (is_topic(event, rotation_->get_rejected))
        news.kind = News::Kind::rotation_rejected;
    else if (!is_topic(event, rotation_->delta))
        return false;
    if (news.kind != News::Kind::rotation_wanted) {
        news.size = static_cast<std::size_t>(event.data_len);
        news.text = static_cast<char*>(std::malloc(news.size + 1));
        if (news.text == nullptr) return true;  // the shadow keeps it: the next connection asks
        std::memcpy(news.text, event.data, news.size);
        news.text[news.size] = '\0';
    }
    tell(news_, news);
    return true;
}

void Connection::explain(const esp_mqtt_error_codes_t& error) const {
    imprint_identity::ConnectionTrouble trouble;
    if (error.error_type == MQTT_ERROR_TYPE_CONNECTION_REFUSED) {
        trouble.connect_return_code = error.connect_return_code;
    } else {
        trouble.esp_tls_last_esp_err = error.esp_tls_last_esp_err;
        trouble.esp_tls_stack_err = error.esp_tls_stack_err;
        trouble.esp_tls_cert_verify_flags = broker_trust::flags();
        trouble.esp_transport_sock_errno = error.esp_transport_sock_errno;
    }
    trouble.now = clock_.now();
    trouble.is_time_known = clock_.is_known();
    imprint_identity::TroubleText text;
    imprint_identity::explain(trouble, identity_->endpoint, text);
    ESP_LOGE(tag, "not connected: %s", text);
}

void Connection::connected() {
    connected_us_ = esp_timer_get_time();
    next_try_us_ = 0;
    is_told_accepted_ = false;
    ESP_LOGI(tag, "connected as %s", identity_->client_id);
    for (const char* const topic : {topics_.delta, topics_.accepted, topics_.rejected})
        esp_mqtt_client_subscribe(mqtt_, topic, 1);
    if (will_topic_[0] != '\0')
        esp_mqtt_client_publish(mqtt_, will_topic_, there, sizeof(there) - 1, 1, 0);
    if (rotation_ == nullptr || is_rotation_refused_) return;
    int* wanted = wanted_;
    for (const char* const topic :
         {rotation_->get_accepted, rotation_->get_rejected, rotation_->delta})
        *wanted++ = esp_mqtt_client_subscribe(mqtt_, topic, 1);
}

// A broker whose policy has no place for it closes the connection on a publish: it is asked only
// where it has granted the answers. It may close it on a subscription too, with an answer or
// without.
void Connection::subscribed(int message, bool is_granted) {
    bool is_ours = false;
    bool is_all = true;
    for (int& wanted : wanted_) {
        if (wanted == message && message > 0) {
            is_ours = true;
            wanted = is_granted ? 0 : -1;
        }
        is_all = is_all && wanted == 0;
    }
    if (is_ours && !is_granted && !is_rotation_refused_) refuse_rotation();
    if (is_ours && is_all) {
        unanswered_ = 0;
        ask_rotation();
    }
}

void Connection::refuse_rotation() {
    is_rotation_refused_ = true;
    ESP_LOGW(tag,
             "the policy has no place for new credentials over the air: "
             "not asked again before the next start");
}

void Connection::ask_rotation() {
    if (is_rotation_refused_) return;
    esp_mqtt_client_publish(mqtt_, rotation_->get, "{}", 2, 1, 0);
}

void Connection::report_rotation(const char* text) {
    if (text[0] == '\0') return;
    if (esp_mqtt_client_publish(mqtt_, rotation_->update, text, 0, 1, 0) < 0)
        ESP_LOGW(tag, "the shadow of the credentials is not told: it is at the next connection");
}

void Connection::disconnected() {
    const std::int64_t now = esp_timer_get_time();
    if (is_up()) {
        backoff_.connection_ended(static_cast<std::uint32_t>((now - connected_us_) / 1000));
        bool is_unanswered = false;
        for (int& wanted : wanted_) {
            is_unanswered = is_unanswered || wanted > 0;
            wanted = 0;
        }
        if (is_unanswered && ++unanswered_ == most_unanswered) refuse_rotation();
    }
    connected_us_ = 0;
    answers_.forget();
    const std::uint32_t wait_ms = backoff_.next_ms(esp_random());
    next_try_us_ = now + std::int64_t{wait_ms} * 1000;
    ESP_LOGI(tag, "connecting again in %u s", static_cast<unsigned>((wait_ms + 500) / 1000));
}

// Nobody else asks for a try: without the news that it is over, this board would be silent for
// good.
void Connection::tell_what_was_lost() {
    if (mqtt_ == nullptr) return;
    const Stage known = is_up()             ? Stage::connected
                        : next_try_us_ != 0 ? Stage::waiting
                                            : Stage::trying;
    const Stage stage = stage_;
    const std::int64_t now = esp_timer_get_time();
    if (stage == known || stage == Stage::trying) {
        unlike_since_us_ = 0;
    } else if (unlike_since_us_ == 0) {
        unlike_since_us_ = now;
    } else if (now - unlike_since_us_ >= news_lost_us) {
        unlike_since_us_ = 0;
        tell(news_,
             news_of(stage == Stage::connected ? News::Kind::connected : News::Kind::disconnected));
    }
}

bool Connection::has_lasted() const {
    return is_up() && backoff_.has_lasted(static_cast<std::uint32_t>(
                          (esp_timer_get_time() - connected_us_) / 1000));
}

void Connection::look() {
    if (answers_.is_overdue(now_ms())) ESP_LOGW(tag, "the shadow does not answer");
    tell_what_was_lost();
    if (next_try_us_ == 0 || esp_timer_get_time() < next_try_us_) return;
    // Refused while the client is still busy with the former try: asked again at the next look.
    if (esp_mqtt_client_reconnect(mqtt_) == ESP_OK) next_try_us_ = 0;
}

void Connection::report(const imprint_identity::Report& report, bool at_once) {
    imprint_identity::Report with_token = report;
    with_token.token = answers_.sent(now_ms());
    char text[imprint_identity::shadow_report_size];
    const std::size_t size = imprint_identity::format_report(with_token, text);
    if (size == 0 || esp_mqtt_client_publish(mqtt_, topics_.update, text, static_cast<int>(size),
                                             at_once ? 1 : 0, 0) < 0) {
        answers_.forget();
        ESP_LOGW(tag, "the report is not sent");
    }
}

void Connection::answered(const imprint_identity::ShadowAnswer& answer, bool is_accepted) {
    if (!answers_.answered(answer.token)) return;  // another one's
    if (!is_accepted)
        ESP_LOGE(tag, "the shadow rejects the report: %d %s", answer.code, answer.message);
    else if (!is_told_accepted_)
        ESP_LOGI(tag, "the shadow has accepted the report");
    is_told_accepted_ = is_accepted;
}
