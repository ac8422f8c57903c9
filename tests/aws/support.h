// A clock that jumps, an environment made up by the test, and a client on a scripted server.
#pragma once

#include <chrono>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "aws/credentials.h"
#include "aws/iot_client.h"
#include "aws/providers/search.h"
#include "base/clock.h"
#include "base/files.h"
#include "http/scripted_server.h"

namespace imprint::aws::testing {

using http::testing::ReplyDelivery;
using http::testing::ScriptedReply;
using http::testing::ScriptedServer;
using http::testing::SeenRequest;

// Sleeping takes no time and is written down.
class JumpingClock final : public Clock {
  public:
    [[nodiscard]] Instant now() const override { return now_; }

    [[nodiscard]] WallTime wall() const override {
        return std::chrono::sys_days(std::chrono::year(2026) / 7 / 14) + passed_;
    }

    // What sleeping does not do here: the time of day goes on as well.
    void pass(Milliseconds time) {
        now_ += time;
        passed_ += time;
    }

    bool sleep(Milliseconds time, const std::stop_token& stop = {}) override {
        now_ += time;
        slept.push_back(time);
        if (on_sleep) on_sleep();
        return !stop.stop_requested();
    }

    std::vector<Milliseconds> slept;
    std::function<void()> on_sleep;

  private:
    Instant now_ = Instant() + std::chrono::hours(1);
    Milliseconds passed_{0};
};

class HomeTest : public ::testing::Test {
  protected:
    // As for a run, but once, and whether or not they have expired.
    static Result<Credentials> search(const CredentialEnvironment& environment,
                                      const std::string& profile) {
        IMPRINT_TRY(const CredentialServices services, network_services(environment, profile));
        return search_credentials(environment, profile, {}, services);
    }

    void write(const std::string& name, const std::string& text) {
        std::filesystem::create_directories((home() / name).parent_path());
        ASSERT_TRUE(write_file(home() / name, as_bytes(text)));
    }

    [[nodiscard]] std::filesystem::path home() const { return folder_.path(); }

    [[nodiscard]] CredentialEnvironment environment() {
        return {[this](const std::string& name) -> std::optional<std::string> {
                    const auto found = variables.find(name);
                    // No test asks another machine by accident.
                    if (found == variables.end() && name == "AWS_EC2_METADATA_DISABLED")
                        return "true";
                    if (found == variables.end()) return std::nullopt;
                    return found->second;
                },
                home()};
    }

    std::map<std::string, std::string> variables;

  private:
    TemporaryDirectory folder_ = TemporaryDirectory::create("imprint-registry").value();
};

inline Credentials some_credentials() {
    Credentials credentials;
    credentials.access_key_id = "AKIDEXAMPLE";
    credentials.secret_access_key =
        Secret(std::string_view("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"));
    credentials.source = "a test";
    return credentials;
}

}  // namespace imprint::aws::testing
