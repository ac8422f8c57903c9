// Credentials as files of SPIFFS.
#include <fmt/format.h>
#include <utility>

#include "base/secret.h"
#include "image/spiffs.h"
#include "imprint_identity/identity.h"
#include "prepare/credential_formats.h"

namespace imprint::prepare {

namespace {

namespace spiffs = image::spiffs;
using image::Partition;

constexpr const char* device_name = "device.json";

// Wipes the files' content on the way out, also past an error: one of them is the key.
class WipedFiles {
  public:
    WipedFiles() = default;

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

// An image that was packed otherwise is best explained by how.
std::string packed_otherwise(ByteView content, const spiffs::Geometry& wanted) {
    const auto found = spiffs::detect(content);
    if (!found || *found == wanted) return {};
    const auto told = [](const spiffs::Geometry& geometry) {
        return fmt::format("pages of {} bytes, names and metadata of {}, {}", geometry.page_size,
                           geometry.name_length + geometry.metadata_length,
                           !geometry.use_magic         ? "no magic"
                           : geometry.use_magic_length ? "a magic with the length"
                                                       : "a magic without the length");
    };
    return fmt::format("; it looks packed with {}, and the firmware has {}", told(*found),
                       told(wanted));
}

class SpiffsFormat : public CredentialFormat {
  public:
    SpiffsFormat(Partition partition, const spiffs::Geometry& geometry)
        : partition_(std::move(partition)), geometry_(geometry) {
        geometry_.image_size = partition_.size;
    }

    [[nodiscard]] std::vector<OwnPath> own_paths(
        const CredentialSettings& settings) const override {
        std::vector<OwnPath> paths;
        for (const auto& [name, set_by] :
             {std::pair(settings.certificate_name, "credentials.certificate_name"),
              std::pair(settings.private_key_name, "credentials.private_key_name"),
              std::pair(settings.root_ca_name, "credentials.root_ca_name"),
              std::pair(std::string(device_name), "the identity itself")})
            for (const std::string& folder : {std::string("/"), copies_folder()})
                paths.push_back({fmt::format("{}{}", folder, name), set_by});
        return paths;
    }

    [[nodiscard]] Result<std::string> path_of(std::string_view name,
                                              image::nvs::Type type) const override {
        if (type != image::nvs::Type::blob && type != image::nvs::Type::string)
            return bad_extra(name, "a file is no number", "leave its encoding out");
        if (const std::string fault = name_parts_fault(name); !fault.empty())
            return bad_extra(name, fault, "name it as the firmware opens it");
        if (name.starts_with('/')) name.remove_prefix(1);
        return fmt::format("/{}", name);
    }

    [[nodiscard]] Result<std::vector<Extra>> read(const OwnImage& own,
                                                  std::vector<std::string>& notes) const override {
        IMPRINT_CHECK(check_own_image(own, partition_));
        std::vector<Extra> extras;
        if (is_erased(own.content)) return extras;
        spiffs::Geometry geometry = geometry_;
        geometry.image_size = static_cast<std::uint32_t>(own.content.size());
        auto contents = spiffs::read(own.content, geometry);
        if (!contents)
            return own_image_unreadable(
                own, partition_,
                contents.error().message + packed_otherwise(own.content, geometry));
        for (const auto& warning : contents->warnings)
            notes.push_back(fmt::format("{}: {}", own.path.string(), warning));
        for (auto& file : contents->files)
            extras.push_back({std::move(file.path), std::move(file.content), own.path.string()});
        if (!extras.empty()) notes.push_back(packed_with(extras.size(), "files", own, partition_));
        return extras;
    }

    // Nothing of the device's own comfort is given up for the second copy.
    [[nodiscard]] Result<PackedCredentials> pack(
        const IdentityTexts& identity, const std::vector<const Extra*>& extras,
        const CredentialSettings& settings) const override {
        WipedFiles files;
        // What grows would leave its former content, with the key, behind.
        files.get().reserve(extras.size() + 8);
        for (const Extra* extra : extras)
            files.get().push_back({extra->path, extra->data});
        const auto add = [&](std::string_view folder, unsigned group) {
            const auto put = [&](const std::string& name, ByteView content) {
                files.get().push_back({fmt::format("{}{}", folder, name),
                                       Bytes(content.begin(), content.end()), group});
            };
            put(settings.certificate_name, identity.certificate);
            put(settings.private_key_name, identity.private_key);
            put(settings.root_ca_name, identity.root_ca);
            put(device_name, identity.device);
        };
        add("/", 0);
        IMPRINT_TRY(spiffs::Built once, build(files.get()));
        if (settings.copies < 2)
            return PackedCredentials{std::move(once.image), std::move(once.warnings), false};
        add(copies_folder(), 1);
        auto twice = build(files.get());
        if (!twice || twice->warnings != once.warnings) {
            if (twice) wipe(twice->image);
            return PackedCredentials{std::move(once.image), std::move(once.warnings), false};
        }
        wipe(once.image);
        return PackedCredentials{std::move(twice->image), std::move(twice->warnings), true};
    }

  private:
    [[nodiscard]] static std::string copies_folder() {
        return fmt::format("/{}", imprint_identity::copy_folder);
    }

    [[nodiscard]] Result<spiffs::Built> build(const std::vector<spiffs::File>& files) const {
        auto built =
            spiffs::build(geometry_, files,
                          partition_.readonly ? spiffs::Use::read_only : spiffs::Use::read_write);
        if (!built)
            return with_context(std::move(built).error(),
                                fmt::format("credentials for partition \"{}\"", partition_.name));
        return built;
    }

    Partition partition_;
    spiffs::Geometry geometry_;
};

}  // namespace

std::shared_ptr<const CredentialFormat> spiffs_format(const Partition& partition,
                                                      const spiffs::Geometry& geometry) {
    return std::make_shared<SpiffsFormat>(partition, geometry);
}

}  // namespace imprint::prepare
