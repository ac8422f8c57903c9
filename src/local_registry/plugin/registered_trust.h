// TLS trust as AWS IoT has it: a client certificate is good because it is registered, whoever
// signed it, or may become so because a registered authority signed it. Mosquitto itself knows only
// CA files, with which a certificate that was registered without a CA could never connect.
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace imprint::local_registry {

// From its making on, every TLS server context of this process asks `is_known` (with an X509*)
// before it verifies a client's chain the usual way. Make it before the listeners start; one a
// process.
class RegisteredTrust {
  public:
    explicit RegisteredTrust(std::function<bool(const void*)> is_known);
    ~RegisteredTrust();
    RegisteredTrust(const RegisteredTrust&) = delete;
    RegisteredTrust& operator=(const RegisteredTrust&) = delete;
    RegisteredTrust(RegisteredTrust&&) = delete;
    RegisteredTrust& operator=(RegisteredTrust&&) = delete;

  private:
    class Hook;
    std::unique_ptr<Hook> hook_;
};

// AWS IoT's certificateId of an X509*: SHA-256 of the DER form, lower-case hex. Empty: no memory.
[[nodiscard]] std::string certificate_id_of(const void* x509);
// Empty: no memory.
[[nodiscard]] std::string pem_of(const void* x509);
// Whether the authority's name and signature are on the certificate, and today is within the
// authority's dates.
[[nodiscard]] bool is_signed_by(const void* x509, const std::string& authority_pem);

}  // namespace imprint::local_registry
