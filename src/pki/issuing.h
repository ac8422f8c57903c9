// The common parts of all certificates that are issued here, for this layer's own sources.
#pragma once

#include <chrono>
#include <string>

#include "base/clock.h"
#include "pki/openssl.h"

namespace imprint::pki {

using X509Extension = std::unique_ptr<X509_EXTENSION, FreeWith<X509_EXTENSION_free>>;

[[nodiscard]] std::string pem_of(X509* certificate);

void set_time(ASN1_TIME* target, WallTime time);

// Version 3, a random serial number, valid from an hour ago: a device's clock may be slightly
// behind the station's. Without subject, issuer, key and extensions.
[[nodiscard]] X509Certificate blank_certificate(std::chrono::days validity, WallTime now);

// value as in OpenSSL's x509v3_config(5).
[[nodiscard]] X509Extension make_extension(X509* certificate, X509* issuer, int nid,
                                           const std::string& value);
void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value);

}  // namespace imprint::pki
