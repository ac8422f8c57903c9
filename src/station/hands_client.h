// The hands of a simulated bench (`imprint simulate bench`), for a program that moves boards there:
// the page of a bench to try things on, tests.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/error.h"

namespace imprint::station {

// Each question has a connection of its own: safe to use from many threads.
class HandsClient {
  public:
    // socket: the bench's hands.sock.
    explicit HandsClient(std::filesystem::path socket, Milliseconds patience = Milliseconds(5000))
        : socket_(std::move(socket)), patience_(patience) {}

    // A line as docs/simulator.md has them, without its break; gives what follows "ok". Errors:
    // hands_unreachable (config); hands_refused (usage), which has changed nothing.
    [[nodiscard]] Result<std::string> ask(std::string_view line) const;

  private:
    std::filesystem::path socket_;
    Milliseconds patience_;
};

}  // namespace imprint::station
