// Who gets through, from the request to the answer.
#include "logins/gate.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <vector>

#include "base/files.h"
#include "base/text.h"
#include "logins/support.h"

namespace imprint::logins {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::cheap;
using testing::get;
using ::testing::HasSubstr;
using testing::header;
using ::testing::Not;
using testing::post;
using testing::SetClock;
using testing::with;

// "401 login_needed"; "200" alone.
std::string told(const http::Response& response) {
    const std::size_t code = response.body.find(R"("code":")");
    if (code == std::string::npos) return std::to_string(response.status);
    const std::size_t begin = code + 8;
    return fmt::format("{} {}", response.status,
                       response.body.substr(begin, response.body.find('"', begin) - begin));
}

class GateTest : public ::testing::Test {
  protected:
    void SetUp() override {
        set_user("anna", Role::engineer, "correct horse");
        set_user("bert", Role::operator_, "battery staple");
    }

    void set_user(const std::string& name, Role role, const std::string& password) const {
        change([&](Users& users) {
            std::erase_if(users, [&](const User& user) { return user.name == name; });
            users.push_back({name, role, hash_password(password, cheap)});
        });
    }

    void change(const std::function<void(Users&)>& change) const {
        ASSERT_TRUE(change_users(path_, [&](Users& users) -> Result<void> {
            change(users);
            return {};
        }));
    }

    [[nodiscard]] GateOptions options() const {
        return {.site = {},
                .login_needed = true,
                .users = path_,
                .cost = cheap,
                .log = Log(
                    [this](LogLevel, std::string_view line) { log_ += std::string(line) + "\n"; })};
    }

    [[nodiscard]] GateOptions network_options() const {
        GateOptions options = this->options();
        options.site = {
            .address = "0.0.0.0", .port = 7625, .tls = true, .hosts = {"bench.example.com"}};
        return options;
    }

    static http::Request login(const std::string& user, const std::string& password) {
        return post("/api/login",
                    fmt::format(R"({{"user":"{}","password":"{}"}})", user, password));
    }

    // The request with the session of that login.
    static http::Request as(const http::Response& login, http::Request request) {
        const std::string cookie = header(login, "Set-Cookie");
        request.headers.emplace_back("cookie", cookie.substr(0, cookie.find(';')));
        return request;
    }

    static std::string admitted(const Gate& gate, const http::Request& request) {
        const auto refusal = gate.admit(request);
        return refusal ? told(*refusal) : "";
    }

    SetClock clock_;
    TemporaryDirectory folder_ = *TemporaryDirectory::create();
    std::filesystem::path path_ = folder_.path() / "users.txt";
    mutable std::string log_;
};

TEST_F(GateTest, on_the_loopback_address_everybody_is_an_engineer_without_a_name) {
    Gate gate({}, clock_);
    EXPECT_EQ(admitted(gate, post("/api/lots")), "");
    const auto login = gate.login_of(post("/api/lots"));
    ASSERT_TRUE(login);
    EXPECT_EQ(login->user, "");
    EXPECT_EQ(login->role, Role::engineer);
    EXPECT_EQ(gate.tell_login(get("/api/login")).body,
              R"({"user":"","role":"engineer","needed":false})");
    const auto asked = gate.log_in(this->login("anna", "correct horse"));
    EXPECT_EQ(asked.status, 200);
    EXPECT_EQ(header(asked, "Set-Cookie"), "");
}

TEST_F(GateTest, another_page_is_refused_there_too) {
    const Gate gate({}, clock_);
    const auto refusal = gate.admit(with(post("/api/scan"), "origin", "http://evil.example"));
    ASSERT_TRUE(refusal);
    EXPECT_EQ(told(*refusal), "403 other_origin");
    EXPECT_EQ(header(*refusal, "X-Frame-Options"), "DENY");
    EXPECT_THAT(refusal->body,
                HasSubstr(R"("mend":"use the station's own page, http://127.0.0.1:7625")"));
    EXPECT_EQ(admitted(gate, with(get("/"), "host", "evil.example:7625")), "403 other_host");
}

TEST_F(GateTest, a_port_that_the_server_chose_is_its_own) {
    Gate gate({}, clock_);
    gate.set_port(40000);
    EXPECT_EQ(admitted(gate, get("/")), "403 other_host");
    EXPECT_EQ(admitted(gate, with(get("/"), "host", "127.0.0.1:40000")), "");
}

TEST_F(GateTest, where_a_login_is_needed_the_pages_files_need_none) {
    const Gate gate(options(), clock_);
    for (const char* path : {"/", "/login", "/assets/index.js", "/lots/order-17", "/api/login"})
        EXPECT_EQ(admitted(gate, get(path)), "") << path;
    EXPECT_EQ(admitted(gate, post("/api/login")), "");
    EXPECT_EQ(admitted(gate, post("/api/logout")), "");
    for (const char* path : {"/api/state", "/api/events", "/Metrics", "/%61pi/state", "//api/state",
                             "/api", "/api/login/../state", "/API/state", "/api/loginx"})
        EXPECT_EQ(admitted(gate, get(path)), "401 login_needed") << path;
    for (const char* path : {"/api/scan", "/", "/api/bays/1/start"})
        EXPECT_EQ(admitted(gate, post(path)), "401 login_needed") << path;
}

TEST_F(GateTest, somebody_logs_in_and_out) {
    Gate gate(options(), clock_);
    EXPECT_FALSE(gate.login_of(get("/api/state")));
    const auto in = gate.log_in(login("bert", "battery staple"));
    EXPECT_EQ(in.status, 200);
    EXPECT_EQ(in.body, R"({"user":"bert","role":"operator","needed":true})");
    EXPECT_EQ(header(in, "X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(admitted(gate, as(in, get("/api/state"))), "");
    const auto who = gate.login_of(as(in, get("/api/state")));
    ASSERT_TRUE(who);
    EXPECT_EQ(who->user, "bert");
    EXPECT_EQ(who->role, Role::operator_);
    const auto out = gate.log_out(as(in, post("/api/logout")));
    EXPECT_THAT(header(out, "Set-Cookie"), HasSubstr("imprint=; "));
    EXPECT_THAT(header(out, "Set-Cookie"), HasSubstr("Max-Age=0"));
    EXPECT_EQ(admitted(gate, as(in, get("/api/state"))), "401 login_needed");
    EXPECT_EQ(gate.tell_login(as(in, get("/api/login"))).body, R"({"needed":true})");
}

TEST_F(GateTest, the_cookie_is_for_this_page_alone) {
    Gate gate(options(), clock_);
    EXPECT_THAT(header(gate.log_in(login("bert", "battery staple")), "Set-Cookie"),
                ::testing::MatchesRegex("imprint=[0-9a-f]+; Path=/; HttpOnly; SameSite=Strict"));
    Gate network(network_options(), clock_);
    EXPECT_THAT(header(network.log_in(login("bert", "battery staple")), "Set-Cookie"),
                ::testing::MatchesRegex(
                    "__Host-imprint=[0-9a-f]+; Path=/; HttpOnly; SameSite=Strict; Secure"));
}

TEST_F(GateTest, a_cookie_of_the_other_name_or_of_another_form_is_none) {
    Gate gate(network_options(), clock_);
    const auto in = gate.log_in(login("bert", "battery staple"));
    const std::string cookie = header(in, "Set-Cookie");
    const std::string secret = cookie.substr(cookie.find('=') + 1, 64);
    const auto bringing = [&](const std::string& cookies) {
        auto request = with(get("/api/state"), "host", "bench.example.com:7625");
        request.headers.emplace_back("cookie", cookies);
        return gate.login_of(request).has_value();
    };
    EXPECT_TRUE(bringing("__Host-imprint=" + secret));
    EXPECT_TRUE(
        bringing("a=b; __Host-imprint=" + std::string(64, 'a') + ";__Host-imprint=" + secret));
    EXPECT_FALSE(bringing("imprint=" + secret));
    EXPECT_FALSE(bringing("__host-imprint=" + secret));
    EXPECT_FALSE(bringing("__Host-imprint=" + secret.substr(1)));
    EXPECT_FALSE(bringing("__Host-imprint=\"" + secret + "\""));
    EXPECT_FALSE(bringing(secret));
    EXPECT_FALSE(bringing(";;;=;="));
}

TEST_F(GateTest, a_session_ends_with_its_time) {
    Gate gate(options(), clock_);
    const auto in = gate.log_in(login("bert", "battery staple"));
    clock_.sleep(hours(11));
    EXPECT_TRUE(gate.login_of(as(in, get("/api/state"))));
    clock_.sleep(hours(11));
    // A stream that asks is no use.
    EXPECT_TRUE(gate.still_logged_in(as(in, get("/api/state"))));
    EXPECT_EQ(admitted(gate, as(in, get("/api/state"))), "");
    clock_.sleep(hours(1));
    EXPECT_FALSE(gate.still_logged_in(as(in, get("/api/state"))));
    EXPECT_FALSE(gate.login_of(as(in, get("/api/state"))));
}

TEST_F(GateTest, a_session_ends_with_its_user_and_with_the_password) {
    Gate gate(options(), clock_);
    const auto anna = gate.log_in(login("anna", "correct horse"));
    const auto bert = gate.log_in(login("bert", "battery staple"));
    set_user("bert", Role::operator_, "battery staple, too");
    EXPECT_FALSE(gate.login_of(as(bert, get("/api/state"))));
    EXPECT_TRUE(gate.login_of(as(anna, get("/api/state"))));
    Users all;
    change([&all](Users& users) { all.swap(users); });
    EXPECT_EQ(admitted(gate, as(anna, get("/api/state"))), "401 login_needed");
    // And does not come back with it.
    change([&all](Users& users) { users = all; });
    EXPECT_FALSE(gate.login_of(as(anna, get("/api/state"))));
    EXPECT_EQ(gate.log_in(login("anna", "correct horse")).status, 200);
}

TEST_F(GateTest, another_role_counts_at_once) {
    Gate gate(options(), clock_);
    const auto in = gate.log_in(login("anna", "correct horse"));
    change([](Users& users) { users.front().role = Role::operator_; });
    EXPECT_EQ(gate.login_of(as(in, get("/api/state")))->role, Role::operator_);
}

TEST_F(GateTest, with_a_file_that_cannot_be_trusted_nobody_is_let_in) {
    Gate gate(options(), clock_);
    const auto in = gate.log_in(login("anna", "correct horse"));
    ASSERT_EQ(::chmod(path_.c_str(), 0644), 0);
    EXPECT_FALSE(gate.login_of(as(in, get("/api/state"))));
    const auto again = gate.log_in(login("anna", "correct horse"));
    EXPECT_EQ(told(again), "500 users_damaged");
    EXPECT_THAT(again.body, Not(HasSubstr(path_.string())));
    EXPECT_THAT(log_, HasSubstr(path_.string()));
    ASSERT_EQ(::chmod(path_.c_str(), 0600), 0);
    EXPECT_TRUE(gate.login_of(as(in, get("/api/state"))));
}

TEST_F(GateTest, a_wrong_password_and_an_unknown_user_are_told_alike) {
    Gate gate(options(), clock_);
    const auto wrong = gate.log_in(login("anna", "correct canary"));
    const auto unknown = gate.log_in(login("nobody", "correct canary"));
    EXPECT_EQ(told(wrong), "401 login_failed");
    EXPECT_EQ(wrong.body, unknown.body);
    EXPECT_EQ(wrong.headers, unknown.headers);
    EXPECT_THAT(log_, Not(HasSubstr("canary")));
}

TEST_F(GateTest, what_is_no_login_is_not_understood) {
    Gate gate(options(), clock_);
    for (const char* body :
         {"", "{}", "[]", "null", R"({"user":"anna"})", R"({"user":"anna","password":1})",
          R"({"user":"anna","password":"x","more":1})", "{\"user\":\"\xff\",\"password\":\"x\"}",
          R"({"user":["anna"],"password":"x"})"})
        EXPECT_EQ(told(gate.log_in(post("/api/login", body))), "400 bad_request") << body;
}

TEST_F(GateTest, after_five_failures_even_the_right_password_has_to_wait) {
    Gate gate(options(), clock_);
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(told(gate.log_in(login("anna", "wrong"))), "401 login_failed");
    const auto held = gate.log_in(login("anna", "correct horse"));
    EXPECT_EQ(told(held), "429 login_wait");
    EXPECT_EQ(header(held, "Retry-After"), "1");
    clock_.sleep(seconds(1));
    EXPECT_EQ(told(gate.log_in(login("anna", "wrong"))), "401 login_failed");
    EXPECT_EQ(header(gate.log_in(login("anna", "correct horse")), "Retry-After"), "2");
    clock_.sleep(seconds(2));
    EXPECT_EQ(told(gate.log_in(login("anna", "correct horse"))), "200");
}

TEST_F(GateTest, a_program_says_who_it_is_with_each_request) {
    Gate gate(options(), clock_);
    const auto with_words = [](const std::string& words) {
        return with(get("/metrics"), "authorization", "Basic " + to_base64(as_bytes(words)));
    };
    EXPECT_EQ(admitted(gate, get("/metrics")), "") << "asked later";
    const auto unknown = gate.login_of_program(get("/metrics"));
    ASSERT_FALSE(unknown);
    EXPECT_EQ(told(unknown.error()), "401 login_needed");
    EXPECT_EQ(header(unknown.error(), "WWW-Authenticate"), "Basic realm=\"imprint\"");
    const auto known = gate.login_of_program(with_words("bert:battery staple"));
    ASSERT_TRUE(known);
    EXPECT_EQ(known->user, "bert");
    EXPECT_FALSE(gate.login_of(with_words("bert:battery staple")))
        << "the page itself takes no such header: it would come from any site's request";
    for (const char* words : {"bert", "", ":", "bert:battery", "bert:battery staple:"})
        EXPECT_FALSE(gate.login_of_program(with_words(words))) << words;
    EXPECT_FALSE(gate.login_of_program(with(get("/metrics"), "authorization", "Basic ?")));
    EXPECT_FALSE(gate.login_of_program(with(get("/metrics"), "authorization", "Bearer x")));
    for (int i = 0; i < 5; ++i)
        EXPECT_FALSE(gate.login_of_program(with_words("anna:wrong")));
    const auto held = gate.login_of_program(with_words("anna:correct horse"));
    ASSERT_FALSE(held);
    EXPECT_EQ(told(held.error()), "429 login_wait") << "guesses have their limit here too";
    EXPECT_EQ(told(gate.log_in(login("anna", "correct horse"))), "200")
        << "a program with an old password keeps no person out";
}

TEST_F(GateTest, somebody_who_is_not_known_has_a_hash_compared_too) {
    GateOptions counting = options();
    std::vector<std::string> compared;
    counting.compare = [&compared](std::string_view password, std::string_view hash) {
        compared.emplace_back(hash);
        return is_password(password, hash);
    };
    Gate gate(counting, clock_);
    EXPECT_EQ(told(gate.log_in(login("nobody", "correct horse"))), "401 login_failed");
    EXPECT_EQ(told(gate.log_in(login("anna", "wrong"))), "401 login_failed");
    ASSERT_EQ(compared.size(), 2U);
    // At the same cost.
    const auto cost = [](const std::string& hash) { return hash.substr(0, hash.find("p=1")); };
    EXPECT_EQ(cost(compared[0]), cost(compared[1]));
}

TEST_F(GateTest, many_guesses_at_once_are_no_more_than_one_after_the_other) {
    constexpr int many = 20;
    GateOptions slow = options();
    slow.most_waiting = many;
    std::atomic<int> begun = 0;
    std::atomic<int> compared = 0;
    // The first one takes until the others have come.
    slow.compare = [&](std::string_view, std::string_view) {
        ++compared;
        while (begun < many)
            std::this_thread::yield();
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        return false;
    };
    Gate gate(slow, clock_);
    {
        std::vector<std::jthread> guesses;
        for (int i = 0; i < many; ++i)
            guesses.emplace_back([&] {
                ++begun;
                static_cast<void>(gate.log_in(login("anna", "wrong")));
            });
    }
    EXPECT_EQ(compared, 5);
}

TEST_F(GateTest, beyond_the_queue_a_login_is_sent_away) {
    GateOptions slow = options();
    slow.most_waiting = 0;
    std::atomic<bool> comparing = false;
    std::atomic<bool> go_on = false;
    slow.compare = [&](std::string_view password, std::string_view hash) {
        comparing = true;
        while (!go_on)
            std::this_thread::yield();
        return is_password(password, hash);
    };
    Gate gate(slow, clock_);
    http::Response first;
    std::jthread other([&] { first = gate.log_in(login("anna", "correct horse")); });
    while (!comparing)
        std::this_thread::yield();
    const auto second = gate.log_in(login("bert", "battery staple"));
    EXPECT_EQ(told(second), "429 login_wait");
    EXPECT_EQ(header(second, "Retry-After"), "1");
    go_on = true;
    other.join();
    EXPECT_EQ(first.status, 200);
    EXPECT_EQ(gate.log_in(login("bert", "battery staple")).status, 200);
}

TEST_F(GateTest, a_login_takes_the_place_of_the_former_one) {
    Gate gate(options(), clock_);
    const auto first = gate.log_in(login("bert", "battery staple"));
    const auto second = gate.log_in(as(first, login("anna", "correct horse")));
    EXPECT_FALSE(gate.login_of(as(first, get("/api/state"))));
    EXPECT_EQ(gate.login_of(as(second, get("/api/state")))->user, "anna");
}

}  // namespace
}  // namespace imprint::logins
