// One signed call with its retries, for this layer's own sources. Requests and answers are JSON.
#pragma once

#include <atomic>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "aws/iot_client.h"
#include "aws/pace.h"
#include "aws/retry.h"
#include "base/mutex.h"

namespace imprint::aws {

struct Call {
    std::string_view operation;  // the service model's name, for errors
    std::string subject;         // its object: a thing, a certificate, a policy
    std::string_view method;
    std::string path;  // already percent-encoded
    std::vector<std::pair<std::string, std::string>> query = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
    nlohmann::json body = {};  // null: none
    // False: never sent again once it may have been executed.
    bool repeatable = true;
    // Of the data plane, which has a host of its own and is another service to a signature.
    bool data_plane = false;
    // Receives the member "PrivateKey" of the answer, which is then stored nowhere else.
    Secret* private_key = nullptr;
    // An error of this name means "done" if an earlier attempt may have been executed.
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

    [[nodiscard]] const std::string& region() const { return options_.region; }

    [[nodiscard]] WallTime service_time() const { return clock_.wall() + ahead_.load(); }

  private:
    struct Attempt {
        Result<nlohmann::json> result;
        int status = 0;
        std::optional<Milliseconds> retry_after;
        CredentialSource::Current signer;  // null: there were no credentials, so nothing was sent
    };

    [[nodiscard]] Attempt once(const Call& call);
    // After a stop, the calls of the rollback have ten seconds in all, so that nobody waits longer
    // and a command that merely continues ends too. Error: interrupted.
    [[nodiscard]] Result<void> still_welcome(const Call& call);
    // Waits, unless a stop is requested. Error: interrupted.
    [[nodiscard]] Result<void> pause(const Call& call, Milliseconds time);
    [[nodiscard]] Milliseconds pause_after(const Attempt& tried, Trouble trouble, unsigned attempt);
    [[nodiscard]] std::unexpected<Error> refused(const Call& call, const Credentials& credentials,
                                                 const http::ClientResponse& response) const;

    [[nodiscard]] const std::string& endpoint_of(const Call& call) const {
        return call.data_plane ? data_endpoint_ : endpoint_;
    }

    std::shared_ptr<http::Client> http_;
    CredentialSource credentials_;
    IotClientOptions options_;
    std::string endpoint_;
    std::string data_endpoint_;
    Clock& clock_;
    Log log_;
    Backoff backoff_;
    Pace pace_;
    Mutex mutex_;
    std::optional<Instant> first_after_stop_ IMPRINT_GUARDED_BY(mutex_);
    RetryQuota retry_quota_;
    std::atomic<Milliseconds> ahead_{Milliseconds(0)};  // the service's clock minus this machine's
};

}  // namespace imprint::aws
