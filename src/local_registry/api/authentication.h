// Authenticates a request: Signature Version 4, checked with the store's keys.
// Source: AWS General Reference, "Authenticating Requests (AWS Signature Version 4)" and "Common
// errors"; the error names are those of AWS's JSON services.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "http/message.h"
#include "local_registry/api/api_error.h"
#include "local_registry/api/routes.h"
#include "local_registry/store/store.h"

namespace imprint::local_registry {

struct Caller {
    std::string key_id;
    std::string policy;  // what the key may do (authorization.h); empty: everything
    Plane plane = Plane::control;
};

// Of the service that a request is signed for, whether the signature is right or not.
[[nodiscard]] Plane plane_of(const http::Request& request);

// Checks everything that can be checked without the body: all except the signature. Errors: as
// below.
[[nodiscard]] Outcome<void> admit(const http::Request& head, Store& store, std::string_view region,
                                  WallTime now);

// Returns the owner of the signing key. Errors: MissingAuthenticationTokenException,
// IncompleteSignatureException, UnrecognizedClientException (no such key, or another session
// token), ExpiredTokenException, InvalidSignatureException (scope, clock, signature or unsigned
// headers), InvalidRequestException (request_form.h).
[[nodiscard]] Outcome<Caller> authenticate(const http::Request& request, Store& store,
                                           std::string_view region, WallTime now);

}  // namespace imprint::local_registry
