// What ECS, EKS, Greengrass and CloudShell give a container its credentials by (AWS SDKs and Tools
// Reference Guide, "Container credential provider").
#include <fmt/format.h>

#include "aws/providers/keys.h"
#include "aws/providers/search.h"
#include "base/files.h"
#include "base/url.h"

namespace imprint::aws {

namespace {

constexpr unsigned attempts = 3;
constexpr Milliseconds deadline{2000};
constexpr Milliseconds pause{1000};

// ECS's address, EKS's two, and this machine's own.
bool is_allowed(const std::string& host) {
    return host == "169.254.170.2" || host == "169.254.170.23" || host == "fd00:ec2::23" ||
           is_loopback(host);
}

Result<std::string> find_address(const Search& search) {
    const std::string relative =
        variable(search.environment, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    if (!relative.empty()) {
        if (relative.starts_with('/')) return "http://169.254.170.2" + relative;
        return fail(ErrorKind::registry, "metadata_url",
                    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not begin with a slash");
    }
    std::string full = variable(search.environment, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
    const auto url = parse_url(full);
    if (!url || !is_allowed(url->host))
        return fail(ErrorKind::registry, "metadata_url",
                    fmt::format("AWS_CONTAINER_CREDENTIALS_FULL_URI names {}, which is not asked "
                                "for credentials",
                                url ? url->host : "no proper address"),
                    "only this machine, 169.254.170.2, 169.254.170.23 and fd00:ec2::23 are");
    return full;
}

Result<Secret> find_authorization(const Search& search) {
    const std::string path = variable(search.environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    std::string token;
    const WipeAtEnd wiped(token);
    if (path.empty()) {
        token = variable(search.environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
    } else {
        auto text = read_text(path);
        if (!text) {
            text.error().kind = ErrorKind::registry;
            return with_context(std::move(text).error(), "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
        }
        token.swap(*text);
        while (token.ends_with('\n') || token.ends_with('\r'))
            token.pop_back();
    }
    if (token.find_first_of("\r\n") != std::string::npos)
        return fail(ErrorKind::registry, "metadata_url",
                    "the container's authorization token has more than one line");
    return Secret(std::string_view(token));
}

}  // namespace

Found from_container(const Search& search) {
    if (variable(search.environment, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI").empty() &&
        variable(search.environment, "AWS_CONTAINER_CREDENTIALS_FULL_URI").empty())
        return std::nullopt;
    IMPRINT_TRY(const std::string url, find_address(search));
    const std::string host = parse_url(url)->authority;
    std::optional<Error> trouble;
    for (unsigned attempt = 1; attempt <= attempts; ++attempt) {
        if (attempt > 1) search.services.clock->sleep(pause);
        // Read again each time: Kubernetes changes it.
        IMPRINT_TRY(const Secret authorization, find_authorization(search));
        http::ClientRequest request{"GET", url, {{"accept", "application/json"}}, {}};
        if (!authorization.empty())
            request.headers.emplace_back("authorization", authorization.reveal_text());
        auto response = search.services.machine->send(request, deadline);
        for (auto& [name, value] : request.headers)
            wipe(value);
        if (!response) {
            trouble = std::move(response).error();
            continue;
        }
        const WipeAtEnd wiped(response->body);
        if (response->status != 200) {
            trouble =
                make_error(ErrorKind::registry, "container_credentials_refused",
                           fmt::format("the container's credentials: {} answered with HTTP {}",
                                       host, response->status),
                           "look into the task's role, or the pod's service account");
            continue;
        }
        const KeyNames names{.token = "Token", .session = true};
        auto keys = keys_of_json(response->body, names, fmt::format("container at {}", host));
        if (keys) return std::move(*keys);
        trouble = std::move(keys).error();
    }
    return with_context(std::move(*trouble), fmt::format("after {} attempts", attempts));
}

}  // namespace imprint::aws
