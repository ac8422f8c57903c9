#include "local_registry/api/api_error.h"

#include <utility>

namespace imprint::local_registry {

std::unexpected<ApiError> refuse(int status, std::string_view name, std::string message) {
    return std::unexpected(ApiError(status, std::string(name), std::move(message)));
}

std::unexpected<ApiError> invalid_request(std::string message) {
    return refuse(400, "InvalidRequestException", std::move(message));
}

std::unexpected<ApiError> not_found(std::string message) {
    return refuse(404, "ResourceNotFoundException", std::move(message));
}

std::unexpected<ApiError> already_exists(std::string message, std::string id, std::string arn) {
    auto refusal = refuse(409, "ResourceAlreadyExistsException", std::move(message));
    refusal.error().resource_id = std::move(id);
    refusal.error().resource_arn = std::move(arn);
    return refusal;
}

std::unexpected<ApiError> delete_conflict(std::string message) {
    return refuse(409, "DeleteConflictException", std::move(message));
}

std::unexpected<ApiError> version_conflict(std::string message) {
    return refuse(409, "VersionConflictException", std::move(message));
}

std::unexpected<ApiError> certificate_state(std::string message) {
    return refuse(406, "CertificateStateException", std::move(message));
}

}  // namespace imprint::local_registry
