// IAM Identity Center: a role's keys for a person who has signed in (IAM Identity Center Portal API
// Reference, GetRoleCredentials).
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "aws/endpoint.h"
#include "aws/providers/keys.h"
#include "aws/providers/service.h"
#include "aws/providers/sso_token.h"
#include "http/url.h"

namespace imprint::aws {

namespace {

struct SsoSettings {
    SsoLogin login;
    std::string account;
    std::string role;
};

// Nothing where the profile has neither account nor role.
Result<std::optional<SsoSettings>> read_settings(const Search& search, const std::string& profile) {
    const auto value = [&](const char* key) {
        return std::string(search.files.value(profile, key));
    };
    SsoSettings found;
    found.account = value("sso_account_id");
    found.role = value("sso_role_name");
    if (found.account.empty() && found.role.empty()) return std::nullopt;
    found.login = {value("sso_session"), value("sso_start_url"), value("sso_region"), profile};
    if (!found.login.session.empty()) {
        const IniSection* session = search.files.sso_session(found.login.session);
        const std::string hint = fmt::format("run: aws configure sso --profile {}", profile);
        if (session == nullptr)
            return profile_invalid(
                profile,
                fmt::format("has sso_session \"{}\", and {} has no "
                            "[sso-session {}]",
                            found.login.session, search.files.config_path.string(),
                            found.login.session),
                hint);
        for (const auto& [key, text] :
             {std::pair<const char*, std::string*>{"sso_start_url", &found.login.start_url},
              std::pair<const char*, std::string*>{"sso_region", &found.login.region}}) {
            const std::string_view of_session = value_of(session, key);
            if (!text->empty() && !of_session.empty() && *text != of_session)
                return profile_invalid(profile,
                                       fmt::format("has another {} than its sso-session \"{}\"",
                                                   key, found.login.session),
                                       "leave it to the session");
            if (!of_session.empty()) *text = of_session;
        }
    }
    for (const auto& [key, text] :
         {std::pair<const char*, const std::string*>{"sso_start_url", &found.login.start_url},
          std::pair<const char*, const std::string*>{"sso_region", &found.login.region},
          std::pair<const char*, const std::string*>{"sso_account_id", &found.account},
          std::pair<const char*, const std::string*>{"sso_role_name", &found.role}})
        if (text->empty())
            return profile_invalid(profile, fmt::format("signs in by SSO, but has no {}", key),
                                   fmt::format("run: aws configure sso --profile {}", profile));
    return found;
}

std::string name_of_error(const http::ClientResponse& response) {
    for (const auto& [name, value] : response.headers)
        if (name == "x-amzn-errortype") return value.substr(0, value.find(':'));
    return {};
}

std::unexpected<Error> refused(const SsoSettings& settings, const std::string& source,
                               const Secret& token, const http::ClientResponse& response) {
    std::string code = name_of_error(response);
    if (response.status == 401 || code == "UnauthorizedException")
        return sso_login_needed(settings.login, "that is no longer accepted");
    if (code.empty()) code = response.status >= 500 ? "InternalFailure" : "UnknownError";
    const auto body = nlohmann::json::parse(response.body, nullptr, false);
    std::string message;
    if (body.is_object())
        if (const auto text = body.find("message"); text != body.end() && text->is_string())
            message = without_secrets(text->get<std::string>(), {token.reveal_text()});
    return fail_as_aws(
        code,
        fmt::format("GetRoleCredentials for {}: {} (HTTP {})", source,
                    message.empty() ? "no reason given" : message, response.status),
        "check sso_account_id and sso_role_name, and that the role is assigned to you");
}

}  // namespace

Found from_sso(const Search& search, const std::string& profile) {
    IMPRINT_TRY(const auto settings, read_settings(search, profile));
    if (!settings) return std::nullopt;
    const SsoLogin& login = settings->login;
    IMPRINT_CHECK(check_region(login.region));
    IMPRINT_TRY(std::string url,
                service_endpoint(search.environment, search.files, sso_service, login.region));
    while (url.ends_with('/'))
        url.pop_back();
    url +=
        fmt::format("/federation/credentials?role_name={}&account_id={}",
                    http::percent_encode(settings->role), http::percent_encode(settings->account));
    IMPRINT_TRY(const Secret token, find_sso_token(search, login));
    const std::string source = fmt::format("role {} in account {} of profile {}", settings->role,
                                           settings->account, profile);
    const auto request = [&] {
        return http::ClientRequest{
            "GET", url, {{"x-amz-sso_bearer_token", std::string(token.reveal_text())}}, {}};
    };
    auto response = ask_service(search.services, {request, name_of_error});
    if (!response)
        return with_context(std::move(response).error(),
                            fmt::format("GetRoleCredentials for {}", source));
    const WipeAtEnd wiped(response->body);
    if (response->status != 200) return refused(*settings, source, token, *response);
    const KeyNames names{.id = "accessKeyId",
                         .secret = "secretAccessKey",
                         .token = "sessionToken",
                         .expires = "expiration",
                         .session = true,
                         .inside = "roleCredentials"};
    IMPRINT_TRY(Credentials found, keys_of_json(response->body, names, source));
    return found;
}

}  // namespace imprint::aws
