#include "prepare/credential_image.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <utility>

#include <nlohmann/json.hpp>

#include "image/text.h"
#include "image_tool/directory.h"

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

Result<spiffs::Built> build(const CredentialTemplate& form, ByteView certificate, ByteView key,
                            const DeviceFacts& facts) {
    const auto& names = form.settings;
    WipedFiles files(form.extra);
    files.get().reserve(files.get().size() + 4);
    files.get().push_back(file_of(names.certificate_name, certificate));
    files.get().push_back(file_of(names.private_key_name, key));
    files.get().push_back(file_of(names.root_ca_name, as_bytes(form.root_ca_pem)));
    files.get().push_back(file_of(device_json_name, as_bytes(device_json(facts))));
    spiffs::Geometry geometry = form.geometry;
    geometry.image_size = form.partition.size;
    auto built =
        spiffs::build(geometry, files.get(),
                      form.partition.readonly ? spiffs::Use::read_only : spiffs::Use::read_write);
    if (!built)
        return with_context(std::move(built).error(),
                            fmt::format("credentials for partition \"{}\"", form.partition.name));
    return built;
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

std::string device_json(const DeviceFacts& facts) {
    nlohmann::ordered_json root;
    root["thing_name"] = facts.thing_name;
    root["client_id"] = facts.client_id;
    root["endpoint"] = facts.endpoint;
    root["port"] = facts.port;
    root["lot"] = facts.lot;
    if (!facts.serial.empty()) root["serial"] = facts.serial;
    return root.dump(2) + "\n";
}

Result<CredentialTemplate> make_credential_template(const CredentialPlace& place,
                                                    const CredentialSettings& settings,
                                                    const std::string& root_ca_pem) {
    CredentialTemplate form{place.partition, place.geometry, settings, root_ca_pem, {}, {}};
    Origins origins;
    for (const auto& [name, origin] :
         {std::pair(settings.certificate_name, "credentials.certificate_name"),
          std::pair(settings.private_key_name, "credentials.private_key_name"),
          std::pair(settings.root_ca_name, "credentials.root_ca_name"),
          std::pair(std::string(device_json_name), "the identity itself")})
        IMPRINT_CHECK(origins.add("/" + name, origin));
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
    IMPRINT_TRY(spiffs::Built built, build(form, certificate, private_key, facts));
    return std::move(built.warnings);
}

Result<Bytes> credential_image_bytes(const CredentialTemplate& form,
                                     const std::string& certificate_pem,
                                     const Secret& private_key_pem, const DeviceFacts& facts) {
    IMPRINT_TRY(spiffs::Built built,
                build(form, as_bytes(certificate_pem), private_key_pem.reveal(), facts));
    return std::move(built.image);
}

Result<loader::FlashData> build_credential_image(const CredentialTemplate& form,
                                                 const std::string& certificate_pem,
                                                 const Secret& private_key_pem,
                                                 const DeviceFacts& facts) {
    IMPRINT_TRY(Bytes image, credential_image_bytes(form, certificate_pem, private_key_pem, facts));
    return loader::FlashData("credentials", form.partition.offset, std::move(image));
}

}  // namespace imprint::prepare
