#include "http/server_fixture.h"

namespace imprint::http::testing {

std::shared_ptr<TlsContext> tls_of_server() {
    return nullptr;
}

}  // namespace imprint::http::testing
