#include "http/server_fixture.h"
#include "http/tls_identity.h"

namespace imprint::http::testing {

std::shared_ptr<TlsContext> tls_of_server() {
    static const std::shared_ptr<TlsContext> context = [] {
        const TlsIdentity identity;
        return make_tls_context(identity.certificate, identity.key).value();
    }();
    return context;
}

}  // namespace imprint::http::testing
