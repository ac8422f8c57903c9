// What the tasks of ESP-IDF tell the main task, which alone acts on it.
#pragma once

#include <cstdint>

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
        update_loaded,  // the other firmware is written: restart
        update_refused,
        update_failed,
    };

    Kind kind = Kind::network_up;
    bool is_time_proven = false;  // connected: the network had told the time before the handshake
    imprint_identity::Delta delta;
    imprint_identity::ShadowAnswer answer;
};

// Few come, and the main task is quick; what finds no room in a second is lost, as on a network.
inline void tell(QueueHandle_t queue, const News& news) {
    xQueueSend(queue, &news, pdMS_TO_TICKS(1000));
}
