// As ESP-IDF 5.1 to 6.0 declares it: components/freertos/FreeRTOS-Kernel/include/freertos/task.h
// (what is used of it). The depth is in bytes there.
#pragma once
#include "freertos/FreeRTOS.h"
typedef struct tskTaskControlBlock* TaskHandle_t;
typedef void (*TaskFunction_t)(void*);
#ifdef __cplusplus
extern "C" {
#endif
BaseType_t xTaskCreate(TaskFunction_t pxTaskCode, const char* const pcName,
                       const uint32_t usStackDepth, void* const pvParameters,
                       UBaseType_t uxPriority, TaskHandle_t* const pxCreatedTask);
void vTaskDelete(TaskHandle_t xTaskToDelete);
void vTaskDelay(const TickType_t xTicksToDelay);
#ifdef __cplusplus
}
#endif
