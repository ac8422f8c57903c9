// The connections that the broker has accepted, what they may do, and which must be expelled.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "local_registry/plugin/admission.h"
#include "sqlite/database.h"

namespace imprint::local_registry {

// For a single thread, like the broker. Opens the registry read-only. A client's data is read when
// it connects, and again before the first answer after any change of what decides on clients: no
// answer is older than the registry.
class Sessions {
  public:
    // Identifies one connection, like the broker's own handle. Never dereferenced.
    using Handle = const void*;

    // `arn_start` as in admission.h.
    Sessions(sqlite::Database registry, std::string arn_start)
        : registry_(std::move(registry)), arn_start_(std::move(arn_start)) {}

    // Accepts or refuses a connection, and remembers it if accepted. A client id that is already
    // connected belongs to the new connection from then on, as in MQTT.
    [[nodiscard]] Result<Verdict> connect(Handle handle, const Client& client);
    [[nodiscard]] Result<bool> is_registered(const std::string& certificate);
    // The authorities, in PEM, whose certificates register just in time.
    [[nodiscard]] Result<std::vector<std::string>> registering_authorities();
    // The client is remembered until the next expel(), so that its will can be checked; with
    // `stays`, which is a session that outlives the connection, until another one connects with its
    // id.
    void disconnect(Handle handle, bool stays = false);

    struct Answer {
        Verdict verdict;
        bool tell = false;  // a refusal that was not reported before
    };

    // A client that publishes or subscribes without permission is to be expelled, as AWS IoT
    // disconnects it; a message that it may not receive is only withheld.
    [[nodiscard]] Result<Answer> use(Handle handle, const Use& use);

    struct Expulsion {
        std::string client_id;
        std::string reason;
        bool with_will = false;
    };

    // The clients that lost the permission to be connected since the last call, or did something
    // not permitted. They are forgotten: nothing more is allowed to them. Cheap if nothing was
    // written in between.
    [[nodiscard]] Result<std::vector<Expulsion>> expel();

  private:
    struct Session {
        Client client;
        CertificateFacts facts;
        bool connected = true;
        bool stays = false;
        bool leaving = false;            // expelled; nothing is allowed any more
        std::set<std::string> withheld;  // topics whose messages were withheld
    };

    [[nodiscard]] Result<void> refresh();
    [[nodiscard]] Result<std::int64_t> number(std::string_view query);
    [[nodiscard]] Result<void> read_anew();
    void dismiss(Session& session, std::string reason, bool with_will);

    sqlite::Database registry_;
    std::string arn_start_;
    std::unordered_map<Handle, Session> sessions_;
    std::vector<Expulsion> expelled_;  // since the last expel()
    // At the last check: SQLite's data_version, and the registry's number of changes that count.
    std::int64_t seen_version_ = -1;
    std::int64_t seen_changes_ = -1;
};

}  // namespace imprint::local_registry
