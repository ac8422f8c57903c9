// Requests as a client with credentials sends them.
#pragma once

#include "aws/signature.h"
#include "local_registry/api/api.h"
#include "local_registry/registry_fixture.h"
#include "local_registry/store/access_keys.h"

namespace imprint::local_registry {

class SignedTest : public RegistryTest {
  protected:
    void SetUp() override {
        key_ = make_access_key();
        keep(key_);
    }

    void keep(const AccessKey& key) {
        const auto kept = store_->write(
            [&](sqlite::Database& database) { return insert_access_key(database, key); });
        ASSERT_TRUE(kept) << kept.error().describe();
    }

    struct Signing {
        std::string id;
        std::string secret;
        std::string token{};
        std::string region = "eu-west-1";
        std::string service = "iot";
        Milliseconds clock_error{0};
    };

    Signing right() { return {.id = key_.id, .secret = std::string(key_.secret.reveal_text())}; }

    // What a client with these credentials sends.
    http::Request signed_request(const Signing& signing, const std::string& method = "GET",
                                 const std::string& target = "/things",
                                 const std::string& body = "", const http::Fields& headers = {}) {
        http::ClientRequest native{.method = method,
                                   .url = "http://" + std::string(host) + target,
                                   .headers = {{"content-type", "application/json"}},
                                   .body = body};
        native.headers.insert(native.headers.end(), headers.begin(), headers.end());
        aws::sign(native,
                  {.access_key_id = signing.id,
                   .secret_access_key = Secret(signing.secret),
                   .session_token = Secret(signing.token),
                   .expires = {},
                   .source = "test"},
                  {.region = signing.region, .service = signing.service},
                  clock_.wall() + signing.clock_error);
        http::Request request{
            .method = method, .target = target, .headers = {{"host", host}}, .body = body};
        for (auto& header : native.headers)
            request.headers.push_back(header);
        return request;
    }

    static http::Request bare(const std::string& method, const std::string& target) {
        return {.method = method, .target = target, .headers = {{"host", host}}, .body = {}};
    }

    // The whole control plane, apart from its socket.
    http::Response answer(const http::Request& request) {
        const Api api(context(), "the CA's PEM\n", [] { return true; }, {});
        return api.handle(request);
    }

    static std::string header(const http::Response& response, const std::string& name) {
        return http::find_field(response.headers, name).value_or("");
    }

    static constexpr const char* host = "127.0.0.1:4000";
    AccessKey key_;
};

}  // namespace imprint::local_registry
