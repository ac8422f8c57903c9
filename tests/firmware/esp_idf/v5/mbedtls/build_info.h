// As mbedTLS 3.6, which is ESP-IDF 5.5's: include/mbedtls/build_info.h.
#pragma once
#define MBEDTLS_VERSION_MAJOR 3
