// The control plane without a socket and without signatures: operations on a store in memory's
// folder, with a clock that the test turns.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/files.h"
#include "local_registry/api/routes.h"
#include "local_registry/operations/context.h"
#include "local_registry/store/store.h"
#include "pki/certificate.h"

namespace imprint::local_registry {

using nlohmann::json;

class TestClock final : public Clock {
  public:
    [[nodiscard]] Instant now() const override { return Instant(wall_.time_since_epoch()); }

    [[nodiscard]] WallTime wall() const override { return wall_; }

    bool sleep(Milliseconds time, const std::stop_token& /*stop*/) override {
        wall_ += time;
        return true;
    }

    void advance(Milliseconds time) { wall_ += time; }

  private:
    WallTime wall_ = std::chrono::sys_days{std::chrono::year{2026} / 7 / 14} +
                     std::chrono::hours{9} + std::chrono::milliseconds{125};
};

inline constexpr std::string_view allow_all =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*"}]})";

class RegistryTest : public testing::Test {
  protected:
    // As one request; names the operation by its method and target, as the wire does.
    Outcome<json> call(const std::string& method, const std::string& target,
                       const json& body = nullptr, const http::Fields& headers = {}) {
        const http::Request request{.method = method,
                                    .target = target,
                                    .headers = headers,
                                    .body = body.is_null() ? "" : body.dump()};
        const auto match = match_route(method, request.raw_path());
        if (!match) return refuse(404, "UnknownOperationException", target);
        IMPRINT_TRY(const auto input, Input::read(request, match->places));
        return match->route->run(context(), input);
    }

    // The same for the data plane, whose body is anything.
    Outcome<json> data_call(const std::string& method, const std::string& target,
                            const std::string& payload = {}) {
        const http::Request request{
            .method = method, .target = target, .headers = {}, .body = payload};
        const auto match = match_route(method, request.raw_path(), Plane::data);
        if (!match) return refuse(404, "UnknownOperationException", target);
        IMPRINT_TRY(const auto input, Input::read(request, match->places, match->route->body));
        return match->route->run(context(), input);
    }

    // The output of a call that must succeed.
    json ok(const std::string& method, const std::string& target, const json& body = nullptr,
            const http::Fields& headers = {}) {
        auto output = call(method, target, body, headers);
        EXPECT_TRUE(output) << method << " " << target << ": "
                            << (output ? "" : output.error().name + ": " + output.error().message);
        return output.value_or(json::object());
    }

    // The error's name of a call that must fail.
    std::string refused(const std::string& method, const std::string& target,
                        const json& body = nullptr, const http::Fields& headers = {}) {
        const auto output = call(method, target, body, headers);
        EXPECT_FALSE(output) << method << " " << target << ": " << *output;
        return output ? "" : output.error().name;
    }

    // Follows a list's tokens to its end, two items a page, and gives what the pages held.
    json all_pages(const std::string& method, const std::string& target, const std::string& list,
                   const http::Fields& headers = {}) {
        json items = json::array();
        const bool marked = target.contains("pageSize");
        std::string token;
        for (int pages = 0; pages < 50; ++pages) {
            const std::string next =
                token.empty() ? target
                              : target + (marked ? "&marker=" : "&nextToken=") + encoded(token);
            const json page = ok(method, next, nullptr, headers);
            EXPECT_LE(page.at(list).size(), 2U);
            items.insert(items.end(), page.at(list).begin(), page.at(list).end());
            const auto found = page.find(marked ? "nextMarker" : "nextToken");
            if (found == page.end()) return items;
            token = found->get<std::string>();
        }
        ADD_FAILURE() << target << " has no end";
        return items;
    }

    static std::string encoded(const std::string& text) {
        std::string result;
        for (const char c : text)
            result += std::isalnum(static_cast<unsigned char>(c)) != 0
                          ? std::string(1, c)
                          : fmt::format("%{:02X}", static_cast<unsigned char>(c));
        return result;
    }

    // An issued certificate's ARN.
    std::string certificate(bool active = false) {
        static const auto key = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
        return ok("POST", active ? "/certificates?setAsActive=true" : "/certificates",
                  {{"certificateSigningRequest", key->request("board")}})["certificateArn"];
    }

    static std::string id_of(const std::string& arn) { return arn.substr(arn.find('/') + 1); }

    static http::Fields principal(const std::string& arn) { return {{"x-amzn-principal", arn}}; }

    void policy(const std::string& name) {
        ok("POST", "/policies/" + name, {{"policyDocument", allow_all}});
    }

    // What was published since the last look.
    std::vector<Announcement> published() {
        std::vector<Announcement> all;
        publications_->hand_over([&](const Announcement& one) {
            all.push_back(one);
            return true;
        });
        return all;
    }

    Context context() {
        return {.store = *store_,
                .authority = *authority_,
                .clock = clock_,
                .region = "eu-west-1",
                .mqtt_address = "127.0.0.1:8883",
                .publications = &*publications_};
    }

    TestClock clock_;
    Result<TemporaryDirectory> folder_ = TemporaryDirectory::create();
    Result<Store> store_ = Store::open(folder_->path() / "registry.sqlite");
    Result<pki::Authority> authority_ = pki::Authority::create(
        "Test CA", pki::KeyKind::ec_p256, std::chrono::days(9000), clock_.wall());
    Result<Publications> publications_ = Publications::make();
};

}  // namespace imprint::local_registry
