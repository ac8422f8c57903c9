// Reads X.509 certificates as far as Imprint needs it; and a small authority that issues them.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/error.h"
#include "pki/key.h"

namespace imprint::pki {

struct CertificateInfo {
    std::string pem;  // encoded anew: only the certificate, no other text
    std::string id;   // AWS IoT's certificateId: SHA-256 of the DER form, lower-case hex
    std::string subject_common_name;
    std::string subject;     // the whole name in the form of RFC 2253: "CN=board,O=Factory"
    std::string issuer;      // the signer's name, in the same form
    bool authority = false;  // basicConstraints allows it to sign others
    std::string public_pem;  // its public key, to compare with PrivateKey::public_pem
    WallTime not_before;
    WallTime not_after;
};

// Reads the first certificate of a PEM text. Error: certificate_damaged (config).
[[nodiscard]] Result<CertificateInfo> inspect_certificate(std::string_view pem);

// What a list of certificates tells of each.
struct CertificateFacts {
    std::string serial;  // lower-case hex, without leading zeros
    WallTime not_before;
    WallTime not_after;
    // Lower-case hex, over its SubjectPublicKeyInfo as DER: the public key with its algorithm.
    std::string public_key_sha256;
};

// The same errors; much faster than inspect_certificate.
[[nodiscard]] Result<CertificateFacts> read_certificate_facts(std::string_view pem);

// Whether the issuer's name and its key's signature match the certificate. Dates are ignored.
// Error: certificate_damaged (config), for either text.
[[nodiscard]] Result<bool> is_issued_by(std::string_view certificate_pem,
                                        std::string_view issuer_pem);

struct ServerNames {
    std::vector<std::string> dns;
    std::vector<std::string> ip;
};

// By which names and addresses a server's certificate may be used: its subject alternative names,
// as RFC 9525 wants it; a common name is none. Error: certificate_damaged (config).
[[nodiscard]] Result<ServerNames> read_server_names(std::string_view pem);

// A certificate authority; its key is in memory (or on disk, 0600, through to_pem).
class Authority {
  public:
    [[nodiscard]] static Result<Authority> create(std::string_view common_name, KeyKind kind,
                                                  std::chrono::days validity, WallTime now);
    [[nodiscard]] static Result<Authority> load(std::string_view certificate_pem,
                                                const Secret& key_pem);
    Authority(Authority&&) noexcept;
    Authority& operator=(Authority&&) noexcept;
    ~Authority();

    [[nodiscard]] const std::string& certificate_pem() const;
    [[nodiscard]] Secret key_pem() const;

    // Signs the request's key and subject after checking the request's own signature.
    // Error: request_invalid (config).
    [[nodiscard]] Result<std::string> issue_client(std::string_view request_pem,
                                                   std::chrono::days validity, WallTime now) const;
    // Error: request_invalid (config) if there is no name, or an invalid one.
    [[nodiscard]] Result<std::string> issue_server(const PrivateKey& key, const ServerNames& names,
                                                   std::chrono::days validity, WallTime now) const;

  private:
    struct State;
    explicit Authority(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace imprint::pki
