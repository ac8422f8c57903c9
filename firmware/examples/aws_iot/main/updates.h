// Other firmware over the air: loaded by https into the other OTA slot, started on trial, and taken
// back if no connection of its to the broker lasts in time, or if it crashes before.
#pragma once

#include <cstdint>

#include "esp_err.h"
#include "imprint_identity/backoff.h"
#include "imprint_identity/shadow.h"
#include "news.h"

class Updates {
  public:
    explicit Updates(QueueHandle_t news);
    Updates(const Updates&) = delete;
    Updates& operator=(const Updates&) = delete;

    // The shadow wants this one. A URL is dealt with once, so that a shadow which goes on asking
    // for it does not have the board load it again and again. root_ca: of its server, PEM; stays
    // as long as is_loading().
    void offered(const char* url, const char* root_ca);

    [[nodiscard]] bool is_loading() const { return is_loading_; }

    // What offered() began has ended, as the news tell: with firmware to restart into, with one
    // that is never taken, or with a fault that may pass.
    void loaded();
    void refused();
    void failed();

    // The URL that was dealt with last, for the report; may be empty.
    [[nodiscard]] const char* last_url() const { return last_url_; }

    // A connection of this firmware has lasted: it is the one from now on. One that is thrown out
    // for what it says would never hear of a better one.
    void prove();
    // Restarts into the former one if the time for that is over.
    void look();

  private:
    void load();
    esp_err_t load_image();
    void remember();

    QueueHandle_t news_;
    bool is_on_trial_ = false;
    bool is_loading_ = false;
    const char* root_ca_ = nullptr;
    imprint_identity::Backoff backoff_;
    std::int64_t not_before_us_ = 0;
    char url_[imprint_identity::firmware_url_size] = "";
    char last_url_[imprint_identity::firmware_url_size] = "";
};
