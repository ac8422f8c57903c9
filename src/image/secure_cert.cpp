#include "image/secure_cert.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fmt/format.h>
#include <set>
#include <utility>

#include "base/digest.h"
#include "base/secret.h"

namespace imprint::image::secure_cert {

namespace {

namespace tlv = imprint_identity::secure_cert;

constexpr std::string_view unnamed = "type_";

imprint_identity::Flash flash_of(ByteView& image) {
    return {[](void* context, std::uint32_t at, void* into, std::size_t size) {
                const ByteView bytes = *static_cast<const ByteView*>(context);
                if (at > bytes.size() || size > bytes.size() - at) return false;
                std::memcpy(into, bytes.data() + at, size);
                return true;
            },
            &image};
}

ByteView within_reach(ByteView image) {
    return image.first(std::min<std::size_t>(image.size(), reach));
}

void append_entry(Bytes& image, const Entry& entry) {
    const std::size_t begin = image.size();
    append_u32(image, tlv::magic);
    const std::uint8_t head[] = {entry.flags,
                                 0,
                                 0,
                                 0,
                                 entry.type,
                                 entry.subtype,
                                 static_cast<std::uint8_t>(entry.data.size()),
                                 static_cast<std::uint8_t>(entry.data.size() >> 8)};
    append(image, head);
    append(image, entry.data);
    image.resize(begin + tlv::header_size + round_up(entry.data.size(), tlv::piece));
    append_u32(image, crc32(ByteView(image).subspan(begin), 0xFFFFFFFF));
}

std::optional<std::uint8_t> parse_byte(std::string_view text) {
    std::uint8_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

void note(Contents& contents, std::uint32_t offset, std::string problem) {
    contents.faults.push_back({offset, std::move(problem)});
}

// Whether what the last such entry says of all in front of it is so.
void check_integrity(ByteView image, Contents& contents) {
    const auto last = std::ranges::find(contents.entries.rbegin(), contents.entries.rend(),
                                        std::uint8_t{tlv::integrity}, &Entry::type);
    if (last == contents.entries.rend()) return;
    if (std::ranges::equal(last->data, sha256(image.first(last->offset)))) {
        contents.integrity = Integrity::right;
        return;
    }
    contents.integrity = Integrity::wrong;
    note(contents, last->offset, "its SHA-256 is not the one of what stands in front of it");
}

}  // namespace

std::string entry_name(std::uint8_t type, std::uint8_t subtype) {
    const char* name = tlv::type_name(type);
    std::string text = name != nullptr ? std::string(name) : fmt::format("{}{}", unnamed, type);
    if (subtype != 0) text += fmt::format(".{}", subtype);
    return text;
}

std::optional<Kind> find_kind(std::string_view name) {
    Kind kind;
    if (const auto dot = name.find('.'); dot != std::string_view::npos) {
        const auto subtype = parse_byte(name.substr(dot + 1));
        if (!subtype) return std::nullopt;
        kind.subtype = *subtype;
        name = name.substr(0, dot);
    }
    if (name.starts_with(unnamed)) {
        const auto type = parse_byte(name.substr(unnamed.size()));
        if (!type) return std::nullopt;
        kind.type = *type;
        return kind;
    }
    if (!tlv::find_type(std::string(name).c_str(), kind.type)) return std::nullopt;
    return kind;
}

Result<Built> build(std::uint32_t size, const std::vector<Entry>& entries) {
    std::set<std::pair<std::uint8_t, std::uint8_t>> known;
    std::uint64_t needed = tlv::entry_size(sizeof(Sha256));
    for (const Entry& entry : entries) {
        if (entry.type == tlv::integrity)
            return fail(ErrorKind::config, "secure_cert_value",
                        "the entry integrity is made for each image, and cannot be given",
                        "leave it out");
        if (!known.emplace(entry.type, entry.subtype).second)
            return fail(ErrorKind::config, "secure_cert_value",
                        fmt::format("there are two entries {}, of which a device finds the first",
                                    entry_name(entry.type, entry.subtype)),
                        "leave one of them out");
        needed += round_up(entry.data.size(), tlv::piece) + tlv::header_size + tlv::footer_size;
    }
    // A device looks for a further entry behind the last.
    const std::uint32_t room = std::min(size, reach);
    if (needed + tlv::piece > room)
        return fail(
            ErrorKind::config, "secure_cert_full",
            fmt::format("the entries need {} bytes with {} that stay blank behind them, "
                        "and {} has {} bytes",
                        needed + tlv::piece, tlv::piece,
                        size > reach ? "what esp_secure_cert_mgr can reach" : "the partition",
                        room),
            "make the partition larger, or leave entries out");
    Built built;
    // What grows would leave its former content, with the key, behind.
    built.image.reserve(size);
    for (const Entry& entry : entries)
        append_entry(built.image, entry);
    const Sha256 digest = sha256(built.image);
    append_entry(built.image, {tlv::integrity, 0, 0, Bytes(digest.begin(), digest.end())});
    built.used = static_cast<std::uint32_t>(built.image.size());
    built.image.resize(size, 0xFF);
    return built;
}

std::string Fault::text() const {
    return fmt::format("at {:#x}: {}", offset, problem);
}

bool is_secure_cert(ByteView image) {
    ByteView bytes = within_reach(image);
    if (bytes.size() >= tlv::header_size && get_u32(bytes, 0) == tlv::magic) return true;
    tlv::Walk walk(flash_of(bytes), static_cast<std::uint32_t>(bytes.size()));
    tlv::Entry entry;
    while (walk.next(entry))
        if (entry.is_sound) return true;
    return false;
}

Contents read(ByteView image) {
    ByteView bytes = within_reach(image);
    Contents contents;
    contents.size = image.size();
    tlv::Walk walk(flash_of(bytes), static_cast<std::uint32_t>(bytes.size()));
    std::set<std::pair<std::uint8_t, std::uint8_t>> known;
    tlv::Entry found;
    while (walk.next(found)) {
        if (!found.has_header) {
            note(contents, found.at, "no entry begins here, where one should");
            continue;
        }
        const std::string name = entry_name(found.type, found.subtype);
        if (!found.is_sound) {
            const bool is_cut = tlv::entry_size(found.length) > bytes.size() - found.at;
            note(contents, found.at,
                 is_cut ? fmt::format("the {} bytes of the entry {} end beyond the partition",
                                      found.length, name)
                        : fmt::format("the CRC of the entry {} is wrong", name));
            continue;
        }
        contents.used = found.at + tlv::entry_size(found.length);
        if (!known.emplace(found.type, found.subtype).second)
            note(contents, found.at,
                 fmt::format("the entry {} is there twice, and a device finds the first", name));
        const ByteView data = bytes.subspan(found.at + tlv::header_size, found.length);
        contents.entries.push_back(
            {found.type, found.subtype, found.flags, Bytes(data.begin(), data.end()), found.at});
    }
    check_integrity(bytes, contents);
    return contents;
}

}  // namespace imprint::image::secure_cert
