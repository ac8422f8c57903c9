#include "logins/access.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <netinet/in.h>
#include <utility>

#include "base/url.h"
#include "pki/certificate_file.h"
#include "pki/secret_file.h"

namespace imprint::logins {

namespace {

bool is_ip(int family, const std::string& text) {
    in6_addr address{};
    return ::inet_pton(family, text.c_str(), &address) == 1;
}

bool is_any(const std::string& address) {
    return address == "0.0.0.0" || address == "::";
}

std::unexpected<Error> lacking(const Settings& settings, const std::vector<std::string>& missing,
                               std::string_view why) {
    return fail(ErrorKind::config, "page_access",
                fmt::format("page.listen is {}, {}, and {}", settings.listen, why,
                            fmt::join(missing, ", and ")),
                "docs/station.md, \"On a network\", says how it is set up; 127.0.0.1 is this "
                "machine alone");
}

// One error for all that is missing.
Result<void> check_all_there(const Settings& settings, bool loopback, bool has_users) {
    std::vector<std::string> missing;
    const bool certificate = !settings.certificate.empty();
    const bool key = !settings.key.empty();
    if (!certificate && (key || !loopback)) missing.emplace_back("page.certificate is not set");
    if (!key && (certificate || !loopback)) missing.emplace_back("page.key is not set");
    const bool needed = !loopback || settings.login == NeedLogin::always;
    if (needed && !has_users)
        missing.push_back(
            fmt::format("{} has no user: `imprint station user add NAME --role engineer`",
                        settings.users.string()));
    if (missing.empty()) return {};
    return lacking(settings, missing,
                   loopback ? "for this machine alone" : "which other machines can reach");
}

std::vector<std::string> names_of(const ListenAddress& listen, bool loopback,
                                  const pki::ServerNames& certified) {
    std::vector<std::string> hosts;
    const auto add = [&hosts](const std::string& name) {
        std::string host = canonical_host(name);
        if (std::ranges::find(hosts, host) == hosts.end()) hosts.push_back(std::move(host));
    };
    // A name before an address: it is what people are told to open.
    for (const auto& name : certified.dns)
        add(name);
    for (const auto& address : certified.ip)
        add(address);
    if (!is_any(listen.address)) add(listen.address);
    if (loopback)
        for (const char* own : {"localhost", "127.0.0.1", "::1"})
            add(own);
    return hosts;
}

// What the page shows of itself, and by which names.
Result<pki::ServerNames> load_tls(const Settings& settings, WallTime now, Access& access) {
    if (settings.certificate.empty()) return pki::ServerNames();
    IMPRINT_TRY(const auto file, pki::read_certificates(settings.certificate, "page.certificate"));
    auto key = pki::read_secret_file(settings.key, "the page's key");
    if (!key) return std::unexpected(std::move(key).error());
    auto context = http::make_tls_context(file.pem, *key);
    if (!context)
        return with_context(std::move(context).error(),
                            fmt::format("page.certificate {}, page.key {}",
                                        settings.certificate.string(), settings.key.string()));
    access.tls = *std::move(context);
    access.warnings = pki::validity_notes(file, settings.certificate, now);
    return pki::read_server_names(file.certificates.front().pem);
}

}  // namespace

std::optional<ListenAddress> parse_listen(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const std::string_view digits = text.substr(colon + 1);
    ListenAddress found{std::string(text.substr(0, colon)), 0};
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), found.port);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    std::string& address = found.address;
    if (address == "localhost") address = "127.0.0.1";
    if (address.starts_with('[') && address.ends_with(']')) {
        address = address.substr(1, address.size() - 2);
        return is_ip(AF_INET6, address) ? std::optional(found) : std::nullopt;
    }
    return is_ip(AF_INET, address) ? std::optional(found) : std::nullopt;
}

Result<Access> check_access(const Settings& settings, WallTime now) {
    const auto listen = parse_listen(settings.listen);
    if (!listen)
        return fail(ErrorKind::config, "config_value",
                    fmt::format("page.listen cannot be \"{}\"", settings.listen),
                    "an address and a port: 127.0.0.1:7625, [::1]:7625, 0.0.0.0:443");
    const bool loopback = is_loopback(listen->address);
    const bool needed = !loopback || settings.login == NeedLogin::always;
    Users users;
    if (needed) {
        IMPRINT_TRY(users, load_users(settings.users));
    }
    IMPRINT_CHECK(check_all_there(settings, loopback, !users.empty()));
    Access access;
    IMPRINT_TRY(const auto certified, load_tls(settings, now, access));
    access.gate = {.site = {.address = listen->address,
                            .port = listen->port,
                            .tls = access.tls != nullptr,
                            .hosts = names_of(*listen, loopback, certified)},
                   .login_needed = needed,
                   .users = settings.users};
    if (!access.gate.site.hosts.empty()) return access;
    return fail(ErrorKind::config, "server_certificate",
                fmt::format("the certificate in {} names no host and no address, so that nobody "
                            "could open the page by it",
                            settings.certificate.string()),
                "make one with subject alternative names, or name an address in page.listen");
}

}  // namespace imprint::logins
