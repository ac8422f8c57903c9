// As ESP-IDF 5.1 to 6.0 declares it: components/driver/temperature_sensor/include/driver/
// temperature_sensor.h, since 5.3 in components/esp_driver_tsens (what is used of it).
#pragma once
#include "esp_err.h"

typedef enum { TEMPERATURE_SENSOR_CLK_SRC_DEFAULT = 4 } temperature_sensor_clk_src_t;
typedef struct temperature_sensor_obj_t* temperature_sensor_handle_t;

typedef struct {
    int range_min;
    int range_max;
    temperature_sensor_clk_src_t clk_src;

    struct {
        unsigned allow_pd : 1;  // since 5.4; the macro leaves it out
    } flags;
} temperature_sensor_config_t;

#define TEMPERATURE_SENSOR_CONFIG_DEFAULT(min, max)                                        \
    {                                                                                      \
        .range_min = min, .range_max = max, .clk_src = TEMPERATURE_SENSOR_CLK_SRC_DEFAULT, \
        .flags = {}                                                                        \
    }
#ifdef __cplusplus
extern "C" {
#endif
esp_err_t temperature_sensor_install(const temperature_sensor_config_t* tsens_config,
                                     temperature_sensor_handle_t* ret_tsens);
esp_err_t temperature_sensor_enable(temperature_sensor_handle_t tsens);
esp_err_t temperature_sensor_get_celsius(temperature_sensor_handle_t tsens, float* out_celsius);
#ifdef __cplusplus
}
#endif
