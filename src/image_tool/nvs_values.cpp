#include "image_tool/nvs_values.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "base/secret.h"
#include "base/text.h"
#include "image/text.h"

namespace imprint::image_tool {

namespace {

using image::nvs::Entry;
using image::nvs::Type;

std::unexpected<Error> bad_nvs_value(std::string message, std::string hint = {}) {
    return fail(ErrorKind::config, "nvs_value", std::move(message), std::move(hint));
}

Result<Bytes> content_of(const NvsRow& row, const FileReader& read) {
    if (row.type != "file" && row.type != "data")
        return fail(ErrorKind::config, "nvs_csv",
                    fmt::format("its type {} is unknown", image::in_quotes(row.type)),
                    "known are namespace, data and file");
    if (!row.value)
        return fail(ErrorKind::config, "nvs_csv", "it has no value",
                    "a row is key,type,encoding,value");
    if (row.type == "file") {
        if (row.value->empty()) return bad_nvs_value("it names no file");
        return read(*row.value);
    }
    const ByteView bytes = as_bytes(*row.value);
    return Bytes(bytes.begin(), bytes.end());
}

Result<Bytes> text_of(Bytes content) {
    const std::string_view text = as_text(content);
    const std::size_t end = text.find('\0');
    if (end != std::string_view::npos &&
        text.find_first_not_of('\0', end) != std::string_view::npos)
        return bad_nvs_value("the string holds a NUL, where firmware sees its end",
                             "store it as a blob: binary");
    if (!image::is_utf8(text))
        return bad_nvs_value("the string is no UTF-8", "store it as a blob: binary");
    return content;
}

Result<Bytes> bytes_of_hex(ByteView content) {
    const std::string_view digits = trimmed(as_text(content));
    if (digits.size() % 2 != 0)
        return bad_nvs_value("its hex has an odd number of digits", "write two for each byte");
    auto bytes = from_hex(digits);
    if (!bytes) return bad_nvs_value("its hex holds something that is no hex digit");
    return *std::move(bytes);
}

// Lines may be broken; what else is no base64 is no accident.
Result<Bytes> bytes_of_base64(ByteView content) {
    std::string digits;
    std::ranges::copy_if(as_text(content), std::back_inserter(digits),
                         [](char c) { return c != '\n' && c != '\r' && c != ' ' && c != '\t'; });
    auto bytes = from_base64(digits);
    wipe(digits);
    if (!bytes) return bad_nvs_value("its base64 is cut off, or holds something that is no base64");
    return *std::move(bytes);
}

struct Fill {
    bool with_size = false;
    std::uint32_t length = 0;
    std::uint8_t byte = 0;
};

// "blob_fill(32;0xff)", "blob_sz_fill(32;0x00)"
Result<std::optional<Fill>> fill_of(std::string_view encoding) {
    constexpr std::string_view plain = "blob_fill";
    constexpr std::string_view sized = "blob_sz_fill";
    constexpr std::uint32_t most = 1U << 20;
    Fill fill;
    fill.with_size = encoding.starts_with(sized);
    if (!fill.with_size && !encoding.starts_with(plain)) return std::nullopt;
    const auto refuse = [&] {
        return fail(ErrorKind::config, "nvs_csv",
                    fmt::format("its encoding {} is unknown", image::in_quotes(encoding)),
                    "write blob_fill(LENGTH;0xFF) or blob_sz_fill(LENGTH;0x00)");
    };
    const std::string_view rest = encoding.substr(fill.with_size ? sized.size() : plain.size());
    const std::size_t mark = rest.find(';');
    if (!rest.starts_with('(') || !rest.ends_with(')') || mark == std::string_view::npos)
        return refuse();
    const std::string_view length = rest.substr(1, mark - 1);
    const std::string_view byte = rest.substr(mark + 1, rest.size() - mark - 2);
    const auto number = std::from_chars(length.data(), length.data() + length.size(), fill.length);
    if (number.ec != std::errc() || number.ptr != length.data() + length.size() ||
        fill.length > most || !byte.starts_with("0x"))
        return refuse();
    const auto bytes = from_hex(byte.substr(2));
    if (!bytes || bytes->size() != 1) return refuse();
    fill.byte = bytes->front();
    return fill;
}

Result<Bytes> filled(const Fill& fill, ByteView content) {
    if (content.size() > fill.length)
        return bad_nvs_value(fmt::format("its value has {} bytes, and its encoding says {}",
                                         content.size(), fill.length));
    Bytes bytes;
    bytes.reserve(std::size_t{fill.length} + 4);
    if (fill.with_size) append_u32(bytes, static_cast<std::uint32_t>(content.size()));
    append(bytes, content);
    bytes.resize(std::size_t{fill.length} + (fill.with_size ? 4 : 0), fill.byte);
    return bytes;
}

Result<Bytes> blob_of(const NvsRow& row, Bytes& content) {
    if (row.encoding == "binary") return std::move(content);
    if (row.encoding == "hex2bin") return bytes_of_hex(content);
    if (row.encoding == "base64") return bytes_of_base64(content);
    IMPRINT_TRY(const std::optional<Fill> fill, fill_of(row.encoding));
    if (fill) return filled(*fill, content);
    return fail(ErrorKind::config, "nvs_csv",
                fmt::format("its encoding {} is unknown", image::in_quotes(row.encoding)),
                "known are u8, i8, u16, i16, u32, i32, u64, i64, string, hex2bin, base64, binary");
}

}  // namespace

Result<Entry> nvs_entry_of(const NvsRow& row, const FileReader& read) {
    IMPRINT_TRY(Bytes content, content_of(row, read));
    Entry entry;
    entry.key = row.key;
    if (const auto type = image::nvs::number_type(row.encoding)) {
        entry.type = *type;
        IMPRINT_TRY(entry.bits, image::nvs::parse_number(*type, as_text(content)));
        return entry;
    }
    if (row.encoding == "string") {
        entry.type = Type::string;
        IMPRINT_TRY(entry.data, text_of(std::move(content)));
        return entry;
    }
    entry.type = Type::blob;
    auto bytes = blob_of(row, content);
    wipe(content);
    if (!bytes) return std::unexpected(std::move(bytes).error());
    entry.data = std::move(*bytes);
    return entry;
}

}  // namespace imprint::image_tool
