// What Kconfig makes of the component's own settings, and of ESP-IDF's for SPIFFS (5.1's defaults).
#pragma once
#define CONFIG_IMPRINT_IDENTITY_PARTITION "storage"
#define CONFIG_IMPRINT_IDENTITY_SLOTS "slots"
#ifndef WITHOUT_SPIFFS
#define CONFIG_SPIFFS_PAGE_SIZE 256
#define CONFIG_SPIFFS_OBJ_NAME_LEN 32
#define CONFIG_SPIFFS_META_LENGTH 4
#define CONFIG_SPIFFS_USE_MAGIC 1
#define CONFIG_SPIFFS_USE_MAGIC_LENGTH 1
#endif
