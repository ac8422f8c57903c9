// An HTTP server on loopback that answers as a test says, and misbehaves as real networks do.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/fd.h"

namespace imprint::http::testing {

struct SeenRequest {
    std::string method;
    std::string target;                          // path and query as sent
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;
    int connection = 0;  // counts from 1
};

enum class ReplyDelivery {
    whole,
    cut,       // headers and half of the body, then the connection ends
    none,      // the connection ends without a byte
    never,     // nothing comes, the connection stays
    then_end,  // whole, and the connection ends though it was to be kept
};

struct ScriptedReply {
    int status = 200;
    std::string body = "{}";
    // g++ wants the initializer.
    std::vector<std::pair<std::string, std::string>> headers =
        {};  // NOLINT(readability-redundant-member-init)
    ReplyDelivery delivery = ReplyDelivery::whole;
};

class ScriptedServer {
  public:
    using Script = std::function<ScriptedReply(const SeenRequest&)>;

    explicit ScriptedServer(Script script);
    ~ScriptedServer();
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;
    ScriptedServer(ScriptedServer&&) = delete;
    ScriptedServer& operator=(ScriptedServer&&) = delete;

    [[nodiscard]] std::string url() const;
    [[nodiscard]] std::vector<SeenRequest> seen() const;

  private:
    struct Connection {
        Fd fd;
        std::string buffer;
        int number = 0;
    };

    void serve();
    bool serve(Connection& connection);  // false: it is over

    Script script_;
    Fd listener_;
    Fd wake_reader_;
    Fd wake_writer_;
    std::uint16_t port_ = 0;
    mutable std::mutex mutex_;
    std::vector<SeenRequest> seen_;
    std::jthread thread_;
};

}  // namespace imprint::http::testing
