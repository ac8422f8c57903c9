#include "image_tool/recognise.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/secret.h"
#include "image/text.h"
#include "image_tool/foreign.h"

namespace imprint::image_tool {

namespace {

using image::PartitionTable;

constexpr std::uint32_t usual_table_offset = 0x8000;  // CONFIG_PARTITION_TABLE_OFFSET

bool is_text(ByteView bytes) {
    const std::string_view text = as_text(bytes);
    return image::is_utf8(text) && std::ranges::none_of(text, [](char c) {
               return c >= 0 && c < ' ' && c != '\n' && c != '\r' && c != '\t';
           });
}

bool has_utf16_mark(ByteView bytes) {
    return bytes.size() >= 2 &&
           ((bytes[0] == 0xFF && bytes[1] == 0xFE) || (bytes[0] == 0xFE && bytes[1] == 0xFF));
}

Result<Finding> read_csv(ByteView bytes, const InspectOptions& options) {
    IMPRINT_TRY(PartitionTable table, PartitionTable::parse(bytes, table_options(options)));
    return Finding{bytes.size(), TableFound{std::move(table), true, {}}};
}

Result<Finding> or_error(Finding finding) {
    if (auto* damaged = std::get_if<Damaged>(&finding.what))
        return std::unexpected(std::move(damaged->error));
    return finding;
}

Result<Finding> recognise_one(ByteView bytes, const InspectOptions& options) {
    if (bytes.empty()) return fail(ErrorKind::config, "image_unknown", "the file is empty");
    if (is_erased(bytes)) return Finding{bytes.size(), Erased{}};
    if (is_table(bytes)) {
        IMPRINT_TRY(TableFound table, read_table(bytes, table_options(options)));
        return Finding{bytes.size(), std::move(table)};
    }
    Finding app{bytes.size(), OtherData{}};
    if (bytes[0] == app_magic) {
        app = read_app(bytes);
        if (std::holds_alternative<AppFound>(app.what)) return app;
    }
    // What starts with the magic of an app may be none: it is a jump in a FAT, a file's number in a
    // SPIFFS, and an ESP8266's image as well.
    if (auto named = foreign(bytes)) return Finding{bytes.size(), *std::move(named)};
    if (image::secure_cert::is_secure_cert(bytes)) return read_secure_cert(bytes);
    // A file system may hold the image of an NVS partition.
    if (image::nvs::is_nvs(bytes)) return or_error(read_nvs(bytes, options.nvs_keys.get()));
    if (image::spiffs::detect(bytes)) return or_error(read_spiffs(bytes));
    if (bytes[0] == app_magic) return or_error(std::move(app));
    if (is_elf(bytes))
        return fail(ErrorKind::config, "image_unknown",
                    "this is an ELF file, which goes into no flash",
                    "take the .bin that the build made of it");
    if (is_text(bytes) || has_utf16_mark(bytes)) return read_csv(bytes, options);
    return fail(
        ErrorKind::config, "image_unknown",
        fmt::format("the {} bytes are no partition table, app, bootloader, file system, NVS or "
                    "esp_secure_cert, and hold no partition table as a whole flash would",
                    bytes.size()),
        "of what is encrypted nothing can be seen; give --table-offset if the table lies "
        "above 0x100000");
}

}  // namespace

bool is_erased(ByteView bytes) {
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0xFF; });
}

bool is_table(ByteView bytes) {
    return bytes.size() >= 2 && bytes[0] == 0xAA && bytes[1] == 0x50;
}

PartitionTable::Options table_options(const InspectOptions& options) {
    PartitionTable::Options result;
    result.table_offset = options.table_offset.value_or(usual_table_offset);
    result.primary_bootloader_offset = options.primary_bootloader_offset;
    result.md5 = false;
    return result;
}

Result<TableFound> read_table(ByteView bytes, const PartitionTable::Options& options) {
    TableFound found;
    IMPRINT_TRY(found.table, PartitionTable::parse_binary(bytes));
    if (auto verdict = found.table.verify(options); !verdict)
        found.problem = verdict.error().describe();
    return found;
}

Finding read_app(ByteView bytes) {
    auto image = image::parse_app_image(bytes);
    if (!image) return {bytes.size(), Damaged{std::move(image).error()}};
    return {bytes.size(), AppFound{*std::move(image)}};
}

Finding read_spiffs(ByteView bytes) {
    const auto geometry = image::spiffs::detect(bytes);
    if (!geometry) return {bytes.size(), Damaged{geometry.error()}};
    auto contents = image::spiffs::read(bytes, *geometry, image::spiffs::Reading::as_it_lies);
    if (!contents) return {bytes.size(), Damaged{std::move(contents).error()}};
    return {bytes.size(), SpiffsFound{*std::move(contents)}};
}

Finding read_nvs(ByteView bytes, const image::nvs::Keys* keys) {
    auto contents = image::nvs::read(bytes);
    if (!contents) return {bytes.size(), Damaged{std::move(contents).error()}};
    if (!contents->encrypted || keys == nullptr)
        return {bytes.size(), NvsFound{*std::move(contents), false}};
    Bytes plain(bytes.begin(), bytes.end());
    auto decrypted = image::nvs::decrypt(plain, *keys);
    if (decrypted) contents = image::nvs::read(plain);
    wipe(plain);
    if (!decrypted) return {bytes.size(), Damaged{std::move(decrypted).error()}};
    return {bytes.size(), NvsFound{*std::move(contents), true}};
}

Finding read_secure_cert(ByteView bytes) {
    return {bytes.size(), SecureCertFound{image::secure_cert::read(bytes)}};
}

Finding read_other(ByteView bytes) {
    std::size_t used = bytes.size();
    while (used > 0 && bytes[used - 1] == 0xFF)
        --used;
    return {bytes.size(), OtherData{used}};
}

Result<std::variant<Finding, FlashFound>> recognise(ByteView bytes, const InspectOptions& options) {
    if (!is_table(bytes)) {
        IMPRINT_TRY(std::optional<FlashFound> flash, recognise_flash(bytes, options));
        if (flash) return *std::move(flash);
    }
    IMPRINT_TRY(Finding finding, recognise_one(bytes, options));
    return finding;
}

}  // namespace imprint::image_tool
