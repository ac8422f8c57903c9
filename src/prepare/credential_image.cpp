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
#include "ledger/serial_template.h"
#include "pki/certificate.h"

namespace imprint::prepare {

namespace {

std::string digest_of(ByteView content) {
    return to_hex(sha256(content));
}

// A certificate that cannot be read has no public key; its board will say so.
CredentialDigests digests_of(const CredentialTemplate& form, ByteView certificate, ByteView key) {
    const auto facts = pki::read_certificate_facts(as_text(certificate));
    return {digest_of(certificate), digest_of(key), digest_of(as_bytes(form.root_ca_pem)),
            facts ? facts->public_key_sha256 : std::string()};
}

Result<PackedCredentials> pack(const CredentialTemplate& form, ByteView certificate, ByteView key,
                               const DeviceFacts& facts, const CredentialDigests& digests,
                               const std::vector<Extra>& of_board) {
    const std::string device = device_json(facts, digests);
    std::vector<const Extra*> extras;
    for (const auto* some : {&form.extra, &of_board})
        for (const Extra& extra : *some)
            extras.push_back(&extra);
    return form.format->pack({certificate, key, as_bytes(form.root_ca_pem), as_bytes(device)},
                             extras, form.settings);
}

// Where the parts of an image come from, by their path.
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
    CredentialTemplate form{place.partition, place.format, settings, root_ca_pem, {}, {}, {}};
    Origins origins;
    for (const auto& own : form.format->own_paths(settings))
        IMPRINT_CHECK(origins.add(own.path, own.set_by));
    for (const Extra& extra : place.project) {
        IMPRINT_CHECK(origins.add(extra.path, extra.origin));
        form.extra.push_back(extra);
    }
    if (!settings.extra_directory.empty()) {
        using image_tool::LinkedFolders;
        using image_tool::Litter;
        auto found = image_tool::read_directory(settings.extra_directory, LinkedFolders::refused,
                                                Litter::left_out, place.partition.size);
        if (!found)
            return with_context(std::move(found).error(),
                                fmt::format("credentials.extra_directory, for partition \"{}\"",
                                            place.partition.name));
        form.notes = std::move(found->warnings);
        const std::string origin = settings.extra_directory.string();
        for (auto& file : found->files) {
            auto path = form.format->path_of(file.path, image::nvs::Type::blob);
            if (!path) return with_context(std::move(path).error(), "credentials.extra_directory");
            IMPRINT_CHECK(origins.add(*path, origin));
            form.extra.push_back({*std::move(path), std::move(file.content), origin});
        }
    }
    IMPRINT_TRY(form.values, BoardValues::read(settings, *form.format));
    for (const auto& value : form.values.names())
        IMPRINT_CHECK(origins.add(value.path, value.set_by));
    return form;
}

Result<std::vector<std::string>> check_credentials_fit(const CredentialTemplate& form,
                                                       const IdentitySize& identity,
                                                       const DeviceFacts& facts) {
    const Bytes certificate(identity.certificate, 'c');
    const Bytes private_key(identity.key, 'k');
    CredentialDigests digests = digests_of(form, certificate, private_key);
    digests.public_key = digests.certificate;  // as long as a real one
    IMPRINT_TRY(auto packed, pack(form, certificate, private_key, facts, digests,
                                  form.values.largest({facts.client_id, facts.thing_name, facts.lot,
                                                       facts.serial,
                                                       std::string(ledger::longest_serial, 's')})));
    auto warnings = std::move(packed.warnings);
    if (form.settings.copies > 1 && !packed.is_copied)
        warnings.push_back(
            "the credentials are in the image once: there is no room for a second copy, which a "
            "board reads when the first is damaged (credentials.copies)");
    return warnings;
}

Result<Bytes> credential_image_bytes(const CredentialTemplate& form,
                                     const std::string& certificate_pem,
                                     const Secret& private_key_pem, const DeviceFacts& facts,
                                     const std::vector<Extra>& extras) {
    const ByteView certificate = as_bytes(certificate_pem);
    const ByteView key = private_key_pem.reveal();
    IMPRINT_TRY(auto packed,
                pack(form, certificate, key, facts, digests_of(form, certificate, key), extras));
    return std::move(packed.image);
}

Result<loader::FlashData> build_credential_image(const CredentialTemplate& form,
                                                 const std::string& certificate_pem,
                                                 const Secret& private_key_pem,
                                                 const DeviceFacts& facts,
                                                 const std::vector<Extra>& extras) {
    IMPRINT_TRY(Bytes image,
                credential_image_bytes(form, certificate_pem, private_key_pem, facts, extras));
    return loader::FlashData("credentials", form.partition.offset, std::move(image),
                             loader::DataOf::one_board);
}

}  // namespace imprint::prepare
