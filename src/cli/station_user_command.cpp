// `imprint station user …`: who may log in to the station's page.
#include <fmt/format.h>
#include <memory>
#include <string>
#include <vector>

#include "base/git.h"
#include "cli/commands.h"
#include "cli/output/text.h"
#include "cli/password.h"
#include "logins/users.h"

namespace imprint::cli {

namespace {

using events::UserChange;
using logins::User;
using logins::Users;

events::PageUser event_of(const User& user, UserChange change) {
    return {user.name,
            user.role == logins::Role::engineer ? events::UserRole::engineer
                                                : events::UserRole::operator_,
            change};
}

Result<std::filesystem::path> users_path(const Context& context) {
    IMPRINT_TRY(const config::Config config, context.config());
    IMPRINT_CHECK(keep_out_of_git({config.settings.page.users, "the file of the page's users"}));
    return config.settings.page.users;
}

// Changes one user, and says so.
Result<int> change_user(Context& context, const std::filesystem::path& path,
                        const std::string& name, UserChange what,
                        const std::function<Result<void>(Users&)>& change) {
    User changed;
    const auto remember = [&](const Users& users) {
        if (const User* user = logins::find_user(users, name)) changed = *user;
    };
    const auto done = logins::change_users(path, [&](Users& users) -> Result<void> {
        remember(users);
        IMPRINT_CHECK(change(users));
        remember(users);
        return {};
    });
    if (!done) return std::unexpected(done.error());
    const char* says = what == UserChange::added     ? "may log in from now on"
                       : what == UserChange::removed ? "may log in no more, and is logged out"
                                                     : "has a new password, and is logged out";
    context.show(event_of(changed, what),
                 fmt::format("{} ({}) {}\n", name, to_string(changed.role), says));
    return 0;
}

Result<int> add_one(Context& context, const std::string& name, const std::string& role_text) {
    IMPRINT_TRY(const auto path, users_path(context));
    const auto role = logins::parse_role(role_text).value_or(logins::Role::operator_);
    // Before anybody types a password in vain.
    IMPRINT_TRY(const Users users, logins::load_users(path));
    IMPRINT_CHECK(logins::check_new_user(users, name));
    IMPRINT_TRY(const Secret password, read_new_password(context, name));
    return change_user(context, path, name, UserChange::added, [&](Users& all) {
        return logins::add_user(all, name, role, password.reveal_text());
    });
}

Result<int> set_password(Context& context, const std::string& name) {
    IMPRINT_TRY(const auto path, users_path(context));
    IMPRINT_TRY(const Users users, logins::load_users(path));
    IMPRINT_CHECK(logins::check_known_user(users, name));
    IMPRINT_TRY(const Secret password, read_new_password(context, name));
    return change_user(context, path, name, UserChange::password, [&](Users& all) {
        return logins::set_password(all, name, password.reveal_text());
    });
}

Result<int> remove_one(Context& context, const std::string& name) {
    IMPRINT_TRY(const auto path, users_path(context));
    return change_user(context, path, name, UserChange::removed,
                       [&](Users& all) { return logins::remove_user(all, name); });
}

Result<int> list_users(Context& context) {
    IMPRINT_TRY(const config::Config config, context.config());
    IMPRINT_TRY(const Users users, logins::load_users(config.settings.page.users));
    std::vector<std::vector<std::string>> rows{{"user", "role"}};
    for (const User& user : users) {
        if (context.json) context.show(event_of(user, UserChange::none), "");
        rows.push_back({user.name, std::string(to_string(user.role))});
    }
    if (context.json) return 0;
    context.out.raw(users.empty() ? "nobody: imprint station user add NAME --role engineer\n"
                                  : output::table(rows));
    return 0;
}

}  // namespace

void add_station_user(Command& station) {
    Command group = station.command("user", "Who may log in to the page where it is on a network.",
                                    "imprint station user add anna --role engineer\n"
                                    "imprint station user list");

    struct Words {
        std::string name;
        std::string role = "operator";
    };

    const auto added = std::make_shared<Words>();
    Command add = group.command("add", "Let somebody log in. The password is asked for.",
                                "imprint station user add anna --role engineer\n"
                                "imprint station user add bert < password.txt   # from a program");
    add.option({"NAME", "NAME", "by which the user logs in", true}, &added->name);
    add.option({.names = "--role",
                .type = "ROLE",
                .meaning = "operator: works at the bench; engineer: may do everything",
                .choices = {"operator", "engineer"}},
               &added->role);
    add.config_options().common_options().act(
        [added](Context& context) { return add_one(context, added->name, added->role); });

    const auto on_one = [&group](const char* name, const char* meaning,
                                 Result<int> (*act)(Context&, const std::string&)) {
        const auto user = std::make_shared<std::string>();
        Command command =
            group.command(name, meaning, fmt::format("imprint station user {} anna", name));
        command.option({"NAME", "NAME", "of the user", true}, user.get());
        command.config_options().common_options().act(
            [user, act](Context& context) { return act(context, *user); });
    };
    on_one("remove", "Let somebody log in no more, and log them out.", remove_one);
    on_one("password", "Give somebody a new password, and log them out.", set_password);

    Command list = group.command("list", "Those who may log in.", "imprint station user list");
    list.config_options().common_options().act(list_users);
}

}  // namespace imprint::cli
