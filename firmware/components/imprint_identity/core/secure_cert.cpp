#include "imprint_identity/secure_cert.h"

#include <cstdio>
#include <cstring>

#include "common.h"
#include "crc.h"

namespace imprint_identity {
namespace secure_cert {

namespace {

struct Name {
    std::uint8_t type;
    const char* name;
};

// esp_secure_cert_tlv_type_t in include/esp_secure_cert_tlv_config.h.
constexpr Name names[] = {
    {ca_cert, "ca_cert"},     {dev_cert, "dev_cert"}, {priv_key, "priv_key"},
    {3, "ds_data"},           {4, "ds_context"},      {5, "ecdsa_key_salt"},
    {6, "sec_cfg"},           {7, "tee_storage_key"}, {signature, "signature"},
    {integrity, "integrity"}, {51, "user_data_1"},    {52, "user_data_2"},
    {53, "user_data_3"},      {54, "user_data_4"},    {55, "user_data_5"},
    {201, "matter_1"},        {202, "matter_2"},
};

bool is_blank(const std::uint8_t* bytes, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
        if (bytes[i] != 0xFF) return false;
    return true;
}

// Tools before 2.9.2 ended the entries with it, where later ones leave the flash blank.
bool is_end_mark(const std::uint8_t* header) {
    return load32(header) == 0xFFFF && is_blank(header + 4, header_size - 4);
}

// "copy/dev_cert" is of the second copy.
bool parse(const char* name, std::uint8_t& type, std::uint8_t& subtype) {
    const std::size_t length = std::strlen(copy_folder);
    const bool is_copy = std::strncmp(name, copy_folder, length) == 0;
    subtype = is_copy ? copy_subtype : 0;
    return find_type(is_copy ? name + length : name, type);
}

}  // namespace

const char* type_name(std::uint8_t type) {
    for (const Name& one : names)
        if (one.type == type) return one.name;
    return nullptr;
}

bool find_type(const char* name, std::uint8_t& into) {
    for (const Name& one : names) {
        if (std::strcmp(one.name, name) != 0) continue;
        into = one.type;
        return true;
    }
    return false;
}

FileNames entry_names() {
    FileNames named;
    named.certificate = "dev_cert";
    named.private_key = "priv_key";
    named.root_ca = "ca_cert";
    named.device = "user_data_1";
    return named;
}

bool Walk::is_whole(const Entry& entry) {
    const std::uint32_t size = entry_size(entry.length);
    if (size > size_ - entry.at) return false;
    Crc crc;
    std::uint8_t footer[footer_size];
    const std::uint32_t footer_at = entry.at + size - footer_size;
    failed_ = !crc.add(flash_, entry.at, size - footer_size) ||
              !flash_.read(flash_.context, footer_at, footer, footer_size);
    return !failed_ && load32(footer) == crc.value();
}

// Goes to the next place that begins like an entry.
bool Walk::look_for_more(std::uint32_t from) {
    for (at_ = from; at_ < size_ && size_ - at_ >= header_size; at_ += piece) {
        std::uint8_t word[4];
        failed_ = !flash_.read(flash_.context, at_, word, sizeof(word));
        if (failed_) return false;
        if (load32(word) == magic) return true;
    }
    at_ = size_;
    return true;
}

bool Walk::next(Entry& into) {
    if (failed_ || at_ >= size_ || size_ - at_ < header_size) return false;
    std::uint8_t header[header_size];
    failed_ = !flash_.read(flash_.context, at_, header, header_size);
    if (failed_ || is_blank(header, header_size) || is_end_mark(header)) return false;
    into = {};
    into.at = at_;
    into.has_header = load32(header) == magic;
    if (into.has_header) {
        into.flags = header[flags_at];
        into.type = header[type_at];
        into.subtype = header[subtype_at];
        into.length = static_cast<std::uint16_t>(load16(header + length_at));
        into.is_sound = is_whole(into);
        if (failed_) return false;
    }
    if (into.is_sound) {
        at_ += entry_size(into.length);
        return true;
    }
    return look_for_more(at_ + piece);
}

Volume::Found Volume::find(const char* name, Entry& into) {
    std::uint8_t type = 0;
    std::uint8_t subtype = 0;
    trouble_[0] = '\0';
    if (!parse(name, type, subtype)) return Found::no;
    Walk walk(flash_, size_);
    Entry entry;
    bool has_any = false;
    bool has_damaged = false;
    while (walk.next(entry)) {
        has_any = has_any || entry.has_header;
        if (entry.is_sound && entry.type == type && entry.subtype == subtype) {
            into = entry;
            return Found::yes;
        }
        if (entry.is_sound || has_damaged) continue;
        has_damaged = true;
        (void)std::snprintf(trouble_, sizeof(trouble_),
                            entry.has_header ? "the CRC of the entry at byte %lu is wrong"
                                             : "at byte %lu no entry begins",
                            static_cast<unsigned long>(entry.at));
    }
    if (walk.failed()) return Found::unreadable;
    // In another format it is none of an entry's bytes that are damaged.
    return has_any && has_damaged ? Found::damaged : Found::no;
}

long Volume::size(const char* name) {
    last_name_[0] = '\0';
    switch (find(name, last_)) {
        case Found::no:
            return FileSource::missing;
        case Found::unreadable:
            return FileSource::unreadable;
        case Found::damaged:
            return 1;  // reading it says why
        case Found::yes:
            break;
    }
    // A key that only the chip can use.
    if (last_.type == priv_key && last_.flags != 0) return FileSource::unreadable;
    if (last_.length == 0) return 0;
    if (const std::size_t length = std::strlen(name); length < sizeof(last_name_))
        std::memcpy(last_name_, name, length + 1);
    return last_.length;
}

bool Volume::read(const char* name, char* into, std::size_t size) {
    const bool is_found = std::strcmp(name, last_name_) == 0 || find(name, last_) == Found::yes;
    return is_found && size <= last_.length &&
           flash_.read(flash_.context, last_.at + header_size, into, size);
}

bool Volume::wipe(const char* name) {
    std::uint8_t type = 0;
    std::uint8_t subtype = 0;
    if (!parse(name, type, subtype)) return true;
    constexpr std::uint8_t zeros[piece] = {};
    Walk walk(flash_, size_);
    Entry entry;
    while (walk.next(entry)) {
        if (!entry.has_header || entry.type != type || entry.subtype != subtype) continue;
        // A length that is damaged must not lead into the next entry.
        const std::uint32_t most = entry.at + entry_size(Limits::pem);
        const std::uint32_t end = entry.is_sound ? entry.at + entry_size(entry.length)
                                                 : (walk.at() < most ? walk.at() : most);
        // In whole pieces, which flash encryption wants: the header is written as it is. A size
        // that is no number of these is no partition's, but nothing is written beyond it.
        std::uint8_t first[piece] = {};
        if (size_ - entry.at < piece) continue;
        if (!flash_.read(flash_.context, entry.at, first, header_size) ||
            !flash_.write(flash_.context, entry.at, first, piece))
            return false;
        for (std::uint32_t at = entry.at + piece; at < end && size_ - at >= piece; at += piece)
            if (!flash_.write(flash_.context, at, zeros, piece)) return false;
    }
    return !walk.failed();
}

FileSource Volume::source() {
    FileSource entries = source_of(*this);
    entries.kind = "entry";
    entries.ends_with_nul = true;
    return entries;
}

Problem load(const Flash& flash, std::uint32_t size, const char* name, const Mac& mac,
             const Crypto& crypto, Identity& into, Problem& mended, Parts wanted) {
    Volume volume(flash, size);
    const Problem bad =
        imprint_identity::load(volume.source(), entry_names(), mac, crypto, into, mended, wanted);
    if (bad.status != Status::not_prepared) return bad;
    std::uint8_t first[header_size];
    if (size < header_size || !flash.read(flash.context, 0, first, sizeof(first)))
        return problem(Status::storage_unavailable, "the partition %s cannot be read", name);
    if (is_blank(first, sizeof(first)) || load32(first) == magic) return bad;
    return problem(Status::storage_unavailable,
                   "the partition %s holds no entries as esp_secure_cert has them (TLV)", name);
}

}  // namespace secure_cert
}  // namespace imprint_identity
