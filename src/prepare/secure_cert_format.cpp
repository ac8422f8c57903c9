// Credentials as entries that esp_secure_cert_mgr reads.
#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "base/secret.h"
#include "image/secure_cert.h"
#include "prepare/credential_formats.h"

namespace imprint::prepare {

namespace {

namespace secure_cert = image::secure_cert;
namespace board_tlv = imprint_identity::secure_cert;
using image::Partition;

// Wipes what is in them on the way out, also past an error: one of them is the key.
class WipedEntries {
  public:
    WipedEntries() = default;

    ~WipedEntries() {
        for (auto& entry : entries_)
            wipe(entry.data);
    }

    WipedEntries(const WipedEntries&) = delete;
    WipedEntries& operator=(const WipedEntries&) = delete;
    WipedEntries(WipedEntries&&) = delete;
    WipedEntries& operator=(WipedEntries&&) = delete;

    [[nodiscard]] std::vector<secure_cert::Entry>& get() { return entries_; }

  private:
    std::vector<secure_cert::Entry> entries_;
};

std::string path_of_kind(std::uint8_t type, std::uint8_t subtype) {
    return fmt::format("/{}", secure_cert::entry_name(type, subtype));
}

class SecureCertFormat : public CredentialFormat {
  public:
    explicit SecureCertFormat(Partition partition) : partition_(std::move(partition)) {}

    [[nodiscard]] std::vector<OwnPath> own_paths(const CredentialSettings&) const override {
        std::vector<OwnPath> paths;
        for (const std::uint8_t type :
             {board_tlv::ca_cert, board_tlv::dev_cert, board_tlv::priv_key, board_tlv::user_data_1})
            for (const std::uint8_t subtype : {std::uint8_t{0}, board_tlv::copy_subtype})
                paths.push_back({path_of_kind(type, subtype), "the identity itself"});
        return paths;
    }

    // Those that are somebody's own: "user_data_2", "type_60.3".
    [[nodiscard]] Result<std::string> path_of(std::string_view name,
                                              image::nvs::Type type) const override {
        std::string_view given = name;
        if (given.starts_with('/')) given.remove_prefix(1);
        if (type != image::nvs::Type::blob && type != image::nvs::Type::string)
            return bad_extra(name, "an entry is no number", "leave its encoding out");
        const auto kind = secure_cert::find_kind(given);
        if (!kind || kind->type < board_tlv::user_data_1)
            return bad_extra(name, "an esp_secure_cert partition has no such entry",
                             "name it user_data_2 to user_data_5, with a subtype user_data_2.1");
        return path_of_kind(kind->type, kind->subtype);
    }

    [[nodiscard]] Result<std::vector<Extra>> read(const OwnImage& own,
                                                  std::vector<std::string>& notes) const override {
        IMPRINT_CHECK(check_own_image(own, partition_));
        std::vector<Extra> extras;
        if (is_erased(own.content)) return extras;
        secure_cert::Contents contents = secure_cert::read(own.content);
        if (!contents.faults.empty())
            return own_image_unreadable(own, partition_, contents.faults.front().text());
        for (auto& entry : contents.entries) {
            if (entry.type == board_tlv::integrity) continue;  // made anew for each board
            if (entry.type == board_tlv::signature)
                return own_image_unreadable(own, partition_,
                                            "it is signed, and no signature is over what each "
                                            "board gets");
            if (entry.flags != 0)
                return own_image_unreadable(
                    own, partition_,
                    fmt::format("the entry {} is for one chip alone",
                                secure_cert::entry_name(entry.type, entry.subtype)));
            extras.push_back({path_of_kind(entry.type, entry.subtype), std::move(entry.data),
                              own.path.string()});
        }
        if (!extras.empty())
            notes.push_back(packed_with(extras.size(), "entries", own, partition_));
        return extras;
    }

    [[nodiscard]] Result<PackedCredentials> pack(
        const IdentityTexts& identity, const std::vector<const Extra*>& extras,
        const CredentialSettings& settings) const override {
        if (settings.copies > 1) {
            auto twice = fill(identity, extras, true);
            if (twice || !twice.error().is("secure_cert_full")) return twice;
        }
        return fill(identity, extras, false);
    }

  private:
    [[nodiscard]] Result<PackedCredentials> fill(const IdentityTexts& identity,
                                                 const std::vector<const Extra*>& extras,
                                                 bool is_copied) const {
        WipedEntries entries;
        entries.get().reserve(extras.size() + 8);
        add_identity(entries.get(), 0, identity);
        if (is_copied) add_identity(entries.get(), board_tlv::copy_subtype, identity);
        for (const Extra* extra : extras) {
            const auto kind = secure_cert::find_kind(std::string_view(extra->path).substr(1));
            entries.get().push_back({kind->type, kind->subtype, 0, extra->data});
        }
        auto built = secure_cert::build(partition_.size, entries.get());
        if (!built)
            return with_context(std::move(built).error(),
                                fmt::format("credentials for partition \"{}\"", partition_.name));
        return PackedCredentials{std::move(built->image), {}, is_copied};
    }

    // Each text with its NUL, as configure_esp_secure_cert.py ends PEM and mbedTLS wants it.
    static void add_identity(std::vector<secure_cert::Entry>& entries, std::uint8_t subtype,
                             const IdentityTexts& identity) {
        for (const auto& [type, text] : {std::pair(board_tlv::ca_cert, identity.root_ca),
                                         std::pair(board_tlv::dev_cert, identity.certificate),
                                         std::pair(board_tlv::priv_key, identity.private_key),
                                         std::pair(board_tlv::user_data_1, identity.device)}) {
            secure_cert::Entry entry{type, subtype, 0, {}};
            entry.data.reserve(text.size() + 1);
            append(entry.data, text);
            entry.data.push_back(0);
            entries.push_back(std::move(entry));
        }
    }

    Partition partition_;
};

}  // namespace

std::shared_ptr<const CredentialFormat> secure_cert_format(const Partition& partition) {
    return std::make_shared<SecureCertFormat>(partition);
}

}  // namespace imprint::prepare
