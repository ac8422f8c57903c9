// A test's own local registry, without a broker, and a client for it.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "aws/aws_registry.h"
#include "aws/http_clients.h"
#include "aws/signature.h"
#include "aws/support.h"
#include "local_registry/service.h"
#include "registry/local_folder.h"

namespace imprint::aws::testing {

class LocalRegistryTest : public HomeTest {
  protected:
    void SetUp() override {
        local_registry::ServiceOptions options;
        options.state = state();
        options.broker = false;
        options.faults = faults();
        auto service = local_registry::Service::start(options, clock_);
        ASSERT_TRUE(service) << service.error().describe();
        service_.emplace(std::move(*service));
        auto credentials =
            read_credentials_file(registry::credentials_path(options.state), "default");
        ASSERT_TRUE(credentials);
        IotClientOptions client;
        client.endpoint_url = service_->endpoint_url();
        client.data_endpoint_url = service_->endpoint_url();
        client.region = options.region;
        client.retry_deadline = Milliseconds(10'000);
        iot_.emplace(std::shared_ptr<http::Client>(make_registry_client()), credentials->copy(),
                     client, clock_);
        registry_.emplace(IotClient(std::shared_ptr<http::Client>(make_registry_client()),
                                    std::move(*credentials), client, clock_));
    }

    // What the registry is to do wrong.
    [[nodiscard]] virtual local_registry::FaultPlan faults() const { return {}; }

    // A call that Imprint itself has no use for.
    void call(const std::string& method, const std::string& path, const std::string& body) {
        const auto credentials =
            read_credentials_file(registry::credentials_path(state()), "default");
        http::ClientRequest request{method, service_->endpoint_url() + path, {}, body};
        sign(request, *credentials, {"eu-west-1", "iot"}, clock_.wall());
        const auto response = make_registry_client()->send(request, Milliseconds(5000));
        ASSERT_TRUE(response && response->status == 200) << (response ? response->body : "");
    }

    void deprecate_thing_type(const std::string& name) {
        call("POST", "/thing-types/" + name + "/deprecate", R"({"undoDeprecate":false})");
    }

    [[nodiscard]] std::filesystem::path state() const { return home() / "state"; }

    SystemClock clock_;
    std::optional<local_registry::Service> service_;
    std::optional<IotClient> iot_;         // each operation by itself
    std::optional<AwsRegistry> registry_;  // the same, as the product has it
};

}  // namespace imprint::aws::testing
