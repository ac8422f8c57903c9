// As ESP-IDF 5.1 to 6.0 declares it: components/freertos/FreeRTOS-Kernel/include/freertos/
// FreeRTOS.h and its portmacro.h for RISC-V (what is used of it).
#pragma once
#include <stdint.h>
typedef int BaseType_t;
typedef unsigned int UBaseType_t;
typedef uint32_t TickType_t;
#define pdFALSE ((BaseType_t)0)
#define pdTRUE ((BaseType_t)1)
#define pdPASS (pdTRUE)
#define configTICK_RATE_HZ 100
#define pdMS_TO_TICKS(xTimeInMs) \
    ((TickType_t)(((uint64_t)(xTimeInMs) * (uint64_t)configTICK_RATE_HZ) / (uint64_t)1000U))
