#include "logins/sessions.h"

#include <algorithm>
#include <array>
#include <sodium.h>
#include <stdexcept>
#include <utility>

#include "base/bytes.h"

namespace imprint::logins {

namespace {

std::string new_secret() {
    std::array<std::uint8_t, 32> bits{};
    if (sodium_init() < 0) throw std::runtime_error("libsodium does not start");
    randombytes_buf(bits.data(), bits.size());
    return to_hex(bits);
}

}  // namespace

bool Sessions::has_ended(const Session& session, Instant now) const {
    return now - session.used >= limits_.unused || now - session.begun >= limits_.whole;
}

void Sessions::make_room(Instant now) {
    std::erase_if(sessions_, [&](const auto& item) { return has_ended(item.second, now); });
    if (sessions_.size() < limits_.most || sessions_.empty()) return;
    sessions_.erase(
        std::ranges::min_element(sessions_, {}, [](const auto& item) { return item.second.used; }));
}

std::string Sessions::begin(SessionUser user, Instant now) {
    make_room(now);
    std::string secret = new_secret();
    sessions_.emplace(sha256(as_bytes(secret)),
                      Session{.user = std::move(user), .begun = now, .used = now});
    return secret;
}

const SessionUser* Sessions::find(std::string_view secret, Instant now) const {
    const auto found = sessions_.find(sha256(as_bytes(secret)));
    if (found == sessions_.end() || has_ended(found->second, now)) return nullptr;
    return &found->second.user;
}

void Sessions::use(std::string_view secret, Instant now) {
    const auto found = sessions_.find(sha256(as_bytes(secret)));
    if (found != sessions_.end() && !has_ended(found->second, now)) found->second.used = now;
}

void Sessions::end(std::string_view secret) {
    sessions_.erase(sha256(as_bytes(secret)));
}

}  // namespace imprint::logins
