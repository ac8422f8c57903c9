#include "logins/login_limit.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <netinet/in.h>
#include <tuple>

#include "base/url.h"

namespace imprint::logins {

namespace {

constexpr std::string_view this_machine = "loopback";
// No user's name and no address is longer; what a client makes up is not kept whole.
constexpr std::size_t longest_key = 64;

std::chrono::seconds penalty(unsigned beyond, std::chrono::seconds longest) {
    constexpr unsigned most_doublings = 16;
    return std::min(longest, std::chrono::seconds(1U << std::min(beyond, most_doublings)));
}

}  // namespace

std::string counted_address(std::string_view address) {
    if (is_loopback(address)) return std::string(this_machine);
    in6_addr v6{};
    if (::inet_pton(AF_INET6, std::string(address).c_str(), &v6) != 1)
        return std::string(address.substr(0, longest_key));
    constexpr std::size_t network = 8;
    std::fill(std::begin(v6.s6_addr) + network, std::end(v6.s6_addr), std::uint8_t{0});
    std::array<char, INET6_ADDRSTRLEN> text{};
    static_cast<void>(::inet_ntop(AF_INET6, &v6, text.data(), text.size()));
    return std::string(text.data()) + "/64";
}

Milliseconds LoginLimit::wait(const Rows& rows, std::string_view key, Instant now) const {
    const auto found = rows.find(key);
    if (found == rows.end() || found->second.until <= now) return {};
    return std::chrono::ceil<Milliseconds>(found->second.until - now);
}

Milliseconds LoginLimit::wait(std::string_view address, std::string_view user, Instant now) const {
    const std::string counted = counted_address(address);
    const Milliseconds by_address = wait(addresses_, counted, now);
    if (counted == this_machine) return by_address;
    return std::max(by_address, wait(users_, user.substr(0, longest_key), now));
}

void LoginLimit::count(Rows& rows, std::string_view key, Instant now) const {
    auto found = rows.find(key);
    if (found == rows.end()) {
        if (rows.size() >= limits_.most)
            rows.erase(std::ranges::min_element(rows, {}, [](const auto& item) {
                return std::tuple(item.second.until, item.second.last);
            }));
        found = rows.emplace(key, Row{.failures = 0, .last = now, .until = now}).first;
    }
    Row& row = found->second;
    if (now - row.last >= limits_.forgotten) row.failures = 0;
    ++row.failures;
    row.last = now;
    row.until = row.failures < limits_.free_tries
                    ? now
                    : now + penalty(row.failures - limits_.free_tries, limits_.longest);
}

void LoginLimit::failed(std::string_view address, std::string_view user, Instant now) {
    count(addresses_, counted_address(address), now);
    count(users_, user.substr(0, longest_key), now);
}

void LoginLimit::succeeded(std::string_view user) {
    if (const auto found = users_.find(user.substr(0, longest_key)); found != users_.end())
        users_.erase(found);
}

}  // namespace imprint::logins
