// A later command that changes the registry: its ledger, its run there, and a registry whose every
// effect is recorded.
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "ledger/ledger.h"
#include "prepare/recorded_registry.h"
#include "prepare/settings.h"
#include "registry/registry.h"
#include "registry/shadows.h"
#include "station/registry_access.h"

namespace imprint::station {

class RecordedCommand {
  public:
    // Finds the registry, which may then be queried. clock outlives it. Errors: those of
    // find_registry.
    [[nodiscard]] static Result<RecordedCommand> reach(const prepare::Settings& settings,
                                                       Clock& clock, const Log& log,
                                                       const std::stop_token& stop);
    // Called before the first change. facts: command as it is typed, "registry push". Errors: the
    // ledger's.
    [[nodiscard]] Result<void> begin(const ledger::RunFacts& facts);

    ~RecordedCommand();
    RecordedCommand(RecordedCommand&& other) noexcept = default;
    RecordedCommand& operator=(RecordedCommand&&) = delete;

    // For queries, and for callers that record their effects themselves.
    [[nodiscard]] registry::Registry& plain() { return *plain_; }

    // The shadows of the same registry: who changes them records that himself.
    [[nodiscard]] registry::Shadows& shadows() { return *shadows_; }

    // Only after begin().
    [[nodiscard]] prepare::RecordedRegistry& registry() { return *recorded_; }

    [[nodiscard]] ledger::Ledger& ledger() { return *ledger_; }

    [[nodiscard]] ledger::RunId run() const { return run_; }

    [[nodiscard]] const prepare::RootCa& root_ca() const { return root_ca_; }

    // Ends the run with its numbers of boards. If not called, the destructor ends it with none.
    [[nodiscard]] Result<void> end(unsigned passed, unsigned failed);

  private:
    RecordedCommand(const prepare::Settings& settings, Clock& clock, Log log)
        : path_(settings.ledger.path), clock_(&clock), log_(std::move(log)) {}

    std::filesystem::path path_;
    Clock* clock_;
    Log log_;
    std::unique_ptr<registry::Registry> plain_;
    std::unique_ptr<registry::Shadows> shadows_;
    std::unique_ptr<ledger::Ledger> ledger_;
    std::unique_ptr<prepare::RecordedRegistry> recorded_;
    prepare::RootCa root_ca_;
    ledger::RunId run_ = 0;
    bool ended_ = false;
};

}  // namespace imprint::station
