#include "flash/firmware.h"

#include <array>
#include <random>
#include <string>

#include "image/spiffs.h"

namespace imprint::bench {

namespace {

// Runs out of a vocabulary of instructions, with constants in between: what a compiler leaves.
Bytes program(std::size_t size, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<std::array<std::uint8_t, 6>> vocabulary(700);
    for (auto& word : vocabulary)
        for (auto& byte : word)
            byte = static_cast<std::uint8_t>(random());
    Bytes bytes;
    bytes.reserve(size + 8);
    while (bytes.size() < size) {
        if (random() % 100 < 81) {
            // The lower the index, the likelier.
            const auto index = (random() % 700) * (random() % 700) / 700;
            append(bytes, ByteView(vocabulary[index]).first(2 + random() % 5));
        } else {
            bytes.push_back(static_cast<std::uint8_t>(random()));
            bytes.push_back(static_cast<std::uint8_t>(random() % 16));
        }
    }
    bytes.resize(size);
    return bytes;
}

Bytes text(std::size_t size, unsigned seed) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::mt19937 random(seed);
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = i % 65 == 64 ? '\n' : static_cast<std::uint8_t>(alphabet[random() % 64]);
    return bytes;
}

Bytes credentials(unsigned board) {
    image::spiffs::Geometry geometry;
    geometry.image_size = credentials_size;
    const std::vector<image::spiffs::File> files{{"/aws-root-ca.pem", text(1188, 1)},
                                                 {"/certificate.pem.crt", text(1224, 1000 + board)},
                                                 {"/device.json", text(160, 2000 + board)},
                                                 {"/private.pem.key", text(1679, 3000 + board)}};
    return image::spiffs::build(geometry, files).value().image;
}

}  // namespace

Firmware make_firmware(unsigned board) {
    Firmware firmware;
    firmware.regions.emplace_back("bootloader.bin", 0x1000, program(26'000, 1));
    firmware.regions.emplace_back("partition-table.bin", 0x8000, text(3072, 2));
    firmware.regions.emplace_back("app.bin", 0x10000, program(1'100'000, 3));
    firmware.regions.emplace_back("credentials.bin", credentials_offset, credentials(board));
    return firmware;
}

}  // namespace imprint::bench
