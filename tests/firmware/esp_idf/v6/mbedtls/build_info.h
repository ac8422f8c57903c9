// As mbedTLS 4.0, which is ESP-IDF 6's: include/mbedtls/build_info.h.
#pragma once
#define MBEDTLS_VERSION_MAJOR 4
