#include "temperature.h"

#include "soc/soc_caps.h"

#if SOC_TEMP_SENSOR_SUPPORTED  // the ESP32 itself has none

#include "driver/temperature_sensor.h"

Thermometer::Thermometer() {
    const temperature_sensor_config_t config = TEMPERATURE_SENSOR_CONFIG_DEFAULT(-10, 80);
    temperature_sensor_handle_t sensor = nullptr;
    if (temperature_sensor_install(&config, &sensor) == ESP_OK &&
        temperature_sensor_enable(sensor) == ESP_OK)
        sensor_ = sensor;
}

bool Thermometer::read(int& centidegrees) {
    float celsius = 0;
    if (sensor_ == nullptr ||
        temperature_sensor_get_celsius(static_cast<temperature_sensor_handle_t>(sensor_),
                                       &celsius) != ESP_OK)
        return false;
    centidegrees = static_cast<int>(celsius * 100);
    return true;
}

#else

Thermometer::Thermometer() = default;

bool Thermometer::read(int&) {
    return sensor_ != nullptr;
}

#endif
