#include "image/nvs_support.h"

#include <fmt/format.h>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "base/files.h"
#include "image/nvs_layout.h"
#include "image/support.h"

namespace imprint::image::nvs {

Bytes nvs_data(const std::string& name) {
    auto bytes = read_file(std::string(IMPRINT_TEST_DATA "/image/nvs/") + name);
    if (!bytes) throw std::runtime_error(bytes.error().describe());
    return *std::move(bytes);
}

namespace {

std::vector<Vector> vectors_in(const std::string& folder) {
    std::vector<Vector> vectors;
    const Bytes cases = nvs_data("cases.json");
    for (const auto& item : nlohmann::json::parse(as_text(cases))) {
        Vector vector;
        vector.name = item.at("name");
        vector.size = item.at("size");
        vector.version = item.at("version") == 1 ? Version::one : Version::two;
        const std::string path = folder + vector.name;
        if (!read_file(std::string(IMPRINT_TEST_DATA "/image/nvs/") + path + ".bin.gz")) continue;
        vector.image = image::testing::inflate(nvs_data(path + ".bin.gz"), vector.size);
        vector.encrypted =
            image::testing::inflate(nvs_data(path + ".encrypted.bin.gz"), vector.size);
        vectors.push_back(std::move(vector));
    }
    return vectors;
}

}  // namespace

std::vector<Vector> nvs_vectors() {
    return vectors_in("");
}

std::vector<Vector> older_nvs_vectors() {
    return vectors_in("before-0.1.7/");
}

Entry number(const std::string& key, Type type, std::uint64_t bits) {
    return {key, type, bits, {}};
}

Entry text(const std::string& key, std::string_view value) {
    const ByteView bytes = as_bytes(value);
    return {key, Type::string, 0, Bytes(bytes.begin(), bytes.end())};
}

Entry blob(const std::string& key, Bytes data) {
    return {key, Type::blob, 0, std::move(data)};
}

Bytes image_of(const std::vector<Entry>& entries, std::uint32_t size, Version version) {
    Builder builder = Builder::create(size, version).value();
    builder.enter("ns").value();
    for (const Entry& entry : entries)
        builder.add(entry).value();
    return std::move(builder).finish().image;
}

void set_state(Bytes& image, std::uint32_t page, std::uint32_t entry, unsigned state) {
    std::uint8_t& states = image[std::size_t{page} * page_size + states_at + entry / 4];
    const unsigned shift = entry % 4 * 2;
    states = static_cast<std::uint8_t>((states & ~(3U << shift)) | state << shift);
}

std::size_t at(std::uint32_t page, std::uint32_t entry) {
    return entry_place(page, entry);
}

void seal(Bytes& image, std::uint32_t page, std::uint32_t entry) {
    const std::size_t place = at(page, entry);
    put_u32(image, place + crc_at, entry_checksum(ByteView(image).subspan(place, entry_size)));
}

void seal_page(Bytes& image, std::uint32_t page) {
    const std::size_t place = std::size_t{page} * page_size;
    put_u32(image, place + page_crc_at, page_checksum(ByteView(image).subspan(place, page_size)));
}

std::string told(const Contents& contents) {
    std::string text;
    for (const Namespace& space : contents.namespaces)
        for (const Entry& entry : space.entries) {
            const std::string number = number_text(entry);
            text += fmt::format("{}.{} {} {}\n", space.name, entry.key, type_name(entry.type),
                                number.empty() ? fmt::format("{}", entry.data.size()) : number);
        }
    return text;
}

std::string faults(const Contents& contents) {
    std::string text;
    for (const Fault& fault : contents.faults)
        text += fault.text() + "\n";
    return text;
}

bool same(const Entry& a, const Entry& b) {
    return a.key == b.key && a.type == b.type && a.bits == b.bits && a.data == b.data;
}

}  // namespace imprint::image::nvs
