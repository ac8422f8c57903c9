// Credentials for a run that may last longer than they do: requested at each signing, renewed in
// time.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "aws/credentials.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "http/client.h"

namespace imprint::aws {

// What the providers need that have to ask another service.
struct CredentialServices {
    std::shared_ptr<http::Client> cloud;    // STS and IAM Identity Center
    std::shared_ptr<http::Client> machine;  // a container's and an instance's own endpoint
    std::shared_ptr<Clock> clock;
    Milliseconds process_deadline{60'000};  // for one run of a credential_process
    Log log;
    std::stop_token stop = {};  // for requests made without these two clients
};

// Uses the network, with the CA bundle of the profile. Error: credentials_file_damaged.
[[nodiscard]] Result<CredentialServices> network_services(const CredentialEnvironment& environment,
                                                          const std::string& profile, Log log = {},
                                                          const std::stop_token& stop = {});

// A value that is cheap to copy; its copies share their state, and may be used from many threads.
// Returned credentials do not change as long as the caller holds them.
class CredentialSource {
  public:
    using Fetch = std::function<Result<Credentials>()>;
    using Current = std::shared_ptr<const Credentials>;

    // Fixed credentials, never renewed.
    CredentialSource(Credentials fixed);  // NOLINT(google-explicit-constructor)
    // fetch is called by one thread at a time, five minutes before the credentials expire and from
    // then on at most once a minute; while they are still valid, a failure is only logged.
    CredentialSource(Credentials first, Fetch fetch, std::shared_ptr<Clock> clock, Log log = {});

    // Errors (registry): credentials_expired, or why no others could be fetched.
    [[nodiscard]] Result<Current> get() const;

    // For credentials that the service rejects as expired, whatever their own date. Fetches others,
    // unless another thread has done so since; returns the same if there are no others.
    [[nodiscard]] Result<Current> renew(const Current& refused) const;

  private:
    class State;
    std::shared_ptr<State> state_;
};

// profile empty: the environment, then the profile of AWS_PROFILE or "default"; a profile that is
// given by name overrides the environment. May ask STS, IAM Identity Center, a container's endpoint
// and the instance metadata service, and run a credential_process. Searches now, and again whenever
// they must be renewed; credentials from another source than the first are not accepted during a
// run. region: for STS; empty: the environment's or the profile's.
//
// Errors (kind registry): no_credentials (with the places searched, or the missing half of a key),
// profile_missing, profile_invalid (its configuration cannot work), sso_login_needed,
// credentials_unsupported (an MFA code, which nobody is there to type), credential_process_failed,
// credentials_answer_damaged, container_credentials_refused, metadata_url,
// credentials_file_damaged (file and line), a service's own error name, and those of
// http::Client::send.
[[nodiscard]] Result<CredentialSource> find_credential_source(
    const CredentialEnvironment& environment, const std::string& profile, const std::string& region,
    const CredentialServices& services);

}  // namespace imprint::aws
