#include <fmt/format.h>

#include "image_tool/recognise.h"

namespace imprint::image_tool {

namespace {

namespace secure_cert = image::secure_cert;

std::string_view integrity_text(secure_cert::Integrity integrity) {
    switch (integrity) {
        case secure_cert::Integrity::none:
            break;
        case secure_cert::Integrity::right:
            return "SHA-256 right";
        case secure_cert::Integrity::wrong:
            return "SHA-256 wrong";
    }
    return "no SHA-256";
}

// Not what it holds: it may be a key.
std::string entry_text(const secure_cert::Entry& entry) {
    std::string text = fmt::format("{:>#8x}  {:>6}  {}", entry.offset, entry.data.size(),
                                   secure_cert::entry_name(entry.type, entry.subtype));
    if (const std::string_view kept = key_kept(entry.flags); !kept.empty())
        text += fmt::format(" ({})", kept);
    return text + "\n";
}

}  // namespace

// ESP_SECURE_CERT_TLV_FLAG_… in private_include/esp_secure_cert_tlv_private.h.
std::string_view key_kept(std::uint8_t flags) {
    if ((flags & 0xC0) == 0x80) return "encrypted by a key in an eFuse";
    if ((flags & 0xC0) == 0x40) return "derived from a key in an eFuse";
    if ((flags & 0x38) == 0x08) return "in an eFuse";
    return {};
}

std::string secure_cert_summary(const SecureCertFound& found) {
    const secure_cert::Contents& contents = found.contents;
    return fmt::format("esp_secure_cert, {} entries, {} of {} bytes used, {}",
                       contents.entries.size(), contents.used, contents.size,
                       integrity_text(contents.integrity));
}

std::string secure_cert_entries_text(const SecureCertFound& found, std::string_view indent) {
    std::string text;
    for (const auto& entry : found.contents.entries)
        text += fmt::format("{}{}", indent, entry_text(entry));
    for (const auto& fault : found.contents.faults)
        text += fmt::format("warning: {}\n", fault.text());
    return text;
}

std::string secure_cert_text(const SecureCertFound& found) {
    const std::string entries = secure_cert_entries_text(found, "");
    return fmt::format("{}\n{}{}", secure_cert_summary(found), entries.empty() ? "" : "\n",
                       entries);
}

}  // namespace imprint::image_tool
