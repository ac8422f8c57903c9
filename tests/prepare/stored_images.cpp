#include "prepare/stored_images.h"

#include <chrono>
#include <fmt/format.h>
#include <memory>
#include <openssl/pem.h>

#include "base/digest.h"
#include "firmware/fat_image.h"
#include "image/nvs.h"
#include "image/spiffs.h"
#include "imprint_identity/nvs.h"
#include "imprint_identity/secure_cert.h"
#include "pki/certificate.h"
#include "prepare/credential_image.h"

namespace imprint::prepare {

namespace {

using imprint_identity::Storage;
using imprint_identity::testing::FatImage;
using imprint_identity::testing::WornPartition;

struct Free {
    void operator()(BIO* object) const { BIO_free(object); }

    void operator()(X509* object) const { X509_free(object); }

    void operator()(EVP_PKEY* object) const { EVP_PKEY_free(object); }
};

template <typename Object, typename Write>
std::string to_der(Object* object, const Write& write) {
    const int size = write(object, nullptr);
    std::string der(static_cast<std::size_t>(size), '\0');
    auto* into = reinterpret_cast<unsigned char*>(der.data());
    write(object, &into);
    return der;
}

std::unique_ptr<BIO, Free> reader_of(const std::string& pem) {
    return std::unique_ptr<BIO, Free>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

std::string certificate_to_der(const std::string& pem) {
    const std::unique_ptr<X509, Free> read(
        PEM_read_bio_X509(reader_of(pem).get(), nullptr, nullptr, nullptr));
    return to_der(read.get(), i2d_X509);
}

std::string key_to_der(const std::string& pem) {
    const std::unique_ptr<EVP_PKEY, Free> read(
        PEM_read_bio_PrivateKey(reader_of(pem).get(), nullptr, nullptr, nullptr));
    return to_der(read.get(), i2d_PrivateKey);
}

const pki::Authority& authority() {
    static const pki::Authority made = *pki::Authority::create(
        "test", pki::KeyKind::ec_p256, std::chrono::days(1), std::chrono::system_clock::now());
    return made;
}

bool is_text(const std::string& content) {
    return content.empty() || content.front() != '\x30';
}

// As Imprint's own image has them: each text with its NUL.
Bytes stored(const std::string& content) {
    const ByteView view = as_bytes(content);
    Bytes bytes(view.begin(), view.end());
    if (is_text(content)) bytes.push_back(0);
    return bytes;
}

Bytes nvs_image(const std::vector<Files>& copies) {
    auto builder = image::nvs::Builder::create(stored_size).value();
    const char* space = imprint_identity::nvs::name_space;
    for (const Files& files : copies) {
        builder.enter(space).value();
        for (const auto& [key, content] : files)
            builder.add({key, image::nvs::Type::blob, 0, stored(content)}).value();
        space = imprint_identity::nvs::copy_name_space;
    }
    return std::move(builder).finish().image;
}

Bytes secure_cert_image(const std::vector<Files>& copies) {
    namespace cert = imprint_identity::secure_cert;
    Bytes image;
    std::uint8_t subtype = 0;
    for (const Files& files : copies) {
        for (const auto& [name, content] : files) {
            const Bytes data = stored(content);
            std::uint8_t type = 0;
            if (!cert::find_type(name.c_str(), type)) throw std::logic_error(name);
            const std::size_t begin = image.size();
            append_u32(image, cert::magic);
            append_u32(image, 0);
            image.push_back(type);
            image.push_back(subtype);
            image.push_back(static_cast<std::uint8_t>(data.size()));
            image.push_back(static_cast<std::uint8_t>(data.size() >> 8));
            append(image, data);
            image.resize(begin + cert::entry_size(static_cast<std::uint32_t>(data.size())) - 4);
            append_u32(image, crc32(ByteView(image).subspan(begin), 0xFFFFFFFF));
        }
        subtype = cert::copy_subtype;
    }
    image.resize(stored_size, 0xFF);
    return image;
}

Bytes spiffs_image(const std::vector<Files>& copies) {
    image::spiffs::Geometry geometry;
    geometry.image_size = stored_size;
    std::vector<image::spiffs::File> all;
    std::string folder = "/";
    for (const Files& files : copies) {
        for (const auto& [name, content] : files) {
            const ByteView bytes = as_bytes(content);
            all.push_back({folder + name, Bytes(bytes.begin(), bytes.end())});
        }
        folder = fmt::format("/{}", imprint_identity::copy_folder);
    }
    return image::spiffs::build(geometry, all).value().image;
}

}  // namespace

Texts with_device(Texts texts, const std::string& certificate_pem) {
    const auto digest = [](const std::string& text) { return to_hex(sha256(as_bytes(text))); };
    texts.device =
        device_json({"lamp-7", "240ac4000007", "broker.example.com", 8883, "order-17", "S-1"},
                    {digest(texts.certificate), digest(texts.private_key), digest(texts.root_ca),
                     pki::read_certificate_facts(certificate_pem)->public_key_sha256});
    return texts;
}

Texts new_texts() {
    const auto key = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
    Texts texts;
    texts.certificate = *authority().issue_client(
        key->request("240ac4000007"), std::chrono::days(1), std::chrono::system_clock::now());
    texts.private_key = std::string(key->to_pem().reveal_text());
    texts.root_ca = authority().certificate_pem();
    return with_device(texts, texts.certificate);
}

const Texts& pem_texts() {
    static const Texts made = new_texts();
    return made;
}

const Texts& der_texts() {
    static const Texts made = with_device({certificate_to_der(pem_texts().certificate),
                                           key_to_der(pem_texts().private_key),
                                           certificate_to_der(pem_texts().root_ca),
                                           {}},
                                          pem_texts().certificate);
    return made;
}

Files files_of(const Texts& texts, const imprint_identity::FileNames& names) {
    return {{names.certificate, texts.certificate},
            {names.private_key, texts.private_key},
            {names.root_ca, texts.root_ca},
            {names.device, texts.device}};
}

imprint_identity::FileNames names_in(Storage storage) {
    switch (storage) {
        case Storage::nvs:
            return imprint_identity::nvs::keys();
        case Storage::esp_secure_cert:
            return imprint_identity::secure_cert::entry_names();
        case Storage::spiffs:
        case Storage::fat:
            break;
    }
    return {};
}

Bytes fat_image(const std::vector<Files>& copies, bool is_worn) {
    const std::size_t capacity = is_worn ? WornPartition::capacity(stored_size) : stored_size;
    FatImage::Options options;
    options.sectors = static_cast<std::uint32_t>(capacity / WornPartition::sector);
    options.tables = 1;
    FatImage image(options);
    std::string folder;
    for (const Files& files : copies) {
        for (const auto& [name, content] : files)
            image.add(folder + name, content);
        folder = imprint_identity::copy_folder;
    }
    const Bytes content = image.finish();
    return is_worn ? WornPartition(content, stored_size).cells() : content;
}

Bytes image_of(Storage storage, const std::vector<Files>& copies) {
    switch (storage) {
        case Storage::spiffs:
            return spiffs_image(copies);
        case Storage::nvs:
            return nvs_image(copies);
        case Storage::esp_secure_cert:
            return secure_cert_image(copies);
        case Storage::fat:
            return fat_image(copies);
    }
    return {};
}

Bytes image_of(Storage storage, const Texts& texts, int copies) {
    return image_of(storage, std::vector<Files>(static_cast<std::size_t>(copies),
                                                files_of(texts, names_in(storage))));
}

}  // namespace imprint::prepare
