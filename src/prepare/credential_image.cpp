#include "prepare/credential_image.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/files.h"

namespace imprint::prepare {

namespace {

namespace fs = std::filesystem;
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
    spiffs::Geometry geometry;
    geometry.image_size = form.partition.size;
    auto built =
        spiffs::build(geometry, files.get(),
                      form.partition.readonly ? spiffs::Use::read_only : spiffs::Use::read_write);
    if (!built)
        return within(std::move(built).error(),
                      fmt::format("credentials for partition \"{}\"", form.partition.name));
    return built;
}

}  // namespace

std::string device_json(const DeviceFacts& facts) {
    nlohmann::ordered_json root;
    root["thing_name"] = facts.thing_name;
    root["client_id"] = facts.client_id;
    root["endpoint"] = facts.endpoint;
    root["port"] = facts.port;
    root["lot"] = facts.lot;
    return root.dump(2) + "\n";
}

Result<CredentialTemplate> make_credential_template(const image::Partition& partition,
                                                    const CredentialSettings& settings,
                                                    const std::string& root_ca_pem) {
    CredentialTemplate form{partition, settings, root_ca_pem, {}};
    std::set<std::string> names;
    for (const auto& name : {settings.certificate_name, settings.private_key_name,
                             settings.root_ca_name, std::string(device_json_name)})
        if (!names.insert("/" + name).second)
            return fail(ErrorKind::config, "credential_names",
                        fmt::format("two credential files are called \"{}\"", name),
                        "give each of the credentials' files a name of its own");
    if (settings.extra_directory.empty()) return form;
    std::error_code error;
    for (fs::recursive_directory_iterator entry(settings.extra_directory, error), end;
         !error && entry != end; entry.increment(error)) {
        if (!entry->is_regular_file()) continue;
        const std::string path =
            "/" + entry->path().lexically_relative(settings.extra_directory).generic_string();
        if (!names.insert(path).second)
            return fail(ErrorKind::config, "credential_names",
                        fmt::format("{} has the name of a credential file", entry->path().string()),
                        "rename it, or the credential file in [credentials]");
        IMPRINT_TRY(Bytes content, read_file(entry->path()));
        form.extra.push_back({path, std::move(content)});
    }
    if (error)
        return fail(ErrorKind::config, "file_unreadable",
                    fmt::format("cannot read the folder {}: {}", settings.extra_directory.string(),
                                error.message()),
                    "correct credentials.extra_directory");
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
