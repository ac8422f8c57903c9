// The board's readers of NVS and esp_secure_cert, and the computer's of the latter: any bytes as a
// partition, and a sound one with any bytes of it changed. The first byte says which.
#include <algorithm>
#include <cstring>
#include <string>

#include "base/digest.h"
#include "image/nvs.h"
#include "image/secure_cert.h"
#include "imprint_identity/nvs.h"
#include "imprint_identity/secure_cert.h"
#include "target.h"

using namespace imprint;

namespace {

namespace tlv = imprint_identity::secure_cert;
using imprint_identity::FileSource;

imprint_identity::Flash flash_of(Bytes& image) {
    return {[](void* context, std::uint32_t at, void* into, std::size_t size) {
                const Bytes& bytes = *static_cast<const Bytes*>(context);
                // A reader that asks for more than there is would read elsewhere on a chip.
                fuzz::require(at <= bytes.size() && size <= bytes.size() - at);
                std::memcpy(into, bytes.data() + at, size);
                return true;
            },
            &image,
            [](void* context, std::uint32_t at, const void* from, std::size_t size) {
                Bytes& bytes = *static_cast<Bytes*>(context);
                fuzz::require(at <= bytes.size() && size <= bytes.size() - at);
                const auto* zeros = static_cast<const std::uint8_t*>(from);
                for (std::size_t i = 0; i < size; ++i)
                    bytes[at + i] &= zeros[i];
                return true;
            }};
}

template <typename Volume>
void look(Bytes image, const imprint_identity::FileNames& names) {
    Volume volume(flash_of(image), static_cast<std::uint32_t>(image.size()));
    const FileSource source = volume.source();
    for (const char* name : {names.certificate, names.private_key, names.root_ca, names.device})
        for (const std::string& one : {std::string(name), std::string("copy/") + name}) {
            const long size = source.size(source.context, one.c_str());
            if (size <= 0 || size > 0x10000) continue;
            std::string text(static_cast<std::size_t>(size), '\0');
            if (!source.read(source.context, one.c_str(), text.data(), text.size()))
                fuzz::require(std::strlen(source.trouble(source.context)) < 96);
        }
    fuzz::require(volume.wipe(names.private_key));
}

void look_at_nvs(const Bytes& image) {
    if (image.size() < imprint_identity::nvs::page_size) return;
    look<imprint_identity::nvs::Volume>(image, imprint_identity::nvs::keys());
}

void look_at_secure_cert(const Bytes& image) {
    look<tlv::Volume>(image, tlv::entry_names());
    const auto contents = image::secure_cert::read(image);
    std::size_t bytes = 0;
    for (const auto& entry : contents.entries)
        bytes += entry.data.size();
    fuzz::require(bytes <= image.size());
    static_cast<void>(image::secure_cert::is_secure_cert(image));
}

Bytes sound_nvs() {
    auto builder = image::nvs::Builder::create(0x5000).value();
    for (const char* space :
         {imprint_identity::nvs::name_space, imprint_identity::nvs::copy_name_space}) {
        builder.enter(space).value();
        builder.add({"device.json", image::nvs::Type::blob, 0, Bytes(600, 'd')}).value();
        builder.add({"root_ca", image::nvs::Type::blob, 0, Bytes(4500, 'r')}).value();
        builder.add({"private_key", image::nvs::Type::string, 0, Bytes(230, 'k')}).value();
    }
    return std::move(builder).finish().image;
}

Bytes sound_secure_cert() {
    return image::secure_cert::build(0x1000, {{tlv::dev_cert, 0, 0, Bytes(700, 'c')},
                                              {tlv::priv_key, 0, 0, Bytes(227, 'k')},
                                              {tlv::priv_key, 1, 0, Bytes(227, 'k')}})
        .value()
        .image;
}

// Makes the checksum of each entry right again that has a header.
void seal(Bytes& image) {
    for (std::size_t at = 0; at + 16 <= image.size(); at += tlv::piece) {
        if (get_u32(image, at) != tlv::magic) continue;
        const std::size_t size = tlv::entry_size(get_u16(image, at + tlv::length_at));
        if (size > image.size() - at) continue;
        put_u32(image, at + size - 4, crc32(ByteView(image).subspan(at, size - 4), 0xFFFFFFFF));
    }
}

}  // namespace

void fuzz::run(ByteView input) {
    if (input.empty()) return;
    const bool is_nvs = input[0] % 2 == 0;
    const ByteView rest = input.subspan(1);
    const Bytes whole(rest.begin(), rest.end());
    is_nvs ? look_at_nvs(whole) : look_at_secure_cert(whole);
    Bytes image = is_nvs ? sound_nvs() : sound_secure_cert();
    // Three bytes a change: where, and to what.
    for (std::size_t i = 0; i + 3 <= rest.size(); i += 3)
        image[(rest[i] | rest[i + 1] << 8) % image.size()] = rest[i + 2];
    if (is_nvs) return look_at_nvs(image);
    look_at_secure_cert(image);
    seal(image);
    look_at_secure_cert(image);
}
