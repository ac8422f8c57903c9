#include "logins/passwords.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <new>
#include <optional>
#include <sodium.h>
#include <stdexcept>

#include "base/text.h"

namespace imprint::logins {

namespace {

constexpr std::size_t shortest = 8;
constexpr std::size_t longest = 128;

void start_sodium() {
    // May be called from many threads, and again.
    if (sodium_init() < 0) throw std::runtime_error("libsodium does not start");
}

std::unexpected<Error> refuse(std::string message, std::string hint) {
    return fail(ErrorKind::usage, "user_invalid", std::move(message), std::move(hint));
}

bool is_whole_text(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

bool take(std::string_view& text, std::string_view mark) {
    if (!text.starts_with(mark)) return false;
    text.remove_prefix(mark.size());
    return true;
}

std::optional<std::uint32_t> take_number(std::string_view& text) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

bool take_base64(std::string_view& text, std::size_t characters) {
    if (text.size() < characters) return false;
    const bool all = std::ranges::all_of(text.substr(0, characters), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '+' || c == '/';
    });
    text.remove_prefix(characters);
    return all;
}

constexpr std::size_t salt_characters = 22;  // 16 bytes in base64 without padding
constexpr std::size_t hash_characters = 43;  // 32 bytes

}  // namespace

Result<void> check_password(std::string_view password, std::string_view user) {
    if (password.size() < shortest || password.size() > longest)
        return refuse(fmt::format("a password has {} to {} bytes", shortest, longest),
                      "a few words that do not belong together are easy to keep and hard to guess");
    if (!is_whole_text(password) || has_control_character(password))
        return refuse("a password is a line of UTF-8 text", "use the keyboard's own characters");
    if (same_but_for_case(password, user))
        return refuse("the password is the user's name", "choose another one");
    return {};
}

std::string hash_password(std::string_view password, const HashCost& cost) {
    start_sodium();
    std::array<char, crypto_pwhash_STRBYTES> hash{};
    if (crypto_pwhash_str_alg(hash.data(), password.data(), password.size(), cost.passes,
                              cost.memory, crypto_pwhash_ALG_ARGON2ID13) != 0)
        throw std::bad_alloc();
    return hash.data();
}

bool is_password_hash(std::string_view text) {
    // Beyond these a login would take the station's memory, or minutes.
    constexpr std::uint32_t most_memory = 1U << 20;  // KiB
    constexpr std::uint32_t most_passes = 16;
    if (!take(text, "$argon2id$v=19$m=")) return false;
    const auto memory = take_number(text);
    if (!memory || !take(text, ",t=")) return false;
    const auto passes = take_number(text);
    return passes && take(text, ",p=1$") && *memory >= 8 && *memory <= most_memory &&
           *passes >= 1 && *passes <= most_passes && take_base64(text, salt_characters) &&
           take(text, "$") && take_base64(text, hash_characters) && text.empty();
}

bool is_password(std::string_view password, std::string_view hash) {
    start_sodium();
    return crypto_pwhash_str_verify(std::string(hash).c_str(), password.data(), password.size()) ==
           0;
}

std::string nobodys_hash(const HashCost& cost) {
    return fmt::format("$argon2id$v=19$m={},t={},p=1${}${}", cost.memory / 1024, cost.passes,
                       std::string(salt_characters, 'A'), std::string(hash_characters, 'A'));
}

}  // namespace imprint::logins
