// A server's certificate and key by an authority that no system trusts.
#pragma once

#include <chrono>
#include <string>

#include "base/clock.h"
#include "base/secret.h"
#include "pki/certificate.h"

namespace imprint::http::testing {

struct TlsIdentity {
    explicit TlsIdentity(const pki::ServerNames& names = {.dns = {"localhost"},
                                                          .ip = {"127.0.0.1"}},
                         pki::KeyKind kind = pki::KeyKind::ec_p256) {
        const WallTime now = SystemClock().wall();
        const auto authority =
            pki::Authority::create("a test", pki::KeyKind::ec_p256, std::chrono::days(2), now)
                .value();
        const auto made = pki::PrivateKey::generate(kind).value();
        certificate = authority.issue_server(made, names, std::chrono::days(1), now).value();
        key = made.to_pem();
        ca = authority.certificate_pem();
    }

    std::string ca;
    std::string certificate;
    Secret key;
};

}  // namespace imprint::http::testing
