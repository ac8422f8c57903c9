// The errors of an operation: error names of the service model.
// Source: the service model of AWS IoT, 2015-05-28 (shapes with "exception": true), and "Common
// errors" of its API reference for those that occur before an operation.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "base/error.h"

namespace imprint::local_registry {

struct ApiError {
    int status = 500;
    std::string name;     // "ResourceNotFoundException"
    std::string message;  // for the caller; never a secret
    // ResourceAlreadyExistsException names the existing resource.
    std::string resource_id;
    std::string resource_arn;

    ApiError(int http_status, std::string error_name, std::string text)
        : status(http_status), name(std::move(error_name)), message(std::move(text)) {}

    // A failure below the API, such as the store's, is an InternalFailureException.
    ApiError(const Error& error)  // NOLINT(google-explicit-constructor): for IMPRINT_TRY
        : ApiError(500, "InternalFailureException", error.describe()) {}
};

// Result<T> converts to Outcome<T>, so that IMPRINT_TRY works on both.
template <typename T>
using Outcome = std::expected<T, ApiError>;

[[nodiscard]] std::unexpected<ApiError> invalid_request(std::string message);
[[nodiscard]] std::unexpected<ApiError> not_found(std::string message);
[[nodiscard]] std::unexpected<ApiError> already_exists(std::string message, std::string id,
                                                       std::string arn);
[[nodiscard]] std::unexpected<ApiError> delete_conflict(std::string message);
[[nodiscard]] std::unexpected<ApiError> version_conflict(std::string message);
[[nodiscard]] std::unexpected<ApiError> certificate_state(std::string message);
[[nodiscard]] std::unexpected<ApiError> refuse(int status, std::string_view name,
                                               std::string message);

}  // namespace imprint::local_registry
