// Told from an image for an ESP32, which begins with the same byte.
#include "image/esp8266_image.h"

#include <gtest/gtest.h>

#include "image/app_image.h"

namespace imprint::image {
namespace {

// Header of 8 bytes, segments, checksum: esptool's ESP8266ROMFirmwareImage.
Bytes version_1() {
    Bytes image{0xE9, 1, 0, 0};
    append_u32(image, 0x4010'0004);
    append_u32(image, 0x4010'0000);
    append_u32(image, 32);
    append(image, Bytes(32, 0x5B));
    image.resize(round_up(image.size() + 1, 16), 0);
    image.back() = 0xEF;  // 32 equal bytes cancel each other out
    return image;
}

TEST(Esp8266Image, both_versions_are_told) {
    EXPECT_EQ(esp8266_image_version(version_1()), 1);
    Bytes second{0xEA, 4, 0, 0};
    append_u32(second, 0x4010'0004);
    append_u32(second, 0);
    append_u32(second, 64);  // what runs from flash
    append(second, Bytes(64, 0x11));
    append(second, version_1());
    EXPECT_EQ(esp8266_image_version(second), 2);
}

TEST(Esp8266Image, what_is_damaged_or_for_an_esp32_is_none) {
    Bytes damaged = version_1();
    damaged[20] ^= 1;
    EXPECT_FALSE(is_esp8266_image(damaged));
    EXPECT_FALSE(is_esp8266_image({}));
    EXPECT_FALSE(is_esp8266_image(Bytes(4096, 0xFF)));
    AppImageParts parts;
    parts.segments = {{0x3F400020, Bytes(2000, 0x5A)}};
    EXPECT_FALSE(is_esp8266_image(build_app_image(parts)));
}

}  // namespace
}  // namespace imprint::image
