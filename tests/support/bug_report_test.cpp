// A report of a station whose every place has a secret in it holds none of them.
#include "support/bug_report.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/files.h"
#include "base/text.h"
#include "ledger/sqlite_ledger.h"
#include "ledger/sqlite_state.h"
#include "pki/key.h"

namespace imprint::support {
namespace {

using station::doctor::Answer;
using ::testing::HasSubstr;
using ::testing::Not;

std::string hex_of(std::string_view bytes) {
    std::string hex;
    for (const char c : bytes)
        hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return hex;
}

std::string decoded(std::string_view base64) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    unsigned bits = 0;
    int count = 0;
    for (const char c : base64) {
        const auto digit = digits.find(c);
        if (digit == std::string_view::npos) continue;
        bits = bits << 6 | static_cast<unsigned>(digit);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes += static_cast<char>(bits >> count & 0xFF);
    }
    return bytes;
}

class BugReport : public ::testing::Test {
  protected:
    BugReport() {
        machine_.root = folder_.path();
        machine_.user_name = "ada";
        machine_.may_open = [](const auto&) { return true; };
        machine_.ask = [this](const std::vector<std::string>& arguments) {
            return arguments.front() == "journalctl"
                       ? Answer{Answer::End::exited, journal_.empty() ? 1 : 0, journal_}
                       : Answer();
        };
        config_.settings.ledger.path = folder_.path() / "ledger.sqlite";
    }

    void put(const std::filesystem::path& path, std::string_view text) {
        std::filesystem::create_directories((folder_.path() / path).parent_path());
        ASSERT_TRUE(write_file(folder_.path() / path, text, FileMode::secret, Durability::cached));
    }

    // One run with an attempt on a board, which failed with this message.
    void fill_ledger(const std::string& message) {
        const auto ledger = ledger::open_ledger(config_.settings.ledger.path, clock_);
        ASSERT_TRUE(ledger);
        ledger::RunFacts facts;
        facts.version = "1";
        facts.lot = "order-17";
        facts.station = "bench-a";
        facts.operator_name = "grace";
        const auto run = (*ledger)->begin_run(facts);
        ASSERT_TRUE(run);
        const auto attempt = (*ledger)->begin_attempt(*run, "1");
        ASSERT_TRUE(attempt);
        ASSERT_TRUE((*ledger)->identified(*attempt, *parse_mac("246f28a1b2c3"), "esp32",
                                          "lamp-246f28a1b2c3"));
        ASSERT_TRUE((*ledger)->intend({*run, *attempt}, "create_thing", {"lamp-246f28a1b2c3"}));
        ASSERT_TRUE(
            (*ledger)->end_attempt(*attempt, ledger::Outcome::failed, "board_lost", message));
    }

    [[nodiscard]] std::vector<PackedFile> report(bool redact = false) {
        return make_report({config_, checks_, machine_, variables_, clock_},
                           {.runs = 20, .redact = redact});
    }

    static std::string text_of(const std::vector<PackedFile>& files, std::string_view name) {
        const auto file = std::ranges::find(files, name, &PackedFile::name);
        return file == files.end() ? "" : file->text;
    }

    static std::string whole(const std::vector<PackedFile>& files) {
        std::string all;
        for (const auto& file : files)
            all += file.name + "\n" + file.text + "\n";
        return all;
    }

    TemporaryDirectory folder_ = TemporaryDirectory::create().value();
    SystemClock clock_;
    station::doctor::Machine machine_;
    config::Config config_;
    std::vector<station::Check> checks_;
    std::vector<std::string> variables_;
    std::string journal_;
};

TEST_F(BugReport, it_has_a_list_of_what_is_in_it_and_what_is_not) {
    const auto files = report();
    ASSERT_FALSE(files.empty());
    EXPECT_EQ(files.front().name, "contents.txt");
    for (const auto& file : files) {
        if (file.name != "contents.txt") {
            EXPECT_THAT(files.front().text, HasSubstr(file.name + " "));
        }
        EXPECT_FALSE(file.meaning.empty());
    }
    EXPECT_THAT(files.front().text, HasSubstr("not in it: the ledger: there is none"));
    EXPECT_THAT(files.front().text, HasSubstr("not in it: the service's journal"));
    EXPECT_THAT(files.front().text, HasSubstr("Look at it before you send it"));
}

TEST_F(BugReport, it_tells_of_program_settings_checks_and_variables) {
    config_.values = {{"station.baud", "115200", "imprint.toml line 3"}};
    checks_ = {{.name = "port",
                .health = station::Health::failure,
                .found = "busy",
                .hint = "end it",
                .code = "port_busy",
                .kind = ErrorKind::board}};
    variables_ = {"AWS_PROFILE=line", "PATH=/bin", "IMPRINT_STATION_BAUD=1"};
    put("etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\n");
    journal_ = "2026-11-30 imprint: hello\n";
    const auto files = report();
    const auto json = [&](const char* name) {
        return nlohmann::ordered_json::parse(text_of(files, name));
    };
    EXPECT_FALSE(json("program.json")["version"].get<std::string>().empty());
    EXPECT_FALSE(json("program.json")["libraries"].empty());
    EXPECT_EQ(json("configuration.json")[0]["value"], "115200");
    EXPECT_EQ(json("doctor.json")[0]["code"], "port_busy");
    EXPECT_EQ(json("environment.json").dump(), R"(["AWS_PROFILE","IMPRINT_STATION_BAUD"])");
    EXPECT_EQ(json("system.json")["system"]["id"], "debian");
    EXPECT_EQ(text_of(files, "journal.txt"), journal_);
}

TEST_F(BugReport, it_has_the_ledgers_last_runs_with_errors_and_effects) {
    fill_ledger("it does not answer any more");
    const auto files = report();
    const auto runs = nlohmann::ordered_json::parse(text_of(files, "runs.json"));
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(runs[0]["attempts"][0]["code"], "board_lost");
    EXPECT_EQ(runs[0]["attempts"][0]["mac"], "246f28a1b2c3");
    EXPECT_EQ(runs[0]["effects"][0]["kind"], "create_thing");
    const auto state = nlohmann::ordered_json::parse(text_of(files, "ledger.json"));
    EXPECT_EQ(state["rows"]["attempts"], 1);
    EXPECT_EQ(state["damage"], "");
}

TEST_F(BugReport, it_leaves_nothing_beside_the_ledger) {
    fill_ledger("silent");
    ASSERT_TRUE(ledger::lies_alone(config_.settings.ledger.path));
    EXPECT_NE(text_of(report(), "runs.json"), "");
    EXPECT_TRUE(ledger::lies_alone(config_.settings.ledger.path));
}

TEST_F(BugReport, a_ledger_that_does_not_open_is_told_and_hinders_nothing) {
    put("ledger.sqlite", "this is a text and no database, however long it may be in the end");
    const auto files = report();
    EXPECT_THAT(text_of(files, "ledger.json"), HasSubstr("\"code\""));
    EXPECT_THAT(text_of(files, "contents.txt"), HasSubstr("not in it: the ledger's runs"));
    EXPECT_NE(text_of(files, "doctor.json"), "");
}

TEST_F(BugReport, redacted_it_names_no_board_thing_person_or_place) {
    fill_ledger("24:6F:28:A1:B2:C3 at bench-a is silent");
    config_.settings.station.name = "bench-a";
    config_.values = {{"station.operator", "\"grace\"", "default"}};
    checks_ = {{.name = "port", .found = "/dev/serial/by-id/usb-Espressif_24:6F:28:A1:B2:C3-if00"}};
    const std::string open = whole(report());
    const std::string redacted = whole(report(true));
    for (const char* name :
         {"246f28a1b2c3", "24:6F:28:A1:B2:C3", "lamp-", "order-17", "bench-a", "grace"}) {
        EXPECT_THAT(open, HasSubstr(name));
        EXPECT_THAT(redacted, Not(HasSubstr(name)));
    }
    EXPECT_THAT(redacted, HasSubstr("mac-1 at station-1 is silent"));
    EXPECT_THAT(redacted, HasSubstr("\"operator\": \"operator-1\""));
}

TEST_F(BugReport, redacted_it_names_no_other_computer) {
    config_.values = {
        {"station.ports", R"(["rfc2217://bench-pi.example:4000", "socket://10.1.2.3:5000"])",
         "default"},
        {"firmware.repository", "\"ssh://git@git.example:22/lamp.git\"", "default"},
        {"registry.endpoint_url", "\"https://iot.eu-central-1.amazonaws.com\"", "default"}};
    journal_ = "imprint: bench-pi.example refused, 10.1.2.3 too, git.example; 127.0.0.1:8443\n";
    const auto files = report(true);
    EXPECT_EQ(text_of(files, "journal.txt"),
              "imprint: host-1 refused, ip-1 too, host-2; 127.0.0.1:8443\n");
    const auto settings = nlohmann::ordered_json::parse(text_of(files, "configuration.json"));
    EXPECT_EQ(settings[0]["value"], R"(["rfc2217://host-1:4000", "socket://ip-1:5000"])");
    EXPECT_THAT(settings[1]["value"].get<std::string>(), HasSubstr("host-2:22/lamp.git"));
    EXPECT_EQ(settings[2]["value"], "\"https://iot.eu-central-1.amazonaws.com\"");
}

TEST_F(BugReport, redacted_it_names_no_older_run_no_user_of_the_page_and_no_endpoint) {
    fill_ledger("silent");
    {
        const auto ledger = ledger::open_ledger(config_.settings.ledger.path, clock_);
        ASSERT_TRUE(ledger);
        ledger::RunFacts facts;
        facts.version = "1";
        facts.lot = "order-18";
        ASSERT_TRUE((*ledger)->begin_run(facts));
    }
    put("users", "# name role hash\nhopper engineer x\n");
    config_.settings.page.users = folder_.path() / "users";
    config_.settings.registry.data_endpoint = "a1-ats.iot.example.com:8883";
    config_.values = {
        {"station.bays", "{1 = \"/dev/serial/by-id/usb-Maker_UART_0a1b2c-if00\"}", "default"}};
    journal_ = "imprint: order-17 of grace, order-18, hopper, A1-ats.iot.example.com:8883\n";
    const auto files =
        make_report({config_, checks_, machine_, variables_, clock_}, {.runs = 1, .redact = true});
    EXPECT_THAT(whole(files), Not(HasSubstr("0a1b2c")));
    for (const char* name : {"order-17", "order-18", "grace", "hopper", "iot.example.com"})
        EXPECT_THAT(text_of(files, "journal.txt"), Not(HasSubstr(name)));
}

TEST_F(BugReport, a_key_in_hex_stays_nowhere_once_a_setting_has_it) {
    const std::string key(64, 'e');
    const std::string digest(64, 'd');
    config_.values = {{"credentials.values", "{token = \"" + key + "\"}", "default"}};
    journal_ = "imprint: " + key + " is no file; firmware " + digest + "\n";
    const auto files = report();
    EXPECT_THAT(whole(files), Not(HasSubstr(key)));
    EXPECT_EQ(text_of(files, "journal.txt"),
              "imprint: [removed] is no file; firmware " + digest + "\n");
}

TEST_F(BugReport, a_pin_of_a_variable_stays_nowhere_and_another_short_number_does) {
    variables_ = {"IMPRINT_TOKEN_PIN=471199", "MY_TOKENS=4712", "PWD=/home/ada/lamp"};
    journal_ = "imprint: 471199 is wrong, 4712 is not, in /home/ada/lamp\n";
    EXPECT_EQ(text_of(report(), "journal.txt"),
              "imprint: [removed] is wrong, 4712 is not, in /home/ada/lamp\n");
}

TEST_F(BugReport, a_faulty_configuration_is_told_and_hinders_nothing) {
    const auto files = make_report({config_, checks_, machine_, variables_, clock_,
                                    "imprint.toml line 3: password = canary-1"},
                                   {});
    EXPECT_THAT(text_of(files, "contents.txt"),
                HasSubstr("not in it: the configuration, in whose place the defaults are: "
                          "imprint.toml line 3: password = [removed]"));
    EXPECT_THAT(text_of(files, "contents.txt"), Not(HasSubstr("canary")));
}

TEST_F(BugReport, it_takes_the_place_of_nothing_but_a_report) {
    const auto code = [&](const char* name) {
        const auto sound = check_target(folder_.path() / name);
        return sound ? "" : std::string(sound.error().code);
    };
    EXPECT_EQ(code("new.tar.gz"), "");
    put("report.tar.gz", pack("a", {}, clock_.wall()));
    EXPECT_EQ(code("report.tar.gz"), "");
    put("empty", "");
    EXPECT_EQ(code("empty"), "");
    put("imprint.toml", "[station]\n");
    EXPECT_EQ(code("imprint.toml"), "bad_usage");
    std::filesystem::create_directory(folder_.path() / "folder");
    EXPECT_EQ(code("folder"), "bad_usage");
    ASSERT_EQ(::mkfifo((folder_.path() / "pipe").c_str(), 0600), 0);
    std::filesystem::create_symlink("pipe", folder_.path() / "link");
    for (const char* name : {"pipe", "link"})
        EXPECT_EQ(code(name), "bad_usage");
    EXPECT_EQ(check_target(folder_.path() / "pipe").error().kind, ErrorKind::usage);
}

// Each secret is somewhere that the report reads, or in a place beside it.
class Canaries : public BugReport {
  protected:
    void SetUp() override {
        const auto key = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
        ASSERT_TRUE(key);
        pem_ = key->to_pem().reveal_text();
        fill_ledger("openssl says: " + pem_ + " and AWS " + aws_secret_);
        for (const char* place : {"archive/246f28a1b2c3/private.pem.key", "registry/ca/ca.key.pem",
                                  "private.pem.key", "minted/key.pem", "page.key", "ca.key"})
            put(place, pem_);
        put(".aws/credentials",
            "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n"
            "aws_secret_access_key = " +
                aws_secret_ + "\naws_session_token = " + token_ + "\n");
        config_.settings.credentials.archive = folder_.path() / "archive";
        config_.settings.registry.state = folder_.path() / "registry";
        config_.settings.identity.ca.key = folder_.path() / "ca.key";
        config_.settings.page.key = folder_.path() / "page.key";
        config_.values = {
            {"firmware.build", "\"AWS_SECRET_ACCESS_KEY=" + aws_secret_ + " make\"", "default"},
            {"credentials.values", "{wifi = \"" + password_ + "\"}", "default"},
            {"identity.ca.key", "\"" + replace_all(pem_, "\n", "\\n") + "\"", "default"},
            {"registry.endpoint_url", "\"https://ada:" + password_ + "@example.com\"", "default"}};
        variables_ = {"HOME=" + folder_.path().string(), "AWS_SECRET_ACCESS_KEY=" + aws_secret_,
                      "AWS_SESSION_TOKEN=" + token_, "IMPRINT_WIFI_PASSWORD=" + password_};
        checks_ = {{.name = "credentials",
                    .found = "it said " + hex_of(aws_secret_),
                    .facts = {{"path", token_}, {"key", key_lines().front()}}}};
        journal_ = "imprint: " + pem_ + "\nimprint: " + password_ + " " + hex_of(password_) +
                   "\nimprint: Authorization: AWS4 " + aws_secret_ + "\n";
    }

    // What the files hold between their frames.
    [[nodiscard]] std::vector<std::string> key_lines() const {
        std::vector<std::string> lines;
        std::istringstream all(pem_);
        for (std::string line; std::getline(all, line);)
            if (!line.empty() && !line.starts_with('-')) lines.push_back(line);
        return lines;
    }

    // In each form in which it could be found again.
    [[nodiscard]] std::vector<std::string> traces() const {
        std::vector<std::string> all = key_lines();
        std::string body;
        for (const auto& line : all)
            body += line;
        // PKCS #8 and SEC1 have an EC key's number in the first 68 bytes, the public half behind.
        const std::string number = decoded(body).substr(36, 32);
        all.push_back(number);
        all.push_back(hex_of(number));
        for (const auto& secret : {aws_secret_, token_, password_}) {
            all.push_back(secret);
            all.push_back(hex_of(secret));
            all.push_back(secret.substr(secret.size() / 2));
        }
        return all;
    }

    std::string pem_;
    const std::string aws_secret_ = "k7Qm2/Zr8vT+1xLp9sWd4yHb6nJc3gFa5uEo0iRq";
    const std::string token_ =
        "FwoGZXIvYXdzEPx//canary/Token/0123456789ABCDEFGHIJKLMNOPqrstuvwxyz==";
    const std::string password_ = "canary-Pass-phrase-77";
};

TEST_F(Canaries, no_secret_is_in_a_report_in_any_form) {
    for (const bool redact : {false, true}) {
        const auto files = report(redact);
        ASSERT_GE(files.size(), 9U);
        for (const auto& file : files)
            for (const auto& trace : traces())
                EXPECT_THAT(file.text, Not(HasSubstr(trace))) << file.name;
        // They were there to be found.
        for (const char* name : {"configuration.json", "doctor.json", "runs.json", "journal.txt"})
            EXPECT_THAT(text_of(files, name), HasSubstr("[removed]"));
    }
}

// Its names may be anything: "psk", "line 7".
TEST_F(BugReport, no_text_of_credentials_values_is_packed) {
    const auto file = folder_.path() / "imprint.toml";
    put("imprint.toml",
        "[credentials.values]\n\"wifi/psk\" = \"canary-1\"\nnote = \"canary\"\n"
        "place = \"eu-central-1\"\n[registry]\nregion = \"eu-central-1\"\n");
    auto config = config::load_config({.file = file, .variable = {}, .flags = {}});
    ASSERT_TRUE(config) << config.error().describe();
    config_.values = config->values;
    config_.settings.credentials = config->settings.credentials;
    journal_ = "imprint: joined with canary-1 in eu-central-1\n";
    for (const bool redact : {false, true}) {
        const auto files = report(redact);
        EXPECT_THAT(whole(files), Not(HasSubstr("canary")));
        EXPECT_THAT(text_of(files, "configuration.json"),
                    AllOf(HasSubstr("wifi/psk"), HasSubstr("eu-central-1")));
        EXPECT_EQ(text_of(files, "journal.txt"),
                  "imprint: joined with [removed] in eu-central-1\n");
    }
}

TEST_F(Canaries, a_certificate_is_no_part_of_a_report) {
    EXPECT_THAT(whole(report()), Not(HasSubstr("-----BEGIN")));
}

TEST(ReportName, it_has_the_time_in_a_form_that_every_system_takes) {
    EXPECT_EQ(report_name(parse_iso8601("2026-11-30T16:15:00.5Z").value()),
              "imprint-report-20261130T161500Z");
}

}  // namespace
}  // namespace imprint::support
