// The file of the page's users: a line for each, "name role hash", in the order of names. Lines
// that begin with # are comments. It is written whole or not at all, mode 0600.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <vector>

#include "base/error.h"

namespace imprint::logins {

// What each may do: docs/station.md, "On a network".
enum class Role : std::uint8_t { operator_, engineer };
[[nodiscard]] std::string_view to_string(Role role);  // "operator"
[[nodiscard]] std::optional<Role> parse_role(std::string_view text);

struct User {
    std::string name;
    Role role = Role::operator_;
    std::string hash;  // of the password (passwords.h)
    bool operator==(const User&) const = default;
};

using Users = std::vector<User>;  // sorted by name; each name once

[[nodiscard]] const User* find_user(const Users& users, std::string_view name);

// 1 to 32 printable ASCII characters without blanks; not a # in front, which begins a comment.
// Error: user_invalid (usage).
[[nodiscard]] Result<void> check_user_name(std::string_view name);

// Error: users_damaged (config), with the line, and nothing of what is in it.
[[nodiscard]] Result<Users> parse_users(std::string_view text);
[[nodiscard]] std::string users_text(const Users& users);

// A file that is not there has no users. Errors (config): users_damaged, secret_exposed (others can
// read it), not_ours (others could have written it), those of read_file.
[[nodiscard]] Result<Users> load_users(const std::filesystem::path& path);

// Reads, lets `change` change, and writes. Two at once: the second one is refused. Errors: those of
// load_users and of the change; users_busy, file_unwritable (config).
[[nodiscard]] Result<void> change_users(const std::filesystem::path& path,
                                        const std::function<Result<void>(Users&)>& change);

// Errors (usage): user_invalid, user_exists; user_unknown.
[[nodiscard]] Result<void> check_new_user(const Users& users, std::string_view name);
[[nodiscard]] Result<void> check_known_user(const Users& users, std::string_view name);

// What `imprint station user` does with them. The same errors.
[[nodiscard]] Result<void> add_user(Users& users, std::string_view name, Role role,
                                    std::string_view password);
[[nodiscard]] Result<void> remove_user(Users& users, std::string_view name);
[[nodiscard]] Result<void> set_password(Users& users, std::string_view name,
                                        std::string_view password);

// The file as it is now: read again when it has changed. Not thread-safe.
class UserFile {
  public:
    explicit UserFile(std::filesystem::path path) : path_(std::move(path)) {}

    // Valid until the next call.
    [[nodiscard]] const Result<Users>& now();

  private:
    // What tells one state of the file from another; all zero: there is none.
    struct Stamp {
        dev_t device = 0;
        ino_t inode = 0;
        off_t size = 0;
        mode_t mode = 0;
        std::int64_t modified = 0;  // nanoseconds
        std::int64_t changed = 0;
        bool operator==(const Stamp&) const = default;
    };

    [[nodiscard]] Stamp look() const;

    std::filesystem::path path_;
    std::optional<Stamp> read_;
    Result<Users> users_;
};

}  // namespace imprint::logins
