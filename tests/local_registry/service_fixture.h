// A running service in a folder of its own, for tests with real clients.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <string>
#include <thread>
#include <utility>

#include "aws/credentials.h"
#include "aws/http_clients.h"
#include "aws/iot_client.h"
#include "base/clock.h"
#include "base/files.h"
#include "local_registry/service.h"
#include "registry/local_folder.h"

namespace imprint::local_registry {

class ServiceFixture : public testing::Test {
  protected:
    explicit ServiceFixture(std::string region = "eu-west-1") : region_(std::move(region)) {}

    ServiceOptions options(bool broker) {
        ServiceOptions options;
        options.region = region_;
        options.state = state();
        options.broker = broker;
        options.plugin = IMPRINT_MOSQUITTO_PLUGIN;
        return options;
    }

    Result<Service> start(bool broker = false) { return Service::start(options(broker), clock_); }

    std::filesystem::path state() { return folder_->path() / "state"; }

    aws::IotClient client(const Service& service) {
        auto credentials =
            aws::read_credentials_file(registry::credentials_path(state()), "default");
        EXPECT_TRUE(credentials) << credentials.error().describe();
        aws::IotClientOptions client_options;
        client_options.endpoint_url = service.endpoint_url();
        client_options.data_endpoint_url = service.endpoint_url();
        client_options.region = region_;
        return {std::shared_ptr<http::Client>(aws::make_registry_client()), std::move(*credentials),
                client_options, clock_};
    }

    // Waits for what must become true; fifteen seconds bound it.
    template <typename Condition>
    static bool eventually(const Condition& condition) {
        for (int i = 0; i < 1500; ++i) {
            if (condition()) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return false;
    }

    std::string broker_log() { return read_text(registry::broker_log_path(state())).value_or(""); }

    std::string region_;
    SystemClock clock_;
    Result<TemporaryDirectory> folder_ = TemporaryDirectory::create();
};

}  // namespace imprint::local_registry
