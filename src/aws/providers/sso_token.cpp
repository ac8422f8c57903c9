#include "aws/providers/sso_token.h"

#include <array>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "aws/endpoint.h"
#include "aws/providers/keys.h"
#include "aws/providers/service.h"
#include "base/digest.h"
#include "base/files.h"

namespace imprint::aws {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::chrono::minutes renew_before(15);

// The members that are secrets, or become one.
constexpr std::array<const char*, 3> secret_members = {"accessToken", "refreshToken",
                                                       "clientSecret"};

void wipe_secrets(json& object) {
    if (!object.is_object()) return;
    for (const char* name : secret_members)
        if (const auto found = object.find(name); found != object.end() && found->is_string())
            wipe(found->get_ref<std::string&>());
}

// A JSON object whose secrets are wiped when it goes.
struct Cached {
    json object;

    Cached() = default;

    explicit Cached(json value) : object(std::move(value)) {}

    ~Cached() { wipe_secrets(object); }

    Cached(Cached&& other) noexcept : object(std::move(other.object)) { other.object = nullptr; }

    Cached& operator=(Cached&&) = delete;
    Cached(const Cached&) = delete;
    Cached& operator=(const Cached&) = delete;

    [[nodiscard]] std::string_view text(const char* name) const {
        const auto found = object.is_object() ? object.find(name) : object.end();
        if (found == object.end() || !found->is_string()) return {};
        return found->get_ref<const std::string&>();
    }
};

fs::path cache_path(const Search& search, const SsoLogin& login) {
    const std::string& name = login.session.empty() ? login.start_url : login.session;
    return search.environment.home / ".aws" / "sso" / "cache" /
           (to_hex(sha1(as_bytes(name))) + ".json");
}

// Nothing where it cannot be had: the old token is then as good as it is.
std::optional<Cached> renewed(const Search& search, const SsoLogin& login, const Cached& old) {
    for (const char* name : {"refreshToken", "clientId", "clientSecret"})
        if (old.text(name).empty()) return std::nullopt;
    const WallTime now = search.services.clock->wall();
    const auto registered = parse_iso8601(old.text("registrationExpiresAt"));
    if (!registered || *registered <= now) return std::nullopt;
    if (!check_region(login.region)) return std::nullopt;
    const auto url =
        service_endpoint(search.environment, search.files, sso_oidc_service, login.region);
    if (!url) return std::nullopt;
    const auto request = [&] {
        const Cached body(json{{"grantType", "refresh_token"},
                               {"clientId", old.text("clientId")},
                               {"clientSecret", old.text("clientSecret")},
                               {"refreshToken", old.text("refreshToken")}});
        return http::ClientRequest{"POST",
                                   *url + (url->ends_with('/') ? "token" : "/token"),
                                   {{"content-type", "application/json"}},
                                   body.object.dump()};
    };
    auto response = ask_service(search.services, {request, [](const auto&) { return ""; }});
    if (!response) {
        search.services.log.warning("the sign-in could not be renewed: {}",
                                    response.error().describe());
        return std::nullopt;
    }
    const WipeAtEnd wiped(response->body);
    if (response->status != 200) return std::nullopt;
    const Cached answer(json::parse(response->body, nullptr, false));
    const auto seconds =
        answer.object.is_object() ? answer.object.find("expiresIn") : answer.object.end();
    if (answer.text("accessToken").empty() || seconds == answer.object.end() ||
        !seconds->is_number_integer())
        return std::nullopt;
    constexpr std::int64_t longest = 366LL * 86'400;
    const std::int64_t life = seconds->get<std::int64_t>();
    if (life <= 0 || life > longest) return std::nullopt;
    const std::string end =
        to_iso8601(std::chrono::floor<std::chrono::seconds>(now + std::chrono::seconds(life)));
    Cached fresh(json{{"startUrl", login.start_url},
                      {"region", login.region},
                      {"accessToken", answer.text("accessToken")},
                      {"expiresAt", end.substr(0, end.find('.')) + "Z"},
                      {"clientId", old.text("clientId")},
                      {"clientSecret", old.text("clientSecret")},
                      {"registrationExpiresAt", old.text("registrationExpiresAt")}});
    if (const auto next = answer.text("refreshToken"); !next.empty())
        fresh.object["refreshToken"] = next;
    return fresh;
}

}  // namespace

std::unexpected<Error> sso_login_needed(const SsoLogin& login, const std::string& why) {
    return fail(
        ErrorKind::registry, "sso_login_needed",
        fmt::format("profile \"{}\" signs in at {}, and {}", login.profile, login.start_url, why),
        fmt::format("run: aws sso login --profile {}", login.profile));
}

Result<Secret> find_sso_token(const Search& search, const SsoLogin& login) {
    const fs::path path = cache_path(search, login);
    auto text = read_text(path);
    if (!text) return sso_login_needed(login, "nobody has done so");
    const WipeAtEnd wiped(*text);
    const Cached cached(json::parse(*text, nullptr, false));
    const auto end = parse_iso8601(cached.text("expiresAt"));
    if (cached.text("accessToken").empty() || !end)
        return sso_login_needed(login, fmt::format("{} is damaged", path.string()));
    const WallTime now = search.services.clock->wall();
    if (!login.session.empty() && *end - now < renew_before) {
        if (const auto fresh = renewed(search, login, cached)) {
            std::string kept = fresh->object.dump();
            const WipeAtEnd wiped_too(kept);
            if (const auto written = write_file(path, kept, FileMode::secret); !written)
                search.services.log.warning("the renewed sign-in could not be kept: {}",
                                            written.error().describe());
            return Secret(fresh->text("accessToken"));
        }
    }
    if (*end <= now)
        return sso_login_needed(login, fmt::format("that ended at {}", to_iso8601(*end)));
    return Secret(cached.text("accessToken"));
}

}  // namespace imprint::aws
