// The owner's certificate authority, which signs devices' certificates: its key is in a file or in
// a PKCS#11 token. Profile of the certificates: RFC 5280, as AWS IoT requires (AWS IoT Developer
// Guide, "Create your own client certificates").
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "pki/key.h"
#include "pki/subject.h"

namespace imprint::pki {

// Safe to call from many threads: a key from a file signs in parallel, a token signs one
// certificate after the other.
class DeviceAuthority {
  public:
    // key: a PEM file of mode 0600, or a "pkcs11:" URI. Errors (config): those of read_secret_file
    // and TokenKey::open, key_damaged, certificate_damaged, authority_key, authority_certificate,
    // authority_expired.
    [[nodiscard]] static Result<DeviceAuthority> open(const std::filesystem::path& certificate,
                                                      const std::string& key, WallTime now);
    DeviceAuthority(DeviceAuthority&&) noexcept;
    DeviceAuthority& operator=(DeviceAuthority&&) noexcept;
    ~DeviceAuthority();

    [[nodiscard]] const std::string& certificate_pem() const;
    [[nodiscard]] WallTime expires() const;

    // A client certificate in PEM, with AWS IoT's certificateId. It never outlives the authority's
    // own. Errors (config): authority_signing (a token that fails), subject_invalid.
    struct Issued {
        std::string id;
        std::string pem;
    };

    [[nodiscard]] Result<Issued> issue(const PrivateKey& key, const Subject& subject,
                                       std::chrono::days validity, WallTime now) const;
    // For a key that somebody else has. request_pem: as inspect_request() accepts it; its subject
    // does not count. Also request_invalid.
    [[nodiscard]] Result<Issued> issue_for(std::string_view request_pem, const Subject& subject,
                                           std::chrono::days validity, WallTime now) const;

  private:
    struct State;
    struct PublicKey;
    [[nodiscard]] Result<Issued> issue_to(const PublicKey& key, const Subject& subject,
                                          std::chrono::days validity, WallTime now) const;
    explicit DeviceAuthority(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace imprint::pki
