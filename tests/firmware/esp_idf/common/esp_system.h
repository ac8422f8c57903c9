// As ESP-IDF 5.1 to 6.0 declares it: components/esp_system/include/esp_system.h (what is used of
// it).
#pragma once
#ifdef __cplusplus
extern "C"
#endif
    void
    esp_restart(void) __attribute__((__noreturn__));
