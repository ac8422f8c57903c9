// Reads certificates from the user's files, checks them, and encodes them anew, so that nothing
// else in such a file is passed on.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "pki/certificate.h"

namespace imprint::pki {

struct CertificateFile {
    std::string pem;                            // encoded anew, one after the other
    std::vector<CertificateInfo> certificates;  // in the file's order; at least one
};

// PEM with one or more certificates and any text around them, or one certificate in DER. setting is
// the configuration's key for the file, for errors. Errors (config): those of read_file;
// certificate_with_key: the file contains a private key too; certificate_damaged.
[[nodiscard]] Result<CertificateFile> read_certificates(const std::filesystem::path& path,
                                                        std::string_view setting);

// The same for a file that must contain an authority's certificate and no other. Further errors
// (config): certificate_several, authority_certificate (it may not sign others).
[[nodiscard]] Result<CertificateFile> read_authority(const std::filesystem::path& path,
                                                     std::string_view setting);

// A certificate is rejected everywhere while its issuer's is not valid. Errors (config):
// authority_expired, authority_not_yet_valid.
[[nodiscard]] Result<void> check_validity(const CertificateFile& authority,
                                          const std::filesystem::path& path, WallTime now);

// A sentence for each certificate that is not valid now.
[[nodiscard]] std::vector<std::string> validity_notes(const CertificateFile& file,
                                                      const std::filesystem::path& path,
                                                      WallTime now);

}  // namespace imprint::pki
