// The station's page over HTTP: its own files, its API, what happens as a stream.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "base/error.h"
#include "events/bus.h"
#include "http/server.h"
#include "logins/access.h"
#include "page/api_tools.h"

namespace imprint::page {

// Between start() and its end it listens, and follows the bus.
class PageServer {
  public:
    struct Parts {
        const config::Config& config;
        const Services& services;
        events::EventBus& bus;
        Desk& desk;
        Clock& clock;
        Log log;
        Json station;  // as in the snapshot
        bool has_printer = false;
    };

    // All of the parts outlive it. Errors: those of http::Server::listen; thread_not_started.
    [[nodiscard]] static Result<std::unique_ptr<PageServer>> start(const logins::Access& access,
                                                                   const logins::ListenAddress& at,
                                                                   const Parts& parts);
    PageServer(const PageServer&) = delete;
    PageServer& operator=(const PageServer&) = delete;
    PageServer(PageServer&&) = delete;
    PageServer& operator=(PageServer&&) = delete;
    ~PageServer();

    [[nodiscard]] std::uint16_t port() const { return server_->port(); }

  private:
    PageServer(const logins::Access& access, const Parts& parts);

    [[nodiscard]] http::Answer answer(const http::Request& request);
    [[nodiscard]] http::Response refuse(int status, std::string_view why) const;
    [[nodiscard]] http::Response answer_api(const http::Request& request);
    void pump(events::EventReader& reader, const std::stop_token& stop);

    const Parts parts_;
    logins::Gate gate_;
    Feed feed_;
    report::LotWatch lots_;
    BayLearning learning_;
    Router router_;
    std::optional<http::Server> server_;
    std::jthread pump_;
};

}  // namespace imprint::page
