// The connections that the broker let in, what they may do, and which of them have to go.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "local_registry/plugin/admission.h"
#include "sqlite/database.h"

namespace imprint::local_registry {

// For one thread, as the broker is. Opens the registry read-only. What it knows of a client is read
// when that connects, and again before the first answer after anything in the registry has changed:
// no answer is older than the registry.
class Sessions {
  public:
    // Names one connection; the broker's own handle serves. Never looked behind.
    using Handle = const void*;

    // `arn_start` as in admission.h.
    Sessions(sqlite::Database registry, std::string arn_start)
        : registry_(std::move(registry)), arn_start_(std::move(arn_start)) {}

    // Admits or refuses a connection, and remembers it when it is admitted. A client id that is
    // known already belongs to the new connection from now on, as MQTT has it.
    [[nodiscard]] Result<Verdict> connect(Handle handle, const Client& client);
    [[nodiscard]] Result<bool> is_registered(const std::string& certificate);
    // The authorities, in PEM, whose certificates register just in time.
    [[nodiscard]] Result<std::vector<std::string>> registering_authorities();
    // The client is remembered until the next expel(), so that its will can be weighed; with
    // `stays`, that is a session which outlives the connection, until another connects with its id.
    void disconnect(Handle handle, bool stays = false);

    struct Answer {
        Verdict verdict;
        bool tell = false;  // a refusal that was not answered like this before
    };

    // A client that publishes or subscribes without the right to is to be expelled, as AWS IoT
    // disconnects it; a message that it may not receive is only kept from it.
    [[nodiscard]] Result<Answer> use(Handle handle, const Use& use);

    struct Expulsion {
        std::string client_id;
        std::string reason;
        bool with_will = false;
    };

    // Those who lost the right to be connected since the last call, or did what they may not. They
    // are forgotten: nothing more is allowed to them. Cheap when nothing was written in between.
    [[nodiscard]] Result<std::vector<Expulsion>> expel();

  private:
    struct Session {
        Client client;
        CertificateFacts facts;
        bool connected = true;
        bool stays = false;
        bool leaving = false;            // expelled; nothing is allowed any more
        std::set<std::string> withheld;  // topics whose messages it was not given
    };

    [[nodiscard]] Result<void> refresh();
    void dismiss(Session& session, std::string reason, bool with_will);

    sqlite::Database registry_;
    std::string arn_start_;
    std::unordered_map<Handle, Session> sessions_;
    std::vector<Expulsion> expelled_;  // since the last expel()
    std::int64_t seen_ = -1;           // SQLite's data_version at the last look
};

}  // namespace imprint::local_registry
