// TLS trust as in AWS IoT: a client certificate is trusted because it is registered, whoever signed
// it, or may become trusted because a registered authority signed it. Mosquitto itself only
// supports CA files, so a certificate that was registered without a CA could never connect.
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace imprint::local_registry {

// While it exists, every TLS server context of this process calls `is_known` (with an X509*) before
// it verifies a client's chain as usual. Create it before the listeners start; one per process.
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

// AWS IoT's certificateId of an X509*: SHA-256 of the DER form, lower-case hex. Empty: out of
// memory.
[[nodiscard]] std::string certificate_id_of(const void* x509);
// Empty: out of memory.
[[nodiscard]] std::string pem_of(const void* x509);
// Whether the authority's name and signature match the certificate, and the authority is valid
// today.
[[nodiscard]] bool is_signed_by(const void* x509, const std::string& authority_pem);

}  // namespace imprint::local_registry
