// The page over HTTP, with a ledger in a file and without a bench: what a browser and a script get.
#include "page/page_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "http/client.h"
#include "ledger/sqlite_ledger.h"

namespace imprint::page {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr MacAddress s3_mac{{0x7C, 0xDF, 0xA1, 0x00, 0x3F, 0x18}};

class PageServerTest : public ::testing::Test {
  protected:
    void SetUp() override {
        config_.settings.ledger.path = folder_.path() / "ledger.sqlite";
        config_.values.push_back({"station.name", "\"north\"", "default"});
        auto ledger = ledger::open_ledger(config_.settings.ledger.path, clock_);
        ASSERT_TRUE(ledger);
        ledger_ = *std::move(ledger);
        services_.open_reports = [this] {
            return ledger::open_reports(config_.settings.ledger.path, clock_);
        };
        services_.open_ledger = [this] {
            return ledger::open_ledger(config_.settings.ledger.path, clock_);
        };
        services_.print_label = [this](const MacAddress& of) -> Result<void> {
            printed_.push_back(of);
            return {};
        };
        services_.hands = [this](const std::string& line) -> Result<std::string> {
            lines_.push_back(line);
            return std::string(R"({"bays":[]})");
        };
        desk_.emplace(services_.open_reports);
        start();
    }

    void start() {
        const logins::Access access{};
        auto page = PageServer::start(access, {"127.0.0.1", 0},
                                      {.config = config_,
                                       .services = services_,
                                       .bus = bus_,
                                       .desk = *desk_,
                                       .clock = clock_,
                                       .log = {},
                                       .station = {{"name", "north"}},
                                       .has_printer = true});
        ASSERT_TRUE(page) << page.error().describe();
        page_ = *std::move(page);
    }

    // A board that has passed in the lot.
    void board_passes(const std::string& lot) {
        ledger::RunFacts facts;
        facts.lot = lot;
        const auto run = ledger_->begin_run(facts);
        const auto attempt = ledger_->begin_attempt(*run, "bay1");
        ASSERT_TRUE(ledger_->identified(*attempt, s3_mac, "esp32", "lamp"));
        ASSERT_TRUE(ledger_->enter_lot(*attempt));
        const auto row = ledger_->certificate_requested(*attempt, "key", "p");
        ASSERT_TRUE(ledger_->certificate_issued(*row, std::string(64, 'a'), "pem"));
        ASSERT_TRUE(ledger_->certificate_state(*row, ledger::CertificateState::proven));
        ASSERT_TRUE(ledger_->end_attempt(*attempt, ledger::Outcome::passed));
    }

    http::ClientResponse ask(const std::string& method, const std::string& target,
                             const std::string& body = {}, http::Fields headers = {}) {
        if (method == "POST") headers.emplace_back("Content-Type", "application/json");
        http::ClientRequest request;
        request.method = method;
        request.url = fmt::format("http://127.0.0.1:{}{}", page_->port(), target);
        request.headers = std::move(headers);
        request.body = body;
        auto response = client_->send(request, std::chrono::seconds(20));
        if (response) return *std::move(response);
        ADD_FAILURE() << response.error().describe();
        return {};
    }

    // Waits until the board stands so in its bay.
    bool shows(const MacAddress& board, const std::string& status) {
        for (int i = 0; i < 1000; ++i) {
            const Json state = get("/api/state");
            for (const Json& bay : state["bays"])
                if (bay.value("mac", "") == board.id() && bay["status"] == status) return true;
            clock_.sleep(Milliseconds(20));
        }
        return false;
    }

    Json get(const std::string& target) { return Json::parse(ask("GET", target).body); }

    TemporaryDirectory folder_ = *TemporaryDirectory::create();
    SystemClock clock_;
    config::Config config_;
    Services services_;
    events::EventBus bus_;
    std::optional<Desk> desk_;
    std::unique_ptr<ledger::Ledger> ledger_;
    std::vector<MacAddress> printed_;
    std::vector<std::string> lines_;
    std::vector<std::string> retired_;
    std::unique_ptr<PageServer> page_;
    std::unique_ptr<http::Client> client_ =
        http::make_curl_client(http::CurlOptions{.ca_bundle = {}, .stop = {}, .proxies = false});
};

TEST_F(PageServerTest, its_places_are_one_page_and_its_files_are_themselves) {
    const auto index = ask("GET", "/");
    EXPECT_EQ(index.status, 200);
    EXPECT_THAT(index.body, HasSubstr("<!doctype html>"));
    for (const char* place : {"/lots", "/lots/order%2F17", "/boards/7cdfa1003f18", "/settings"})
        EXPECT_EQ(ask("GET", place).body, index.body) << place;
    EXPECT_EQ(ask("GET", "/assets/nothing.js").status, 404);
    EXPECT_EQ(ask("GET", "/../../etc/passwd").status, 404);
    EXPECT_EQ(ask("POST", "/", "{}").status, 405);
    const auto etag = http::find_field(index.headers, "etag");
    ASSERT_TRUE(etag);
    EXPECT_EQ(ask("GET", "/", {}, {{"If-None-Match", *etag}}).status, 304);
    EXPECT_THAT(http::find_field(index.headers, "content-security-policy").value_or(""),
                HasSubstr("default-src 'none'"));
}

TEST_F(PageServerTest, a_lot_lives_over_the_api) {
    EXPECT_EQ(get("/api/lots")["lots"].size(), 0U);
    const auto opened =
        ask("POST", "/api/lots", R"({"name":"order/17","target":"5","serial":"T-{number:3}"})");
    EXPECT_EQ(opened.status, 200) << opened.body;
    EXPECT_EQ(ask("POST", "/api/lots", R"({"name":"order/17"})").status, 409);
    EXPECT_EQ(ask("POST", "/api/lots", R"({"name":"x","target":"many"})").status, 400);
    EXPECT_EQ(ask("POST", "/api/lots", R"({"target":"5"})").status, 400);
    for (const char* taken : {"start", "off", "lot", ".", ".."})
        EXPECT_EQ(ask("POST", "/api/lots", Json{{"name", taken}}.dump()).status, 400) << taken;
    EXPECT_EQ(ask("POST", "/api/lots", R"({"name":"y","code":"again"})").status, 400);
    board_passes("order/17");
    const Json lot = get("/api/lots/order%2F17");
    EXPECT_EQ(lot["passed"], 1);
    EXPECT_EQ(lot["target"], 5);
    EXPECT_EQ(lot["figures"]["spans"].size(), 1U);
    EXPECT_EQ(get("/api/lots/order%2F17/boards")["boards"][0]["serial"], "T-001");
    EXPECT_EQ(get("/api/lots/order%2F17/boards?verdict=failed")["boards"].size(), 0U);
    EXPECT_EQ(get("/api/lots/order%2F17/latest")["boards"][0]["mac"], s3_mac.id());
    EXPECT_THAT(ask("GET", "/api/lots/order%2F17/report.csv").body, HasSubstr(s3_mac.id()));
    EXPECT_THAT(ask("GET", "/api/lots/order%2F17/report.html").body, HasSubstr("T-001"));
    EXPECT_EQ(Json::parse(ask("GET", "/api/lots/order%2F17/report.json").body)["boards"].size(),
              1U);
    EXPECT_EQ(ask("POST", "/api/lots/order%2F17", R"({"target":7})").status, 200);
    EXPECT_EQ(ask("POST", "/api/lots/order%2F17/close", "{}").status, 200);
    EXPECT_EQ(get("/api/lots")["lots"].size(), 0U);
    EXPECT_EQ(get("/api/lots?closed=1")["lots"][0]["target"], 7);
    EXPECT_EQ(ask("POST", "/api/lots/none/close", "{}").status, 404);
}

TEST_F(PageServerTest, a_board_is_found_shown_and_labelled) {
    EXPECT_EQ(ask("GET", "/api/boards/7cdfa1003f18").status, 404);
    EXPECT_EQ(ask("GET", "/api/boards/nonsense").status, 404);
    ASSERT_TRUE(ledger_->open_lot({.name = "order-17"}));
    board_passes("order-17");
    for (const char* text : {"7cdf", "lamp", "7C:DF:A1"})
        EXPECT_EQ(get(std::string("/api/boards?find=") + text)["boards"].size(), 1U) << text;
    EXPECT_EQ(ask("GET", "/api/boards?find=").status, 400);
    const Json board = get("/api/boards/7cdfa1003f18");
    EXPECT_EQ(board["standing"], "passed");
    EXPECT_EQ(board["certificates"][0]["certificate_id"], std::string(64, 'a'));
    EXPECT_EQ(board["attempts"][0]["verdict"], "passed");
    EXPECT_THAT(ask("GET", "/api/boards/7cdfa1003f18/label.svg").body, HasSubstr("<svg"));
    EXPECT_EQ(ask("POST", "/api/boards/7cdfa1003f18/label", "{}").status, 200);
    EXPECT_EQ(printed_, std::vector{s3_mac});
    EXPECT_EQ(ask("POST", "/api/boards/7cdfa1003f18/retire", "{}").status, 400) << "why?";
    EXPECT_EQ(ask("POST", "/api/boards/7cdfa1003f18/retire", R"({"reason":"lost"})").status, 403)
        << "this station retires none";
}

TEST_F(PageServerTest, a_board_at_work_is_not_retired) {
    services_.retire = [this](const std::string& thing, const std::string&,
                              const std::string&) -> Result<fleet::RetireReport> {
        retired_.push_back(thing);
        return fleet::RetireReport{};
    };
    start();
    board_passes("order-17");
    bus_.publish({.time = {}, .bay = "bay1", .mac = {}, .body = events::BoardStarted{}});
    bus_.publish({.time = {}, .bay = "bay1", .mac = s3_mac, .body = events::BoardIdentified{}});
    const auto retire = [this] {
        return ask("POST", "/api/boards/7cdfa1003f18/retire", R"({"reason":"lost"})");
    };
    EXPECT_TRUE(shows(s3_mac, "at_work"));
    EXPECT_EQ(retire().status, 409);
    EXPECT_TRUE(retired_.empty());
    bus_.publish({.time = {}, .bay = "bay1", .mac = s3_mac, .body = events::BoardPassed{}});
    EXPECT_TRUE(shows(s3_mac, "passed"));
    EXPECT_EQ(retire().status, 200);
    EXPECT_EQ(retired_, std::vector<std::string>{"lamp"});
}

TEST_F(PageServerTest, another_page_in_the_same_browser_changes_nothing) {
    for (const http::Fields& headers :
         {http::Fields{{"Origin", "http://evil.example"}}, http::Fields{{"Origin", "null"}},
          http::Fields{{"Sec-Fetch-Site", "cross-site"}}, http::Fields{{"Host", "evil.example"}}})
        EXPECT_EQ(ask("POST", "/api/lots", R"({"name":"x"})", headers).status, 403);
    EXPECT_EQ(get("/api/lots")["lots"].size(), 0U);
}

TEST_F(PageServerTest, what_the_server_itself_refuses_has_the_headers_too) {
    const auto refused = ask("POST", "/api/scan", std::string(100'000, 'x'));
    EXPECT_EQ(refused.status, 413);
    EXPECT_THAT(http::find_field(refused.headers, "content-security-policy").value_or(""),
                HasSubstr("default-src 'none'"));
}

TEST_F(PageServerTest, without_a_bench_nothing_is_begun) {
    for (const char* path : {"/api/bays/1/start", "/api/bays/stop"})
        EXPECT_EQ(Json::parse(ask("POST", path, "{}").body)["code"], "not_ready");
    EXPECT_EQ(Json::parse(ask("POST", "/api/scan", R"({"text":"1"})").body)["code"], "not_ready");
    EXPECT_EQ(ask("POST", "/api/scan", R"({"text":" "})").status, 400);
    EXPECT_EQ(ask("POST", "/api/scan", R"({"text":[]})").status, 400);
    EXPECT_EQ(ask("POST", "/api/lot", "{}").status, 400);
    EXPECT_EQ(ask("POST", "/api/lot", R"({"lot":"none such"})").status, 404);
}

TEST_F(PageServerTest, a_simulated_benchs_hands_do_what_they_know) {
    EXPECT_EQ(ask("POST", "/api/hands", R"({"do":"put","bay":"1"})").status, 200);
    EXPECT_EQ(ask("POST", "/api/hands", R"({"do":"put","bay":"1","board":"7cdfa1003f18"})").status,
              200);
    EXPECT_EQ(ask("POST", "/api/hands", R"({"do":"put","bay":"1\ntake 2"})").status, 400);
    EXPECT_EQ(ask("POST", "/api/hands", R"({"do":"burn","bay":"1"})").status, 400);
    EXPECT_EQ(lines_, (std::vector<std::string>{"put 1", "put 1 7cdfa1003f18"}));
}

TEST_F(PageServerTest, the_state_follows_the_bus) {
    bus_.publish({clock_.wall(),
                  "1",
                  {},
                  events::BayChanged{.status = events::BayStatus::off, .reason = "r"}});
    Json state;
    for (int i = 0; i < 200; ++i) {
        state = get("/api/state");
        if (!state["bays"].empty()) break;
        clock_.sleep(Milliseconds(20));
    }
    EXPECT_EQ(state["bays"][0]["status"], "off");
    EXPECT_EQ(state["login"]["role"], "engineer");
    EXPECT_EQ(state["station"]["name"], "north");
    EXPECT_THAT(get("/api/settings").dump(), HasSubstr("station.name"));
    EXPECT_THAT(state.dump(), Not(HasSubstr("password")));
}

}  // namespace
}  // namespace imprint::page
