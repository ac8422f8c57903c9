// What hands out credentials, played on loopback: STS, IAM Identity Center and its OIDC side, the
// endpoint of a container, the metadata service of an instance.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "aws/credential_source.h"
#include "aws/support.h"

namespace imprint::aws::testing {

// The access key ids that they give say who asked for what: "AK-<role>-by-<signer's id>",
// "AK-<role>-by-web-identity", "AK-<role>-in-<account>", "AK-container", "AK-instance". Secrets and
// session tokens hold "canary".
class PlayedServices {
  public:
    PlayedServices();

    [[nodiscard]] std::string url() const { return server_->url(); }

    [[nodiscard]] std::vector<SeenRequest> seen() const { return server_->seen(); }

    // What is asked for next is answered so, as long as the reply's turn lasts.
    void answer_next(ScriptedReply reply, int times = 1);

    std::string expires = "2099-01-01T00:00:00Z";  // set before anything is asked

  private:
    [[nodiscard]] ScriptedReply reply_to(const SeenRequest& request);

    std::mutex mutex_;
    ScriptedReply next_;
    int next_times_ = 0;
    std::unique_ptr<ScriptedServer> server_;
};

// Credentials that are found with these services, nothing but loopback asked.
class ProvidersTest : public HomeTest {
  protected:
    ProvidersTest();

    [[nodiscard]] CredentialServices services();
    [[nodiscard]] Result<Credentials> find(const std::string& profile = "");
    // The access key id, or the error's code.
    [[nodiscard]] std::string found(const std::string& profile = "");
    // Never with a secret in it.
    [[nodiscard]] Error refused(const std::string& profile = "");
    // A token of `aws sso login`. name: of the session, or the start URL.
    void sign_in(const std::string& name, const std::string& expires, const std::string& more = "");
    [[nodiscard]] std::filesystem::path sign_in_path(const std::string& name) const;

    [[nodiscard]] static std::string keys(const std::string& id) {
        return "aws_access_key_id = " + id + "\naws_secret_access_key = canary-secret\n";
    }

    PlayedServices played_;
    std::shared_ptr<JumpingClock> clock_ = std::make_shared<JumpingClock>();
    std::vector<std::string> logged_;
    Milliseconds process_deadline_{20'000};
};

}  // namespace imprint::aws::testing
