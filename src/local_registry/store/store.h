// registry.sqlite, shared by the server's threads: one connection, one caller at a time.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <utility>

#include "base/error.h"
#include "sqlite/database.h"

namespace imprint::local_registry {

class Store {
  public:
    // Makes the file, or brings an older one up. Errors: those of sqlite::Database, kind registry.
    [[nodiscard]] static Result<Store> open(const std::filesystem::path& path);

    // `work` takes the database and gives a Result or an Outcome.
    template <typename Work>
    [[nodiscard]] auto read(Work&& work) {
        const std::scoped_lock lock(*mutex_);
        return std::forward<Work>(work)(database_);
    }

    // All that `work` wrote, or nothing of it when it gives an error.
    template <typename Work>
    [[nodiscard]] auto write(Work&& work) {
        const std::scoped_lock lock(*mutex_);
        return database_.transaction([&] { return std::forward<Work>(work)(database_); });
    }

  private:
    explicit Store(sqlite::Database database)
        : mutex_(std::make_unique<std::mutex>()), database_(std::move(database)) {}

    std::unique_ptr<std::mutex> mutex_;
    sqlite::Database database_;
};

}  // namespace imprint::local_registry
