#include "image/support.h"

#include <libdeflate.h>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "base/files.h"

namespace imprint::image::testing {

namespace {

Bytes data(const std::string& path) {
    auto bytes = read_file(std::string(IMPRINT_TEST_DATA "/image/") + path);
    if (!bytes) throw std::runtime_error(bytes.error().describe());
    return *std::move(bytes);
}

}  // namespace

Bytes inflate(ByteView gzip, std::size_t size) {
    Bytes out(size);
    libdeflate_decompressor* decompressor = libdeflate_alloc_decompressor();
    const auto result = libdeflate_gzip_decompress(decompressor, gzip.data(), gzip.size(),
                                                   out.data(), out.size(), nullptr);
    libdeflate_free_decompressor(decompressor);
    if (result != LIBDEFLATE_SUCCESS) throw std::runtime_error("a vector does not inflate");
    return out;
}

Bytes pattern(std::size_t size, std::uint32_t seed) {
    Bytes bytes(size);
    std::uint32_t state = seed * 2654435761U + 1;
    for (std::uint8_t& byte : bytes) {
        state = state * 1664525U + 1013904223U;
        byte = static_cast<std::uint8_t>(state >> 24);
    }
    return bytes;
}

std::vector<SpiffsVector> spiffs_vectors() {
    std::vector<SpiffsVector> vectors;
    for (const auto& item : nlohmann::json::parse(data("spiffs/cases.json"))) {
        const auto& options = item.at("options");
        SpiffsVector vector;
        vector.name = item.at("name");
        vector.sha256 = item.at("sha256");
        spiffs::Geometry& geometry = vector.geometry;
        geometry.image_size = item.at("image_size");
        geometry.page_size = options.at("page_size");
        geometry.block_size = options.at("block_size");
        geometry.name_length = options.at("obj_name_len");
        geometry.metadata_length = options.at("meta_len");
        geometry.use_magic = options.at("use_magic");
        geometry.use_magic_length = options.at("use_magic_len");
        geometry.big_endian = options.at("endianness") == "big";
        geometry.aligned_index_tables = options.at("aligned_obj_ix_tables");
        for (const std::string path : item.at("files"))
            vector.files.push_back({"/" + path, data("spiffs/" + vector.name + "/" + path)});
        vector.image = inflate(data("spiffs/" + vector.name + ".bin.gz"), geometry.image_size);
        vectors.push_back(std::move(vector));
    }
    return vectors;
}

std::vector<LivedImage> lived_images() {
    std::vector<LivedImage> images;
    for (const auto& item : nlohmann::json::parse(data("spiffs-lived/cases.json"))) {
        LivedImage lived;
        lived.name = item.at("name");
        spiffs::Geometry& geometry = lived.geometry;
        geometry.image_size = item.at("image_size");
        geometry.page_size = item.at("page_size");
        geometry.block_size = item.at("block_size");
        geometry.name_length = item.at("obj_name_len");
        geometry.metadata_length = item.at("meta_len");
        geometry.use_magic = item.at("use_magic");
        geometry.use_magic_length = item.at("use_magic_len");
        for (const auto& file : item.at("files")) {
            const Bytes path = from_hex(file.at("name_hex").get<std::string>()).value();
            lived.files.push_back({std::string(as_text(path)), file.at("size"), file.at("whole"),
                                   file.at("read"), file.at("sha256")});
        }
        lived.image = inflate(data("spiffs-lived/" + lived.name + ".bin.gz"), geometry.image_size);
        images.push_back(std::move(lived));
    }
    return images;
}

}  // namespace imprint::image::testing
