#include "logins/users.h"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <utility>

#include "base/file_lock.h"
#include "base/files.h"
#include "base/ownership.h"
#include "logins/passwords.h"
#include "pki/secret_file.h"

namespace imprint::logins {

namespace {

constexpr std::string_view what = "the page's users";
constexpr std::size_t longest_name = 32;

std::unexpected<Error> damaged(std::size_t line, std::string_view why) {
    return fail(ErrorKind::config, "users_damaged", fmt::format("{}: line {}: {}", what, line, why),
                "put the line right or take it out; `imprint station user add` writes a new one");
}

// The next word of a line.
std::string_view take_word(std::string_view& line) {
    constexpr std::string_view blanks = " \t\r";
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    const std::string_view word = line.substr(0, line.find_first_of(blanks));
    line.remove_prefix(word.size());
    return word;
}

// Nothing: an empty line, or a comment.
Result<std::optional<User>> parse_line(std::string_view line, std::size_t number) {
    const std::string_view name = take_word(line);
    if (name.empty() || name.starts_with('#')) return std::nullopt;
    const auto role = parse_role(take_word(line));
    const std::string_view hash = take_word(line);
    if (!check_user_name(name)) return damaged(number, "that is no user's name");
    if (!role) return damaged(number, "the role is neither operator nor engineer");
    if (!is_password_hash(hash)) return damaged(number, "the password's hash is none of Argon2id");
    if (!take_word(line).empty()) return damaged(number, "something follows the hash");
    return User{std::string(name), *role, std::string(hash)};
}

std::int64_t nanoseconds(const timespec& time) {
    return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

std::string_view to_string(Role role) {
    return role == Role::engineer ? "engineer" : "operator";
}

std::optional<Role> parse_role(std::string_view text) {
    for (const Role role : {Role::operator_, Role::engineer})
        if (text == to_string(role)) return role;
    return std::nullopt;
}

const User* find_user(const Users& users, std::string_view name) {
    const auto found = std::ranges::find(users, name, &User::name);
    return found == users.end() ? nullptr : &*found;
}

Result<void> check_user_name(std::string_view name) {
    const bool printable = std::ranges::all_of(name, [](char c) { return c > ' ' && c <= '~'; });
    if (!name.empty() && name.size() <= longest_name && printable && !name.starts_with('#'))
        return {};
    return fail(
        ErrorKind::usage, "user_invalid", "that is no name for a user",
        fmt::format("1 to {} printable ASCII characters, no blank, no # in front", longest_name));
}

Result<Users> parse_users(std::string_view text) {
    Users users;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        IMPRINT_TRY(auto user, parse_line(text.substr(0, end), number));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!user) continue;
        const auto place = std::ranges::lower_bound(users, user->name, {}, &User::name);
        if (place != users.end() && place->name == user->name)
            return damaged(number, "an earlier line has the same name");
        users.insert(place, *std::move(user));
    }
    return users;
}

std::string users_text(const Users& users) {
    std::string text =
        "# Who may log in to the station's page: name, role, hash of the password.\n"
        "# Changed by `imprint station user`; a line that is taken out logs its user out.\n";
    for (const User& user : users)
        text += fmt::format("{} {} {}\n", user.name, to_string(user.role), user.hash);
    return text;
}

Result<Users> load_users(const std::filesystem::path& path) {
    auto text = pki::read_secret_file(path, what);
    if (!text && text.error().is("file_missing")) return Users();
    if (!text) return std::unexpected(std::move(text).error());
    auto users = parse_users(text->reveal_text());
    if (!users) return with_context(std::move(users).error(), path.string());
    return users;
}

Result<void> change_users(const std::filesystem::path& path,
                          const std::function<Result<void>(Users&)>& change) {
    // Before the lock's file is made beside it.
    IMPRINT_CHECK(check_ours(path));
    const auto lock = FileLock::take(path.string() + ".lock");
    const int number = errno;
    if (!lock && number != EAGAIN && number != EACCES)
        return fail(ErrorKind::config, "file_unwritable",
                    fmt::format("cannot lock {}: {}", path.string(),
                                std::generic_category().message(number)),
                    "look at its folder");
    if (!lock)
        return fail(ErrorKind::config, "users_busy",
                    fmt::format("another command is changing {}", path.string()), "try again");
    IMPRINT_TRY(Users users, load_users(path));
    IMPRINT_CHECK(change(users));
    std::ranges::sort(users, {}, &User::name);
    return write_file(path, users_text(users), FileMode::secret);
}

Result<void> check_new_user(const Users& users, std::string_view name) {
    IMPRINT_CHECK(check_user_name(name));
    if (find_user(users, name) == nullptr) return {};
    return fail(ErrorKind::usage, "user_exists",
                fmt::format("there is a user \"{}\" already", name),
                fmt::format("`imprint station user password {}` sets a new password", name));
}

Result<void> check_known_user(const Users& users, std::string_view name) {
    if (find_user(users, name) != nullptr) return {};
    return fail(ErrorKind::usage, "user_unknown", fmt::format("there is no user \"{}\"", name),
                "`imprint station user list` shows them");
}

Result<void> add_user(Users& users, std::string_view name, Role role, std::string_view password) {
    IMPRINT_CHECK(check_new_user(users, name));
    IMPRINT_CHECK(check_password(password, name));
    users.push_back({std::string(name), role, hash_password(password)});
    return {};
}

Result<void> remove_user(Users& users, std::string_view name) {
    IMPRINT_CHECK(check_known_user(users, name));
    std::erase_if(users, [name](const User& user) { return user.name == name; });
    return {};
}

Result<void> set_password(Users& users, std::string_view name, std::string_view password) {
    IMPRINT_CHECK(check_known_user(users, name));
    IMPRINT_CHECK(check_password(password, name));
    std::ranges::find(users, name, &User::name)->hash = hash_password(password);
    return {};
}

UserFile::Stamp UserFile::look() const {
    struct stat info{};
    if (::stat(path_.c_str(), &info) != 0) return {};
    return {info.st_dev,
            info.st_ino,
            info.st_size,
            info.st_mode,
            nanoseconds(info.st_mtim),
            nanoseconds(info.st_ctim)};
}

const Result<Users>& UserFile::now() {
    // Looked at before it is read: what changes meanwhile is seen the next time.
    const Stamp stamp = look();
    if (read_ != stamp) {
        users_ = load_users(path_);
        read_ = stamp;
    }
    return users_;
}

}  // namespace imprint::logins
