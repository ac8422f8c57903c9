// Images for the tests of inspect and unpack.
#pragma once

#include <algorithm>
#include <string>

#include "image/app_image.h"
#include "image/partition_table.h"
#include "image/spiffs.h"

namespace imprint::image_tool::testing {

inline Bytes sample_app() {
    image::AppDescription about;
    about.project = "thermometer";
    about.version = "1.4.0";
    about.idf_version = "v5.5.1";
    about.build_date = "Jul 14 2026";
    about.build_time = "09:30:00";
    about.elf_sha256 = Bytes(32, 0xAB);
    image::AppImageParts parts;
    parts.segments = {{0x3F400020, image::build_app_description(about)},
                      {0x40080000, Bytes(64, 1)}};
    return image::build_app_image(parts);
}

inline Bytes sample_bootloader() {
    Bytes first(80, 0);
    first[0] = 80;
    std::ranges::copy(as_bytes("v5.5.1"), first.begin() + 8);
    std::ranges::copy(as_bytes("Jul 14 2026 09:00:00"), first.begin() + 40);
    image::AppImageParts parts;
    parts.segments = {{0x3FFF0030, first}};
    return image::build_app_image(parts);
}

inline Bytes sample_spiffs(std::uint32_t size = 0x10000) {
    image::spiffs::Geometry geometry;
    geometry.image_size = size;
    const ByteView key = as_bytes("-----BEGIN PRIVATE KEY-----\nnot a real one\n");
    return image::spiffs::build(geometry, {{"/certificate.pem.crt", Bytes(1200, 'c')},
                                           {"/certs/device.pem", Bytes(key.begin(), key.end())},
                                           {"/empty", {}}})
        .value()
        .image;
}

inline constexpr const char* sample_csv =
    "nvs,data,nvs,,24K\nfactory,app,factory,,64K\nota,app,ota_0,,64K\n"
    "storage,data,spiffs,,64K\nbroken,data,spiffs,,64K\nbeyond,data,fat,,64K\n";

// 0x50000 bytes: bootloader, table, nvs with data, an app, an erased app, a SPIFFS, a broken one,
// and a partition that the dump does not reach.
inline Bytes sample_flash() {
    const auto table = image::PartitionTable::parse_csv(sample_csv).value();
    Bytes flash(0x50000, 0xFF);
    const auto place = [&](const Bytes& bytes, std::size_t offset) {
        std::ranges::copy(bytes, flash.begin() + static_cast<std::ptrdiff_t>(offset));
    };
    place(sample_bootloader(), 0x1000);
    place(table.to_binary(), 0x8000);
    place(Bytes(100, 0x11), 0x9000);
    place(sample_app(), table.find("factory")->offset);
    place(sample_spiffs(), table.find("storage")->offset);
    place(Bytes(5000, 0x22), table.find("broken")->offset);
    return flash;
}

}  // namespace imprint::image_tool::testing
