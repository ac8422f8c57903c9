// Certificates out of the files that people give: read, looked at, and encoded anew, so that of a
// file nothing but its certificates goes anywhere.
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

// PEM with one certificate or more, and any text around them, or one certificate in DER. setting is
// the configuration's key for the file, named in errors. Errors (config): those of read_file;
// certificate_with_key: the file holds a private key too; certificate_damaged.
[[nodiscard]] Result<CertificateFile> read_certificates(const std::filesystem::path& path,
                                                        std::string_view setting);

// The same of a file that is to hold an authority's certificate and no other. Errors (config), too:
// certificate_several, authority_certificate (it may not sign others).
[[nodiscard]] Result<CertificateFile> read_authority(const std::filesystem::path& path,
                                                     std::string_view setting);

// Nobody takes a certificate whose issuer's is not good. Errors (config): authority_expired,
// authority_not_yet_valid.
[[nodiscard]] Result<void> check_validity(const CertificateFile& authority,
                                          const std::filesystem::path& path, WallTime now);

// A sentence for each that is not good now.
[[nodiscard]] std::vector<std::string> validity_notes(const CertificateFile& file,
                                                      const std::filesystem::path& path,
                                                      WallTime now);

}  // namespace imprint::pki
