// The connection to the broker and what goes over it: the shadow's topics, a will.
#pragma once

#include <atomic>
#include <cstdint>

#include "board_clock.h"
#include "imprint_identity.h"
#include "imprint_identity/backoff.h"
#include "imprint_identity/shadow.h"
#include "imprint_rotation.h"
#include "mqtt_client.h"
#include "news.h"

class Connection {
  public:
    // All of them live as long as the program; rotation is null where there is none. Not started
    // yet.
    Connection(const BoardClock& clock, const imprint_rotation_topics_t* rotation,
               QueueHandle_t news);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // identity stays until stop() has returned.
    void start(const imprint_identity_t& identity);
    void stop();

    // Of News::connection: the former ones' come late.
    [[nodiscard]] std::uint32_t number() const { return number_; }

    [[nodiscard]] bool is_started() const { return mqtt_ != nullptr; }

    [[nodiscard]] bool is_up() const { return connected_us_ != 0; }

    // It is up, and has been for half a minute: the broker has not thrown this board out for what
    // it said first.
    [[nodiscard]] bool has_lasted() const;

    // What the news tell.
    void connected();
    void disconnected();
    void subscribed(int message, bool is_granted);
    // Tries again when it is time.
    void look();

    // at_once: it is asked for, and must arrive (QoS 1). The ones that come every half minute need
    // not: the next one says the same.
    void report(const imprint_identity::Report& report, bool at_once);
    void answered(const imprint_identity::ShadowAnswer& answer, bool is_accepted);
    // What the shadow of the credentials holds; the answer comes as news.
    void ask_rotation();
    void report_rotation(const char* text);

  private:
    enum class Stage : std::uint8_t { trying, connected, waiting };

    static void on_event(void* self, esp_event_base_t, std::int32_t id, void* data);
    void on_message(const esp_mqtt_event_t& event) const;
    [[nodiscard]] bool take_rotation(const esp_mqtt_event_t& event) const;
    [[nodiscard]] News news_of(News::Kind kind) const;
    void refuse_rotation();
    void tell_what_was_lost();
    void explain(const esp_mqtt_error_codes_t& error) const;

    const imprint_identity_t* identity_ = nullptr;
    const BoardClock& clock_;
    const imprint_rotation_topics_t* rotation_;
    QueueHandle_t news_;
    std::uint32_t number_ = 0;
    esp_mqtt_client_handle_t mqtt_ = nullptr;
    imprint_identity::ShadowTopics topics_;
    char will_topic_[imprint_identity::shadow_topic_size] = "";
    imprint_identity::ShadowAnswers answers_;
    imprint_identity::Backoff backoff_;
    bool is_time_known_ = false;  // when the handshake began; for esp-mqtt's task alone
    std::atomic<Stage> stage_{Stage::trying};  // what esp-mqtt's task has told last
    std::int64_t unlike_since_us_ =
        0;                           // since when what is known here is another stage; 0: it is not
    std::int64_t connected_us_ = 0;  // since when; 0: not
    std::int64_t next_try_us_ = 0;   // 0: none is due
    bool is_told_accepted_ = false;  // once a connection
    // The rotation's subscriptions that are not granted yet, by their messages; 0: it is.
    int wanted_[3] = {};
    // Ends of connections in a row that left them without an answer.
    int unanswered_ = 0;
    // Until the next start: a broker may close each connection that asks for it.
    bool is_rotation_refused_ = false;
};
