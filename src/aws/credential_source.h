// Credentials for a run that may outlive them: asked for at each signing, renewed in time.
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

// What the ways to credentials that ask somebody need.
struct CredentialServices {
    std::shared_ptr<http::Client> cloud;    // STS and IAM Identity Center
    std::shared_ptr<http::Client> machine;  // a container's and an instance's own endpoint
    std::shared_ptr<Clock> clock;
    Milliseconds process_deadline{60'000};  // for one run of a credential_process
    Log log;
    std::stop_token stop = {};  // of what is asked for here by other means than the two clients
};

// Over the network, trusting whom the profile trusts. Error: credentials_file_damaged.
[[nodiscard]] Result<CredentialServices> network_services(const CredentialEnvironment& environment,
                                                          const std::string& profile, Log log = {},
                                                          const std::stop_token& stop = {});

// A value that is cheap to copy; its copies share what they know, and may be used from many
// threads. What it hands out stays as it is for as long as the caller holds it.
class CredentialSource {
  public:
    using Fetch = std::function<Result<Credentials>()>;
    using Current = std::shared_ptr<const Credentials>;

    // The same ones for ever.
    CredentialSource(Credentials fixed);  // NOLINT(google-explicit-constructor)
    // fetch is called by one thread at a time, five minutes before they expire and from then on at
    // most once a minute; while they are still good, a failure is only logged.
    CredentialSource(Credentials first, Fetch fetch, std::shared_ptr<Clock> clock, Log log = {});

    // Errors (registry): credentials_expired, or why no others could be had.
    [[nodiscard]] Result<Current> get() const;

    // The service says that these have expired, whatever they say themselves. Fetches others,
    // unless another thread has done so since; gives the same back where there are no others.
    [[nodiscard]] Result<Current> renew(const Current& refused) const;

  private:
    class State;
    std::shared_ptr<State> state_;
};

// profile empty: the environment, then the profile of AWS_PROFILE or "default"; a profile that is
// asked for by name wins over the environment. May ask STS, IAM Identity Center, a container's
// endpoint and the instance metadata service, and run a credential_process. Errors (kind registry):
// no_credentials (with where it looked, or which half of a key is missing), profile_missing,
// profile_invalid (what is set up cannot work), sso_login_needed, credentials_unsupported (an MFA
// code, which nobody is there to type), credential_process_failed, credentials_answer_damaged,
// container_credentials_refused, metadata_url, credentials_file_damaged (file and line), a
// service's own error name, and those of http::Client::send.
//
// Searches at once, and again whenever they are to be renewed; others than those of the first
// source found are not taken in the middle of a run. region: for STS; empty: the environment's or
// the profile's.
[[nodiscard]] Result<CredentialSource> find_credential_source(
    const CredentialEnvironment& environment, const std::string& profile, const std::string& region,
    const CredentialServices& services);

}  // namespace imprint::aws
