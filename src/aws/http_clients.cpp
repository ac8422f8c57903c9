#include "aws/http_clients.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <fmt/format.h>
#include <iterator>
#include <utility>

#include "base/url.h"

namespace imprint::aws {

namespace {

struct Name {
    ErrorCode of_http;
    ErrorCode ours;
    const char* hint = "";  // empty: as it is
};

constexpr std::array names{
    Name{
        "http_not_trusted", "registry_not_trusted",
        "check registry.endpoint_url and this machine's clock; AWS_CA_BUNDLE names another file of "
        "authorities"},
    Name{"http_unreachable", "registry_unreachable",
         "check the network, the region and registry.endpoint_url"},
    Name{"http_proxy_refused", "proxy_refused", ""},
    Name{"http_reply_lost", "registry_reply_lost", "run again; nothing is done twice"},
    Name{"http_request", "registry_url", ""},
};

Error renamed(Error error) {
    const auto* const name =
        std::ranges::find_if(names, [&](const Name& one) { return error.is(one.of_http); });
    if (name == names.end()) return error;
    error.code = name->ours.text();
    if (*name->hint != '\0') error.hint = name->hint;
    return error;
}

class CheckedClient final : public http::Client {
  public:
    using Check = Result<void> (*)(const std::string& url);

    CheckedClient(const http::CurlOptions& options, Check check)
        : client_(http::make_curl_client(options)), check_(check) {}

    [[nodiscard]] Result<http::ClientResponse> send(const http::ClientRequest& request,
                                                    Milliseconds deadline) override {
        IMPRINT_CHECK(check_(request.url));
        auto answer = client_->send(request, deadline);
        if (!answer) return std::unexpected(renamed(std::move(answer).error()));
        return answer;
    }

  private:
    std::unique_ptr<http::Client> client_;
    Check check_;
};

}  // namespace

Result<void> check_registry_url(const std::string& url) {
    const auto parts = parse_url(url);
    if (!parts || (parts->scheme != "https" && parts->scheme != "http"))
        return fail(ErrorKind::registry, "registry_url",
                    fmt::format("\"{}\" is not the address of a registry",
                                url.find('@') == std::string::npos ? url : "…"),
                    "write it as https://host, without a user name");
    if (parts->scheme == "http" && !is_loopback(parts->host))
        return fail(ErrorKind::registry, "registry_url",
                    fmt::format("http://{} would carry identities in the clear", parts->authority),
                    "use https; http is for a registry on this machine alone");
    return {};
}

std::unique_ptr<http::Client> make_registry_client(const http::CurlOptions& options) {
    return std::make_unique<CheckedClient>(options, check_registry_url);
}

bool is_machine_local(std::string_view host) {
    if (is_loopback(host)) return true;
    const std::string text(host);
    in_addr address{};
    if (::inet_pton(AF_INET, text.c_str(), &address) == 1)
        return (ntohl(address.s_addr) & 0xFFFF0000U) == 0xA9FE0000U;
    in6_addr wide{};
    constexpr std::array<std::uint8_t, 4> amazon = {0xFD, 0x00, 0x0E, 0xC2};
    return ::inet_pton(AF_INET6, text.c_str(), &wide) == 1 &&
           std::equal(amazon.begin(), amazon.end(), std::begin(wide.s6_addr));
}

Result<void> check_metadata_url(const std::string& url) {
    const auto parts = parse_url(url);
    if (!parts || (parts->scheme != "https" && parts->scheme != "http"))
        return fail(ErrorKind::registry, "metadata_url",
                    "what should hand this machine its credentials has no proper address",
                    "write it as http://host/path, without a user name");
    if (!is_machine_local(parts->host))
        return fail(
            ErrorKind::registry, "metadata_url",
            fmt::format("{} is not asked for credentials: it is another machine", parts->authority),
            "only loopback and link-local addresses are");
    return {};
}

std::unique_ptr<http::Client> make_metadata_client(const std::stop_token& stop) {
    return std::make_unique<CheckedClient>(
        http::CurlOptions{.ca_bundle = {}, .stop = stop, .proxies = false}, check_metadata_url);
}

}  // namespace imprint::aws
