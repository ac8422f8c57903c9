// What the example firmware calls of ESP-IDF, played on a computer: its clock, its queue, and
// esp-mqtt's client with the states and sleeps of its task (esp-mqtt, mqtt_client.c,
// esp_mqtt_task(), of 2023 and of 2026). A broker is there or not.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "imprint_identity.h"
#include "mqtt_client.h"
#include "news.h"

struct QueueDefinition {
    std::deque<News> news;
};

struct esp_mqtt_client {
    enum class State { init, connected, wait_reconnect };

    esp_mqtt_client_config_t config{};
    esp_event_handler_t handler = nullptr;
    void* argument = nullptr;
    State state = State::init;
    bool is_running = false;
    bool is_reconnect_asked = false;   // RECONNECT_BIT
    bool is_disconnect_asked = false;  // DISCONNECT_BIT
    std::int64_t wait_ms = 0;
    std::int64_t waits_since_ms = 0;
    std::int64_t sleeps_until_ms = 0;
    std::int64_t connected_ms = 0;
};

namespace imprint_identity {

imprint_identity_t identity_of_test();

// Thrown to a main task that waits for news: it never ends by itself.
class MainTaskLeft {};

// One at a time: ESP-IDF's functions know no other place.
class PlayedChip {
  public:
    PlayedChip();
    ~PlayedChip();
    PlayedChip(const PlayedChip&) = delete;
    PlayedChip& operator=(const PlayedChip&) = delete;

    static PlayedChip& at_work();

    // The tasks of ESP-IDF go on for so long. The main task is the test's.
    void run(std::chrono::milliseconds time);

    [[nodiscard]] QueueHandle_t queue() { return &queue_; }

    [[nodiscard]] std::deque<News>& news() { return queue_.news; }

    std::int64_t now_ms = 300;  // the boot loader was there before
    bool is_broker_there = true;
    std::int64_t kicks_after_ms = 0;  // it throws each client out after so long; 0: it does not
    bool can_write = true;            // else what is sent over a connection fails, as on a dead one
    std::uint32_t random = 0;
    std::vector<std::int64_t> tries_ms;  // when a connection was tried
    unsigned destroyed_at_work = 0;      // clients whose task went on
    unsigned proofs = 0;                 // of firmware on trial
    std::int64_t end_ms = 0;             // when the main task is left, by MainTaskLeft
    std::unique_ptr<esp_mqtt_client> client;

  private:
    void step();
    void tell(esp_mqtt_event_id_t id);
    void abort_connection();

    QueueDefinition queue_;
};

}  // namespace imprint_identity
