// As ESP-IDF 5.1 has it for the ESP32-C3: components/soc/esp32c3/include/soc/soc_caps.h.
#pragma once
#define SOC_TEMP_SENSOR_SUPPORTED 1
