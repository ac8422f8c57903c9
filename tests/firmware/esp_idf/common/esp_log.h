// The shape of ESP-IDF's macros, components/log/include/esp_log.h: a format and its values, which
// the compiler compares.
#pragma once
#ifdef __cplusplus
extern "C"
#endif
    void __attribute__((format(printf, 2, 3)))
    esp_log_write_of_test(const char* tag, const char* format, ...);
#define ESP_LOGE(tag, format, ...) esp_log_write_of_test(tag, format, ##__VA_ARGS__)
#define ESP_LOGW(tag, format, ...) esp_log_write_of_test(tag, format, ##__VA_ARGS__)
#define ESP_LOGI(tag, format, ...) esp_log_write_of_test(tag, format, ##__VA_ARGS__)
