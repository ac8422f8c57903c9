// What the tasks of ESP-IDF tell the main task, which alone acts on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "freertos/FreeRTOS.h"
#include "freertos/queue.h"
#include "imprint_identity/shadow.h"

struct News {
    enum class Kind : std::uint8_t {
        network_up,       // the board has an address
        connected,        // to the broker
        disconnected,     // or not connected; why is on the console
        delta,            // the shadow wants something
        report_accepted,  // or rejected, with code and message
        report_rejected,
        subscribed,         // or not, of which message
        rotation_offered,   // what the shadow of the credentials holds, as a text
        rotation_rejected,  // or why not, as a text
        rotation_wanted,    // it has changed: ask for it
        update_loaded,      // the other firmware is written: restart
        update_refused,
        update_failed,
    };

    Kind kind = Kind::network_up;
    bool is_time_proven = false;  // connected: the network had told the time before the handshake
    imprint_identity::Delta delta;
    imprint_identity::ShadowAnswer answer;
    int message = 0;
    bool is_granted = false;
    // malloc'ed; who takes the news frees it.
    char* text = nullptr;
    std::size_t size = 0;
    std::uint32_t connection = 0;  // of which connection they are, counted from 1; 0: of none
};

// Few come, and the main task is quick; what finds no room in a second is lost, as on a network.
inline void tell(QueueHandle_t queue, const News& news) {
    if (xQueueSend(queue, &news, pdMS_TO_TICKS(1000)) != pdTRUE) std::free(news.text);
}
