#include "pki/certificate_file.h"

#include <fmt/format.h>
#include <memory>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <optional>
#include <utility>

#include "base/files.h"
#include "base/secret.h"
#include "pki/issuing.h"
#include "pki/openssl.h"

namespace imprint::pki {

namespace {

namespace fs = std::filesystem;

std::string place(const fs::path& path, std::string_view setting) {
    return fmt::format("{} ({})", path.string(), setting);
}

std::unexpected<Error> damaged(const fs::path& path, std::string_view setting, std::string why) {
    return fail(
        ErrorKind::config, "certificate_damaged",
        fmt::format("{} has no readable certificate: {}", place(path, setting), std::move(why)),
        "give X.509 certificates in PEM");
}

// Labels of RFC 7468: "PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "EC PRIVATE KEY", … Looked for in the
// text itself: a block that is cut short holds most of its key all the same.
bool holds_private_key(std::string_view text) {
    constexpr std::string_view begin = "-----BEGIN ";
    for (auto at = text.find(begin); at != std::string_view::npos; at = text.find(begin, at + 1)) {
        const auto label = text.substr(at + begin.size(), 64);
        if (label.substr(0, label.find("-----")).ends_with("PRIVATE KEY")) return true;
    }
    return false;
}

// Nothing: no certificate follows. Damaged ones leave OpenSSL's reason.
X509Certificate next_certificate(BIO* bio) {
    return X509Certificate(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr));
}

X509Certificate certificate_of_der(ByteView bytes) {
    const unsigned char* at = bytes.data();
    X509Certificate certificate(d2i_X509(nullptr, &at, static_cast<long>(bytes.size())));
    // What follows would be left out without a word.
    if (certificate && at != bytes.data() + bytes.size()) certificate.reset();
    ERR_clear_error();
    return certificate;
}

Result<CertificateFile> parse(ByteView bytes, const fs::path& path, std::string_view setting) {
    if (bytes.empty()) return damaged(path, setting, "it is empty");
    CertificateFile file;
    const auto take = [&](X509* certificate) -> Result<void> {
        auto info = inspect_certificate(pem_of(certificate));
        if (!info) return with_context(std::move(info).error(), place(path, setting));
        file.pem += info->pem;
        file.certificates.push_back(*std::move(info));
        return {};
    };
    if (const auto der = certificate_of_der(bytes)) {
        IMPRINT_CHECK(take(der.get()));
        return file;
    }
    const Bio bio = read_only_bio(as_text(bytes));
    while (const auto certificate = next_certificate(bio.get()))
        IMPRINT_CHECK(take(certificate.get()));
    const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    const std::string reason = openssl_reason();
    if (file.certificates.empty() || !at_end) return damaged(path, setting, reason);
    return file;
}

}  // namespace

Result<CertificateFile> read_certificates(const fs::path& path, std::string_view setting) {
    auto read = read_file(path);
    if (!read) return with_context(std::move(read).error(), std::string(setting));
    const Secret bytes(std::move(*read));  // it may hold what it should not
    if (holds_private_key(bytes.reveal_text()))
        return fail(ErrorKind::config, "certificate_with_key",
                    fmt::format("{} holds a private key, and only certificates belong there",
                                place(path, setting)),
                    "take the key out of that file and keep it in one of its own (mode 0600)");
    return parse(bytes.reveal(), path, setting);
}

Result<CertificateFile> read_authority(const fs::path& path, std::string_view setting) {
    IMPRINT_TRY(auto file, read_certificates(path, setting));
    if (file.certificates.size() > 1)
        return fail(ErrorKind::config, "certificate_several",
                    fmt::format("{} holds {} certificates, and the authority's alone is meant",
                                place(path, setting), file.certificates.size()),
                    "leave the one that signs devices in it, and take the others out");
    if (!file.certificates.front().authority)
        return fail(ErrorKind::config, "authority_certificate",
                    fmt::format("the certificate {} may not issue others (no basicConstraints "
                                "CA:TRUE)",
                                place(path, setting)),
                    "give an authority's certificate");
    return file;
}

Result<void> check_validity(const CertificateFile& authority, const fs::path& path, WallTime now) {
    const CertificateInfo& info = authority.certificates.front();
    if (info.not_after <= now)
        return fail(ErrorKind::config, "authority_expired",
                    fmt::format("the authority's certificate {} was good until {}", path.string(),
                                to_iso8601(info.not_after)),
                    "renew it; devices that it has signed stay registered");
    if (info.not_before > now)
        return fail(ErrorKind::config, "authority_not_yet_valid",
                    fmt::format("the authority's certificate {} is not good before {}, and it is "
                                "{} now",
                                path.string(), to_iso8601(info.not_before), to_iso8601(now)),
                    "set this machine's clock, or wait");
    return {};
}

std::vector<std::string> validity_notes(const CertificateFile& file, const fs::path& path,
                                        WallTime now) {
    std::vector<std::string> notes;
    for (const auto& info : file.certificates) {
        const bool expired = info.not_after <= now;
        if (!expired && info.not_before <= now) continue;
        notes.push_back(fmt::format("the certificate \"{}\" in {} {} {}", info.subject,
                                    path.string(),
                                    expired ? "was good until" : "is not good before",
                                    to_iso8601(expired ? info.not_after : info.not_before)));
    }
    return notes;
}

}  // namespace imprint::pki
