// Credentials as values of an NVS partition that is not encrypted.
#include <fmt/format.h>
#include <utility>

#include "base/secret.h"
#include "image/nvs.h"
#include "image/text.h"
#include "imprint_identity/nvs.h"
#include "prepare/credential_formats.h"

namespace imprint::prepare {

namespace {

namespace nvs = image::nvs;
namespace board_nvs = imprint_identity::nvs;
using image::Partition;

constexpr std::size_t longest_nvs_name = 15;  // NVS_KEY_NAME_MAX_SIZE, without its NUL

struct NvsPlace {
    std::string_view space;
    std::string_view key;
};

// Of a path "/space/key".
NvsPlace nvs_place(std::string_view path) {
    path.remove_prefix(1);
    const std::size_t slash = path.find('/');
    return {path.substr(0, slash), path.substr(slash + 1)};
}

class NvsFormat : public CredentialFormat {
  public:
    explicit NvsFormat(Partition partition) : partition_(std::move(partition)) {}

    [[nodiscard]] std::vector<OwnPath> own_paths(const CredentialSettings&) const override {
        std::vector<OwnPath> paths;
        const imprint_identity::FileNames keys = board_nvs::keys();
        for (const char* space : {board_nvs::name_space, board_nvs::copy_name_space})
            for (const char* key : {keys.certificate, keys.private_key, keys.root_ca, keys.device})
                paths.push_back({fmt::format("/{}/{}", space, key), "the identity itself"});
        return paths;
    }

    // "ssid" is one of the identity's own namespace, "wifi/ssid" of another.
    [[nodiscard]] Result<std::string> path_of(std::string_view name, nvs::Type) const override {
        std::string_view given = name;
        if (given.starts_with('/')) given.remove_prefix(1);
        std::string path = given.contains('/')
                               ? fmt::format("/{}", given)
                               : fmt::format("/{}/{}", board_nvs::name_space, given);
        if (const std::string fault = name_parts_fault(path); !fault.empty())
            return bad_extra(name, fault, "name it NAMESPACE/KEY");
        const NvsPlace place = nvs_place(path);
        if (place.key.contains('/'))
            return bad_extra(name, "NVS has namespaces and keys, and no folders in them",
                             "name it NAMESPACE/KEY");
        for (const std::string_view part : {place.space, place.key})
            if (part.empty() || part.size() > longest_nvs_name)
                return bad_extra(name,
                                 fmt::format("{} has {} bytes, and a namespace or key of NVS has 1 "
                                             "to {}",
                                             image::in_quotes(part), part.size(), longest_nvs_name),
                                 "name it NAMESPACE/KEY, in the firmware and here alike");
        return path;
    }

    [[nodiscard]] Result<std::vector<Extra>> read(const OwnImage& own,
                                                  std::vector<std::string>& notes) const override {
        IMPRINT_CHECK(check_own_image(own, partition_));
        std::vector<Extra> extras;
        if (is_erased(own.content)) return extras;
        auto contents = nvs::read(own.content);
        if (!contents) return own_image_unreadable(own, partition_, contents.error().message);
        if (contents->encrypted)
            return own_image_unreadable(own, partition_,
                                        "it is encrypted, and the credentials beside it are not");
        if (!contents->faults.empty())
            return own_image_unreadable(own, partition_, contents->faults.front().text());
        for (auto& space : contents->namespaces)
            for (auto& entry : space.entries)
                extras.push_back({fmt::format("/{}/{}", space.name, entry.key),
                                  std::move(entry.data), own.path.string(), entry.type,
                                  entry.bits});
        if (!extras.empty()) notes.push_back(packed_with(extras.size(), "values", own, partition_));
        return extras;
    }

    [[nodiscard]] Result<PackedCredentials> pack(
        const IdentityTexts& identity, const std::vector<const Extra*>& extras,
        const CredentialSettings& settings) const override {
        if (settings.copies > 1) {
            auto twice = fill(identity, extras, true);
            if (twice || !twice.error().is("nvs_full")) return twice;
        }
        return fill(identity, extras, false);
    }

  private:
    [[nodiscard]] Result<PackedCredentials> fill(const IdentityTexts& identity,
                                                 const std::vector<const Extra*>& extras,
                                                 bool is_copied) const {
        auto filled = filled_image(identity, extras, is_copied);
        if (!filled)
            return with_context(std::move(filled).error(),
                                fmt::format("credentials for partition \"{}\"", partition_.name));
        PackedCredentials packed{std::move(filled->image), {}, is_copied};
        if (filled->read_only && !partition_.readonly)
            packed.warnings.push_back(fmt::format(
                "partition \"{}\" has fewer than {:#x} bytes: ESP-IDF mounts it only if the "
                "partition table marks it as readonly",
                partition_.name, nvs::least_writable));
        return packed;
    }

    // The identity first, its copy on other pages, and behind them what else there is.
    [[nodiscard]] Result<nvs::Built> filled_image(const IdentityTexts& identity,
                                                  const std::vector<const Extra*>& extras,
                                                  bool is_copied) const {
        IMPRINT_TRY(nvs::Builder builder, nvs::Builder::create(partition_.size));
        IMPRINT_CHECK(add_identity(builder, board_nvs::name_space, identity));
        if (is_copied) {
            IMPRINT_CHECK(builder.turn_page());
            IMPRINT_CHECK(add_identity(builder, board_nvs::copy_name_space, identity));
            IMPRINT_CHECK(builder.turn_page());
        }
        for (const Extra* extra : extras) {
            const NvsPlace place = nvs_place(extra->path);
            IMPRINT_CHECK(builder.enter(place.space));
            nvs::Entry entry{std::string(place.key), extra->type, extra->bits, extra->data};
            auto added = builder.add(entry);
            wipe(entry.data);
            IMPRINT_CHECK(added);
        }
        return std::move(builder).finish();
    }

    [[nodiscard]] static Result<void> add_identity(nvs::Builder& builder, std::string_view space,
                                                   const IdentityTexts& identity) {
        IMPRINT_CHECK(builder.enter(space));
        const imprint_identity::FileNames keys = board_nvs::keys();
        for (const auto& [key, text] :
             {std::pair(keys.certificate, identity.certificate),
              std::pair(keys.private_key, identity.private_key),
              std::pair(keys.root_ca, identity.root_ca), std::pair(keys.device, identity.device)}) {
            nvs::Entry entry{key, nvs::Type::blob, 0, {}};
            entry.data.reserve(text.size() + 1);
            append(entry.data, text);
            entry.data.push_back(0);
            auto added = builder.add(entry);
            wipe(entry.data);
            IMPRINT_CHECK(added);
        }
        return {};
    }

    Partition partition_;
};

}  // namespace

std::shared_ptr<const CredentialFormat> nvs_format(const Partition& partition) {
    return std::make_shared<NvsFormat>(partition);
}

}  // namespace imprint::prepare
