// TLS trust as AWS IoT has it: a client certificate is good because it is registered, whoever
// signed it. Mosquitto itself knows only CA files, with which a certificate that was registered
// without a CA could never connect.
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace imprint::local_registry {

// From its making on, every TLS server context of this process asks `is_registered` (with a
// certificateId) before it verifies a client's chain the usual way. Make it before the listeners
// start; one a process.
class RegisteredTrust {
  public:
    explicit RegisteredTrust(std::function<bool(const std::string&)> is_registered);
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

}  // namespace imprint::local_registry
