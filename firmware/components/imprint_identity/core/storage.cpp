#include "imprint_identity/storage.h"

#include <initializer_list>
#include <utility>

#include "common.h"
#include "imprint_identity/fat.h"
#include "imprint_identity/nvs.h"
#include "imprint_identity/secure_cert.h"

namespace imprint_identity {

namespace {

std::uint32_t size_of(const Bench& bench) {
    return bench.geometry.image_size;
}

template <typename Volume>
bool wipe(Volume& volume, const char* name) {
    char copy[Limits::name];
    return volume.wipe(name) && (!copy_name(name, copy) || volume.wipe(copy));
}

// Calls use(volume, names) with what the bench has written, unless it cannot be opened.
template <typename Use>
void with_volume(const Bench& bench, Use use) {
    if (bench.flash.read == nullptr) return;
    switch (bench.storage) {
        case Storage::spiffs:
            break;
        case Storage::nvs: {
            nvs::Encrypted encrypted(bench.flash,
                                     bench.cipher != nullptr ? *bench.cipher : nvs::Cipher());
            nvs::Volume volume(bench.cipher != nullptr ? encrypted.in_clear() : bench.flash,
                               size_of(bench));
            return use(volume, nvs::keys());
        }
        case Storage::esp_secure_cert: {
            secure_cert::Volume volume(bench.flash, size_of(bench));
            return use(volume, secure_cert::entry_names());
        }
        case Storage::fat: {
            fat::Volume volume;
            if (volume.open(bench.flash, size_of(bench)) != nullptr) return;
            return use(volume, bench.names);
        }
    }
    if (!spiffs::is_sound(bench.geometry)) return;
    spiffs::Volume volume(bench.flash, bench.geometry);
    use(volume, bench.names);
}

Problem no_such_partition(const Bench& bench) {
    return problem(Status::storage_unavailable, "there is no %s partition %s",
                   to_string(bench.storage), bench.name);
}

Problem read_extra(const FileSource& files, const char* name, std::size_t most, Text& into) {
    const long size = files.size(files.context, name);
    if (size == FileSource::missing)
        return problem(Status::file_missing, "the %s %s is missing", files.kind, name);
    if (size < 0)
        return problem(Status::file_unreadable, "the %s %s cannot be read", files.kind, name);
    if (static_cast<std::size_t>(size) > most)
        return problem(Status::file_too_large, "the %s %s has %ld bytes, at most %lu are allowed",
                       files.kind, name, size, static_cast<unsigned long>(most));
    Text text(static_cast<std::size_t>(size));
    if (text.size() != static_cast<std::size_t>(size))
        return problem(Status::out_of_memory, "no memory for the %ld bytes of %s", size, name);
    if (!files.read(files.context, name, text.data(), text.size()))
        return problem(Status::file_unreadable, "the %s %s cannot be read: %s", files.kind, name,
                       files.trouble(files.context));
    const bool has_nul = files.ends_with_nul && size > 0 && text.c_str()[size - 1] == '\0';
    into = has_nul ? Text(text.c_str(), text.size() - 1) : std::move(text);
    return {};
}

bool is_spiffs(const Bench& bench) {
    spiffs::Geometry geometry;  // as ESP-IDF has it if nobody says otherwise
    geometry.image_size = size_of(bench);
    std::uint32_t blocks = 0;
    return spiffs::is_sound(geometry) &&
           spiffs::Volume(bench.flash, geometry).count_magic(blocks) && blocks != 0;
}

bool is_fat(const Bench& bench) {
    fat::Volume volume;
    return volume.open(bench.flash, size_of(bench)) == nullptr;
}

bool is_secure_cert(const Bench& bench) {
    secure_cert::Walk walk(bench.flash, size_of(bench));
    secure_cert::Entry first;
    return walk.next(first) && first.has_header;
}

bool is_of(Storage storage, const Bench& bench) {
    switch (storage) {
        case Storage::spiffs:
            return is_spiffs(bench);
        case Storage::nvs:
            return nvs::Volume(bench.flash, size_of(bench)).has_pages();
        case Storage::esp_secure_cert:
            return is_secure_cert(bench);
        case Storage::fat:
            return is_fat(bench);
    }
    return false;
}

// False, too: the flash cannot be read.
bool is_blank(const Bench& bench) {
    std::uint8_t part[64];
    const std::uint32_t size = size_of(bench);
    for (std::uint32_t at = 0; at < size; at += sizeof(part)) {
        const std::uint32_t step = size - at < sizeof(part) ? size - at : sizeof(part);
        if (!bench.flash.read(bench.flash.context, at, part, step)) return false;
        for (std::uint32_t i = 0; i < step; ++i)
            if (part[i] != 0xFF) return false;
    }
    return true;
}

// Where nothing of an identity is found: what is wrong with the partition itself.
Problem nothing_in(const Bench& bench, const Problem& found) {
    if (is_blank(bench))
        return problem(Status::not_prepared,
                       "the partition %s is blank: this board was never prepared, or all of it was "
                       "erased",
                       bench.name);
    for (const Storage other :
         {Storage::esp_secure_cert, Storage::fat, Storage::nvs, Storage::spiffs}) {
        if (other == bench.storage || !is_of(other, bench)) continue;
        return problem(Status::storage_unavailable,
                       "the partition %s holds %s, and this firmware reads %s from it", bench.name,
                       to_string(other), to_string(bench.storage));
    }
    return found;
}

Problem check_encryption(const Bench& bench) {
    const nvs::Entries plain = nvs::look_at_entries(bench.flash, size_of(bench));
    if (bench.cipher == nullptr) {
        if (plain != nvs::Entries::not_in_clear) return {};
        return problem(Status::storage_unavailable,
                       "the partition %s is encrypted, and this firmware reads it as it is",
                       bench.name);
    }
    if (plain == nvs::Entries::in_clear)
        return problem(Status::storage_unavailable,
                       "the partition %s is not encrypted, as this firmware wants it", bench.name);
    nvs::Encrypted encrypted(bench.flash, *bench.cipher);
    if (nvs::look_at_entries(encrypted.in_clear(), size_of(bench)) != nvs::Entries::not_in_clear)
        return {};
    return problem(Status::storage_unavailable,
                   "the partition %s is not encrypted with this chip's keys", bench.name);
}

Problem load_nvs(const Bench& bench, const Mac& mac, const Crypto& crypto, Identity& into,
                 Problem& mended, Parts wanted) {
    if (const Problem bad = check_encryption(bench)) return bad;
    if (bench.cipher == nullptr)
        return nvs::load(bench.flash, size_of(bench), bench.name, mac, crypto, into, mended,
                         wanted);
    nvs::Encrypted encrypted(bench.flash, *bench.cipher);
    return nvs::load(encrypted.in_clear(), size_of(bench), bench.name, mac, crypto, into, mended,
                     wanted);
}

Problem load_fat(const Bench& bench, const Mac& mac, const Crypto& crypto, Identity& into,
                 Problem& mended, Parts wanted) {
    fat::Volume volume;
    if (const char* why = volume.open(bench.flash, size_of(bench)))
        return problem(Status::storage_unavailable, "the partition %s %s", bench.name, why);
    const Problem bad = load(volume.source(), bench.names, mac, crypto, into, mended, wanted);
    if (bad.status != Status::not_prepared || !volume.has_lost_files()) return bad;
    return problem(Status::damaged,
                   "the partition %s is damaged: its folder does not list what is in it",
                   bench.name);
}

Problem load_as_it_is(const Bench& bench, const Mac& mac, const Crypto& crypto, Identity& into,
                      Problem& mended, Parts wanted) {
    switch (bench.storage) {
        case Storage::spiffs:
            break;
        case Storage::nvs:
            return load_nvs(bench, mac, crypto, into, mended, wanted);
        case Storage::esp_secure_cert:
            return secure_cert::load(bench.flash, size_of(bench), bench.name, mac, crypto, into,
                                     mended, wanted);
        case Storage::fat:
            return load_fat(bench, mac, crypto, into, mended, wanted);
    }
    return spiffs::load(bench.flash, bench.geometry, bench.name, bench.names, mac, crypto, into,
                        mended, wanted);
}

}  // namespace

const char* to_string(Storage storage) {
    switch (storage) {
        case Storage::spiffs:
            break;
        case Storage::nvs:
            return "NVS";
        case Storage::esp_secure_cert:
            return "esp_secure_cert";
        case Storage::fat:
            return "FAT";
    }
    return "SPIFFS";
}

Problem load(const Bench& bench, const Mac& mac, const Crypto& crypto, Identity& into,
             Problem& mended, Parts wanted) {
    if (bench.flash.read == nullptr) return no_such_partition(bench);
    const Problem found = load_as_it_is(bench, mac, crypto, into, mended, wanted);
    // A table of a FAT begins as a page of NVS does, and then looks like a damaged one.
    const bool has_no_nvs = bench.storage == Storage::nvs && found.status == Status::damaged &&
                            (!is_of(Storage::nvs, bench) || is_of(Storage::fat, bench));
    const bool has_nothing = has_no_nvs || found.status == Status::not_prepared ||
                             found.status == Status::storage_unavailable;
    return has_nothing ? nothing_in(bench, found) : found;
}

bool device_digest(const Bench& bench, const Crypto& crypto, Crypto::Digest& into) {
    bool is_known = false;
    with_volume(bench, [&](auto& volume, const FileNames& names) {
        is_known = device_digest(volume.source(), names, crypto, into);
    });
    return is_known;
}

bool wipe_key(const Bench& bench) {
    bool is_wiped = true;  // also where nothing is
    with_volume(bench, [&](auto& volume, const FileNames& names) {
        is_wiped = wipe(volume, names.private_key);
    });
    return is_wiped;
}

Problem read_extra(const Bench& bench, const char* name, std::size_t most, Text& into) {
    Problem problem = no_such_partition(bench);
    with_volume(bench, [&](auto& volume, const FileNames&) {
        problem = read_extra(volume.source(), name, most, into);
    });
    return problem;
}

}  // namespace imprint_identity
