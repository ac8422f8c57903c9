// registry.sqlite, shared by the server's threads: one connection, one caller at a time.
#pragma once

#include <filesystem>
#include <memory>
#include <type_traits>
#include <utility>

#include "base/error.h"
#include "base/mutex.h"
#include "sqlite/database.h"

namespace imprint::local_registry {

class Store {
  public:
    // Creates the file, or migrates an older one. Errors: those of sqlite::Database, kind registry.
    [[nodiscard]] static Result<Store> open(const std::filesystem::path& path);

    // The same connection, but all writes are rolled back: to find out what an operation would
    // answer.
    [[nodiscard]] Store trial() const {
        Store store(*this);
        store.kept_ = false;
        return store;
    }

    Store(Store&&) = default;
    Store& operator=(Store&&) = default;
    ~Store() = default;

    // `work` gets the database and returns a Result or an Outcome.
    template <typename Work>
    [[nodiscard]] auto read(Work&& work) {
        const Lock lock(shared_->mutex);
        return std::forward<Work>(work)(shared_->database);
    }

    // Commits all that `work` wrote, or nothing if it returns an error.
    template <typename Work>
    [[nodiscard]] auto write(Work&& work) {
        const Lock lock(shared_->mutex);
        if (!kept_) return attempt(std::forward<Work>(work));
        return shared_->database.transaction([&]() IMPRINT_REQUIRES(shared_->mutex) {
            return std::forward<Work>(work)(shared_->database);
        });
    }

  private:
    struct Shared {
        explicit Shared(sqlite::Database opened) : database(std::move(opened)) {}

        Mutex mutex;
        sqlite::Database database IMPRINT_GUARDED_BY(mutex);
    };

    explicit Store(sqlite::Database database)
        : shared_(std::make_shared<Shared>(std::move(database))) {}

    Store(const Store&) = default;
    Store& operator=(const Store&) = default;

    template <typename Work>
    [[nodiscard]] std::invoke_result_t<Work, sqlite::Database&> attempt(Work&& work)
        IMPRINT_REQUIRES(shared_->mutex) {
        auto begun = sqlite::Transaction::begin(shared_->database);
        if (!begun) return std::unexpected(std::move(begun).error());
        return std::forward<Work>(work)(shared_->database);
    }

    std::shared_ptr<Shared> shared_;
    bool kept_ = true;
};

}  // namespace imprint::local_registry
