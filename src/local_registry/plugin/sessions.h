// The connections that the broker let in, and which of them have lost their right since.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "local_registry/plugin/admission.h"
#include "sqlite/database.h"

namespace imprint::local_registry {

// For one thread, as the broker is. Opens the registry read-only.
class Sessions {
  public:
    // Names one connection; the broker's own handle serves. Never looked behind.
    using Handle = const void*;

    explicit Sessions(sqlite::Database registry) : registry_(std::move(registry)) {}

    // Admits or refuses a connection, and remembers it when it is admitted. A client id that is
    // known already belongs to the new connection from now on, as MQTT has it.
    [[nodiscard]] Result<Verdict> connect(Handle handle, const std::string& client_id,
                                          const std::string& certificate);
    [[nodiscard]] Result<bool> is_registered(const std::string& certificate);
    void disconnect(Handle handle);
    [[nodiscard]] bool is_admitted(Handle handle) const;

    struct Expulsion {
        std::string client_id;
        std::string reason;
    };

    // Those whose facts changed for the worse since the last call. They are forgotten: nothing
    // more is allowed to them. Cheap when nothing was written in between.
    [[nodiscard]] Result<std::vector<Expulsion>> expel();

  private:
    struct Session {
        Handle handle = nullptr;
        std::string certificate;
    };

    sqlite::Database registry_;
    std::map<std::string, Session> sessions_;  // by client id
    std::int64_t seen_ = -1;                   // SQLite's data_version at the last look
};

}  // namespace imprint::local_registry
