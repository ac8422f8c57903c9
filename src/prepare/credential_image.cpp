#include "prepare/credential_image.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "image/text.h"
#include "image_tool/directory.h"
#include "imprint_identity/identity.h"
#include "pki/certificate.h"

namespace imprint::prepare {

namespace {

namespace spiffs = image::spiffs;

constexpr const char* device_json_name = "device.json";

// Wipes the files' content on the way out, also past an error: one of them is the key.
class WipedFiles {
  public:
    explicit WipedFiles(std::vector<spiffs::File> files) : files_(std::move(files)) {}

    ~WipedFiles() {
        for (auto& file : files_)
            wipe(file.content);
    }

    WipedFiles(const WipedFiles&) = delete;
    WipedFiles& operator=(const WipedFiles&) = delete;
    WipedFiles(WipedFiles&&) = delete;
    WipedFiles& operator=(WipedFiles&&) = delete;

    [[nodiscard]] std::vector<spiffs::File>& get() { return files_; }

  private:
    std::vector<spiffs::File> files_;
};

spiffs::File file_of(const std::string& name, ByteView content) {
    return {"/" + name, Bytes(content.begin(), content.end())};
}

std::string digest_of(ByteView content) {
    return to_hex(sha256(content));
}

// A certificate that cannot be read has no public key; its board will say so.
CredentialDigests digests_of(const CredentialTemplate& form, ByteView certificate, ByteView key) {
    const auto facts = pki::read_certificate_facts(as_text(certificate));
    return {digest_of(certificate), digest_of(key), digest_of(as_bytes(form.root_ca_pem)),
            facts ? facts->public_key_sha256 : std::string()};
}

Result<spiffs::Built> build_image(const CredentialTemplate& form,
                                  const std::vector<spiffs::File>& files) {
    spiffs::Geometry geometry = form.geometry;
    geometry.image_size = form.partition.size;
    auto built =
        spiffs::build(geometry, files,
                      form.partition.readonly ? spiffs::Use::read_only : spiffs::Use::read_write);
    if (!built)
        return with_context(std::move(built).error(),
                            fmt::format("credentials for partition \"{}\"", form.partition.name));
    return built;
}

struct BuiltCredentials {
    spiffs::Built image;
    bool is_copied = false;
};

// Twice, where there is room and nothing of the device's own comfort is given up for it.
Result<BuiltCredentials> build(const CredentialTemplate& form, ByteView certificate, ByteView key,
                               const DeviceFacts& facts, const CredentialDigests& digests) {
    const auto& names = form.settings;
    WipedFiles files(form.extra);
    const std::string device = device_json(facts, digests);
    const auto add = [&](std::string_view folder, unsigned group) {
        const auto put = [&](const std::string& name, ByteView content) {
            files.get().push_back(file_of(fmt::format("{}{}", folder, name), content));
            files.get().back().group = group;
        };
        put(names.certificate_name, certificate);
        put(names.private_key_name, key);
        put(names.root_ca_name, as_bytes(form.root_ca_pem));
        put(device_json_name, as_bytes(device));
    };
    // What grows would leave its former content, with the key, behind.
    files.get().reserve(files.get().size() + 8);
    add("", 0);
    IMPRINT_TRY(spiffs::Built once, build_image(form, files.get()));
    if (form.settings.copies < 2) return BuiltCredentials{std::move(once), false};
    add(imprint_identity::copy_folder, 1);
    auto twice = build_image(form, files.get());
    if (!twice || twice->warnings != once.warnings) {
        if (twice) wipe(twice->image);
        return BuiltCredentials{std::move(once), false};
    }
    wipe(once.image);
    return BuiltCredentials{*std::move(twice), true};
}

// Where the files of an image come from, by their name.
class Origins {
  public:
    // Error: credential_names.
    [[nodiscard]] Result<void> add(const std::string& path, const std::string& origin) {
        const auto [there, is_new] = origins_.try_emplace(path, origin);
        if (is_new) return {};
        return fail(ErrorKind::config, "credential_names",
                    fmt::format("{} comes from {} and from {}", image::in_quotes(path),
                                there->second, origin),
                    "rename one of them, or take it out");
    }

  private:
    std::map<std::string, std::string> origins_;
};

}  // namespace

std::string device_json(const DeviceFacts& facts, const CredentialDigests& digests) {
    nlohmann::ordered_json root;
    root["thing_name"] = facts.thing_name;
    root["client_id"] = facts.client_id;
    root["endpoint"] = facts.endpoint;
    root["port"] = facts.port;
    root["lot"] = facts.lot;
    if (!facts.serial.empty()) root["serial"] = facts.serial;
    auto& of_files = root["sha256"];
    of_files["certificate"] = digests.certificate;
    of_files["private_key"] = digests.private_key;
    of_files["root_ca"] = digests.root_ca;
    if (!digests.public_key.empty()) of_files["public_key"] = digests.public_key;
    constexpr std::string_view end = "\n}";
    std::string text = root.dump(2);
    text.resize(text.size() - end.size());
    text += ",\n  ";
    const std::string checksum = digest_of(as_bytes(text));
    text += fmt::format("\"checksum\": \"{}\"{}\n", checksum, end);
    return text;
}

Result<CredentialTemplate> make_credential_template(const CredentialPlace& place,
                                                    const CredentialSettings& settings,
                                                    const std::string& root_ca_pem) {
    CredentialTemplate form{place.partition, place.geometry, settings, root_ca_pem, {}, {}};
    Origins origins;
    const std::string copies_folder = fmt::format("/{}", imprint_identity::copy_folder);
    for (const auto& [name, origin] :
         {std::pair(settings.certificate_name, "credentials.certificate_name"),
          std::pair(settings.private_key_name, "credentials.private_key_name"),
          std::pair(settings.root_ca_name, "credentials.root_ca_name"),
          std::pair(std::string(device_json_name), "the identity itself")})
        for (const std::string& folder : {std::string("/"), copies_folder})
            IMPRINT_CHECK(origins.add(folder + name, origin));
    for (const auto& [file, origin] : place.files) {
        IMPRINT_CHECK(origins.add(file.path, origin));
        form.extra.push_back(file);
    }
    if (settings.extra_directory.empty()) return form;
    using image_tool::LinkedFolders;
    using image_tool::Litter;
    auto found = image_tool::read_directory(settings.extra_directory, LinkedFolders::refused,
                                            Litter::left_out, place.partition.size);
    if (!found)
        return with_context(
            std::move(found).error(),
            fmt::format("credentials.extra_directory, for partition \"{}\"", place.partition.name));
    form.notes = std::move(found->warnings);
    for (auto& file : found->files) {
        IMPRINT_CHECK(origins.add(file.path, settings.extra_directory.string()));
        form.extra.push_back(std::move(file));
    }
    return form;
}

Result<std::vector<std::string>> check_credentials_fit(const CredentialTemplate& form,
                                                       const IdentitySize& identity,
                                                       const DeviceFacts& facts) {
    const Bytes certificate(identity.certificate, 'c');
    const Bytes private_key(identity.key, 'k');
    CredentialDigests digests = digests_of(form, certificate, private_key);
    digests.public_key = digests.certificate;  // as long as a real one
    IMPRINT_TRY(auto built, build(form, certificate, private_key, facts, digests));
    auto warnings = std::move(built.image.warnings);
    if (form.settings.copies > 1 && !built.is_copied)
        warnings.push_back(
            "the credentials are in the image once: there is no room for a second copy, which a "
            "board reads when the first is damaged (credentials.copies)");
    return warnings;
}

Result<Bytes> credential_image_bytes(const CredentialTemplate& form,
                                     const std::string& certificate_pem,
                                     const Secret& private_key_pem, const DeviceFacts& facts) {
    const ByteView certificate = as_bytes(certificate_pem);
    const ByteView key = private_key_pem.reveal();
    IMPRINT_TRY(auto built,
                build(form, certificate, key, facts, digests_of(form, certificate, key)));
    return std::move(built.image.image);
}

Result<loader::FlashData> build_credential_image(const CredentialTemplate& form,
                                                 const std::string& certificate_pem,
                                                 const Secret& private_key_pem,
                                                 const DeviceFacts& facts) {
    IMPRINT_TRY(Bytes image, credential_image_bytes(form, certificate_pem, private_key_pem, facts));
    return loader::FlashData("credentials", form.partition.offset, std::move(image),
                             loader::DataOf::one_board);
}

}  // namespace imprint::prepare
