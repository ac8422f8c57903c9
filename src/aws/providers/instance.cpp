// The instance metadata service of EC2, version 2: a token first, then the role's name, then its
// keys (Amazon EC2 User Guide, "Use IMDSv2"). It counts as not there unless it answers properly.
#include <algorithm>
#include <cctype>
#include <charconv>
#include <fmt/format.h>

#include "aws/http_clients.h"
#include "aws/providers/keys.h"
#include "aws/providers/search.h"
#include "base/text.h"

namespace imprint::aws {

namespace {

// A variable, else the profile's.
std::string setting(const Search& search, const char* name, const char* key) {
    std::string found = variable(search.environment, name);
    if (found.empty()) found = search.files.value(search.files.name, key);
    return found;
}

unsigned number(const std::string& text, unsigned usual) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && value > 0 ? value : usual;
}

std::string metadata_address(const Search& search) {
    std::string url =
        setting(search, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
    if (url.empty()) {
        std::string mode = setting(search, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                                   "ec2_metadata_service_endpoint_mode");
        if (mode.empty() &&
            lower_case(setting(search, "AWS_IMDS_USE_IPV6", "imds_use_ipv6")) == "true")
            mode = "ipv6";
        url = lower_case(mode) == "ipv6" ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
    }
    while (url.ends_with('/'))
        url.pop_back();
    return url;
}

bool is_role_name(const std::string& name) {
    return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](unsigned char c) {
        return std::isalnum(c) != 0 ||
               std::string_view("+=,.@_-").find(static_cast<char>(c)) != std::string_view::npos;
    });
}

class Instance {
  public:
    explicit Instance(const Search& search)
        : search_(search),
          url_(metadata_address(search)),
          attempts_(number(
              setting(search, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts"),
              1)),
          deadline_(std::chrono::seconds(std::min(
              number(setting(search, "AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout"),
                     1),
              60U))) {}

    [[nodiscard]] Found find() {
        IMPRINT_CHECK(check_metadata_url(url_));
        if (!fetch_token()) return std::nullopt;
        constexpr const char* path = "/latest/meta-data/iam/security-credentials/";
        const auto role = get(path);
        if (!role) return std::nullopt;
        const std::string name = role->substr(0, role->find_first_of("\r\n"));
        // A page that some gateway sends in its place is no role.
        if (!is_role_name(name)) return std::nullopt;
        auto text = get(path + name);
        if (!text) return std::nullopt;
        const KeyNames names{.token = "Token", .session = true};
        auto keys = keys_of_json(*text, names, fmt::format("role {} of this instance", name));
        if (keys) return std::move(*keys);
        // It says in JSON, too, what is wrong with a role.
        search_.services.log.warning("{}", keys.error().describe());
        return std::nullopt;
    }

  private:
    // False: nobody is there, or it wants nothing to do with us.
    bool fetch_token() {
        const http::ClientRequest request{"PUT",
                                          url_ + "/latest/api/token",
                                          {{"x-aws-ec2-metadata-token-ttl-seconds", "21600"}},
                                          {}};
        for (unsigned attempt = 1; attempt <= attempts_; ++attempt) {
            auto response = search_.services.machine->send(request, deadline_);
            if (!response) {
                // The answer may be lost on its way into a container, as IMDSv2 wants it to be.
                if (response.error().is("registry_reply_lost")) return may_go_without_token();
                continue;
            }
            const WipeAtEnd wiped(response->body);
            if (response->status == 200 &&
                response->body.find_first_of("\r\n") == std::string::npos) {
                token_ = Secret(std::string_view(response->body));
                return true;
            }
            if (response->status == 400) return false;
            if (response->status == 403 || response->status == 404 || response->status == 405)
                return may_go_without_token();
        }
        return false;
    }

    // Version 1, which botocore falls back on, too.
    [[nodiscard]] bool may_go_without_token() const {
        return lower_case(setting(search_, "AWS_EC2_METADATA_V1_DISABLED",
                                  "ec2_metadata_v1_disabled")) != "true";
    }

    [[nodiscard]] std::optional<std::string> get(const std::string& path) {
        for (unsigned attempt = 1; attempt <= attempts_; ++attempt) {
            http::ClientRequest request{"GET", url_ + path, {}, {}};
            if (!token_.empty())
                request.headers.emplace_back("x-aws-ec2-metadata-token", token_.reveal_text());
            auto response = search_.services.machine->send(request, deadline_);
            for (auto& [name, value] : request.headers)
                wipe(value);
            if (!response) continue;
            if (response->status == 200 && !response->body.empty())
                return std::move(response->body);
            wipe(response->body);
        }
        return std::nullopt;
    }

    const Search& search_;
    std::string url_;
    unsigned attempts_;
    Milliseconds deadline_;
    Secret token_;
};

}  // namespace

Found from_instance(const Search& search) {
    if (lower_case(variable(search.environment, "AWS_EC2_METADATA_DISABLED")) == "true")
        return std::nullopt;
    return Instance(search).find();
}

}  // namespace imprint::aws
