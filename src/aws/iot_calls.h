// One signed call with its retries, for this layer's own sources: requests and answers as JSON.
#pragma once

#include <atomic>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "aws/iot_client.h"
#include "aws/pace.h"
#include "aws/retry.h"

namespace imprint::aws {

struct Call {
    std::string_view operation;  // the service model's name, for errors
    std::string subject;         // what it is about: a thing, a certificate, a policy
    std::string_view method;
    std::string path;  // already encoded
    std::vector<std::pair<std::string, std::string>> query = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
    nlohmann::json body = {};  // null: none
    // False: never sent again once it may have been carried out.
    bool repeatable = true;
    // Where the member "PrivateKey" of the answer goes; it is in nothing else then.
    Secret* private_key = nullptr;
    // An error of this name means "done" when an earlier attempt may have been carried out.
    std::string_view done_before = {};
};

class IotClient::Calls {
  public:
    Calls(std::shared_ptr<http::Client> http, CredentialSource credentials,
          IotClientOptions options, Clock& clock, Log log);

    // The answer's body as an object; an empty body is an empty object.
    [[nodiscard]] Result<nlohmann::json> run(const Call& call);

    [[nodiscard]] Clock& clock() const { return clock_; }

    [[nodiscard]] Milliseconds retry_deadline() const { return options_.retry_deadline; }

    [[nodiscard]] const std::stop_token& stop() const { return options_.stop; }

    [[nodiscard]] WallTime service_time() const { return clock_.wall() + ahead_.load(); }

  private:
    struct Attempt {
        Result<nlohmann::json> result;
        int status = 0;
        std::optional<Milliseconds> retry_after;
        CredentialSource::Current signer;  // null: there were no credentials, so nothing was sent
    };

    [[nodiscard]] Attempt once(const Call& call);
    // After a stop, what takes back what was begun has ten seconds in all: nobody waits longer, and
    // what a command would go on with is not for ever. Error: interrupted.
    [[nodiscard]] Result<void> still_welcome(const Call& call);
    // Waits, unless a stop is asked for. Error: interrupted.
    [[nodiscard]] Result<void> pause(const Call& call, Milliseconds time);
    [[nodiscard]] Milliseconds pause_after(const Attempt& tried, Trouble trouble, unsigned attempt);
    [[nodiscard]] std::unexpected<Error> refused(const Call& call, const Credentials& credentials,
                                                 const http::ClientResponse& response) const;

    std::shared_ptr<http::Client> http_;
    CredentialSource credentials_;
    IotClientOptions options_;
    std::string endpoint_;
    Clock& clock_;
    Log log_;
    Backoff backoff_;
    Pace pace_;
    std::mutex mutex_;
    std::optional<Instant> first_after_stop_;  // under mutex_
    RetryQuota retry_quota_;
    std::atomic<Milliseconds> ahead_{Milliseconds(0)};  // the service's clock, of this machine's
};

}  // namespace imprint::aws
