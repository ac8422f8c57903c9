// Passwords as Argon2id hashes (RFC 9106), by libsodium:
// "$argon2id$v=19$m=65536,t=2,p=1$salt$hash".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace imprint::logins {

// 64 MiB and two passes are libsodium's limits for logins ("interactive"): above what OWASP's
// Password Storage Cheat Sheet asks for (46 MiB, one pass), a tenth of a second on a small
// computer. The next ones (256 MiB, three passes) would take memory and a second from bays at work,
// at each login and at each guess.
struct HashCost {
    std::uint64_t passes = 2;
    std::size_t memory = 64UL << 20;  // bytes
};

// 8 to 128 bytes of UTF-8 without control characters, and not the user's name. Error: user_invalid
// (usage), with nothing of the password.
[[nodiscard]] Result<void> check_password(std::string_view password, std::string_view user);

// Takes a tenth of a second at the usual cost. Throws if there is not enough memory.
[[nodiscard]] std::string hash_password(std::string_view password, const HashCost& cost = {});

// Whether a file may have it: of this form, and at a cost that a station can bear.
[[nodiscard]] bool is_password_hash(std::string_view text);

// Takes as long as the hash's cost says, whatever the password.
[[nodiscard]] bool is_password(std::string_view password, std::string_view hash);

// A hash at that cost that no password has: who is compared with it waits as long as anybody.
[[nodiscard]] std::string nobodys_hash(const HashCost& cost = {});

}  // namespace imprint::logins
