// What the ledger's sources share: one connection behind a lock, and the texts of its enumerations.
#pragma once

#include <array>
#include <mutex>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "ledger/ledger.h"
#include "ledger/spare.h"
#include "sqlite/database.h"

namespace imprint::ledger {

constexpr std::array<std::pair<CertificateState, std::string_view>, 8> state_names = {{
    {CertificateState::requested, "requested"},
    {CertificateState::inactive, "inactive"},
    {CertificateState::staged, "staged"},
    {CertificateState::queued, "queued"},
    {CertificateState::active, "active"},
    {CertificateState::proven, "proven"},
    {CertificateState::overwritten, "overwritten"},
    {CertificateState::gone, "gone"},
}};

constexpr std::array<std::pair<Outcome, std::string_view>, 4> outcome_names = {{
    {Outcome::running, "running"},
    {Outcome::passed, "passed"},
    {Outcome::failed, "failed"},
    {Outcome::killed, "killed"},
}};

// The schema's CHECK constraints leave no other names.
template <typename Names>
auto value_of(const Names& names, std::string_view name) {
    for (const auto& [value, text] : names)
        if (text == name) return value;
    return names.front().first;
}

template <typename Names, typename Value>
std::string_view name_of(const Names& names, Value value) {
    for (const auto& [known, text] : names)
        if (known == value) return text;
    return names.front().second;
}

[[nodiscard]] inline WallTime from_milliseconds(std::int64_t milliseconds) {
    return WallTime(Milliseconds(milliseconds));
}

[[nodiscard]] inline std::optional<WallTime> optional_time(const sqlite::Statement& row,
                                                           int column) {
    const auto value = row.optional_integer(column);
    if (!value) return std::nullopt;
    return from_milliseconds(*value);
}

class Ledger::Store {
  public:
    Store(sqlite::Database database, std::filesystem::path spare, Clock& clock,
          const Processes* processes)
        : database_(std::move(database)),
          spare_(std::move(spare)),
          clock_(clock),
          processes_(processes) {}

    // One statement that changes something; gives the id of what it inserted.
    template <typename... Values>
    [[nodiscard]] Result<std::int64_t> write(std::string_view sql, const Values&... values) {
        const std::lock_guard lock(mutex_);
        IMPRINT_CHECK(database_.run(sql, values...));
        return database_.last_insert_rowid();
    }

    template <typename Record, typename Read, typename... Values>
    [[nodiscard]] Result<std::vector<Record>> rows(const Read& read, std::string_view sql,
                                                   const Values&... values) {
        const std::lock_guard lock(mutex_);
        return read_rows<Record>(read, sql, values...);
    }

    // `tail`: what follows FROM certificates c, with its values.
    template <typename... Values>
    [[nodiscard]] Result<std::vector<CertificateRecord>> certificates(std::string_view tail,
                                                                      const Values&... values) {
        return rows<CertificateRecord>(
            [this](const sqlite::Statement& row) { return certificate_of(row); },
            std::string(certificate_columns) + "FROM certificates c " + std::string(tail),
            values...);
    }

    [[nodiscard]] CertificateRecord certificate_of(const sqlite::Statement& row) const;

    // The last but one tells the attempt that has the board for itself, where it has not ended.
    static constexpr std::string_view certificate_columns =
        "SELECT c.id, c.mac, c.thing, COALESCE(c.certificate_id, ''), c.public_pem, c.policy, "
        "c.state, c.requested, c.deactivation_owed, c.ahead, c.retirement_owed, c.adopted, "
        "(SELECT r.process || ' ' || a.started FROM attempts a JOIN runs r ON r.id = a.run "
        "WHERE a.mac = c.mac AND a.ended IS NULL AND a.claimed = 1 ORDER BY a.id DESC LIMIT 1), "
        "c.proven ";
    static constexpr int certificate_column_count = 14;

    // Several statements, kept or undone together; `work` gets the database.
    template <typename Work>
    [[nodiscard]] std::invoke_result_t<Work, sqlite::Database&> transaction(Work&& work) {
        const std::lock_guard lock(mutex_);
        return database_.transaction([&] { return std::forward<Work>(work)(database_); });
    }

    // What lies in the spare file is written where it belongs. Error: the ledger's, and then it
    // stays there.
    [[nodiscard]] Result<void> settle_spare();
    [[nodiscard]] Result<void> owe_in_spare(const Debt& debt);

    [[nodiscard]] const Spare& spare() const { return spare_; }

    [[nodiscard]] std::int64_t now() const {
        return std::chrono::floor<Milliseconds>(clock_.wall().time_since_epoch()).count();
    }

    [[nodiscard]] std::string process() const { return processes().self(); }

    // Whether somebody may still be at work on an attempt that has not ended. One of whose process
    // nothing can be known counts as living for as long as an attempt may take.
    [[nodiscard]] bool is_alive(std::string_view process, WallTime started,
                                bool over_unknown = false) const {
        const Life life = processes().life_of(process);
        return life == Life::alive || (life == Life::unknown && !over_unknown &&
                                       started + longest_attempt > clock_.wall());
    }

  private:
    [[nodiscard]] const Processes& processes() const {
        return processes_ != nullptr ? *processes_ : of_this_machine_;
    }

    template <typename Record, typename Read, typename... Values>
    [[nodiscard]] Result<std::vector<Record>> read_rows(const Read& read, std::string_view sql,
                                                        const Values&... values) {
        IMPRINT_TRY(sqlite::Statement statement, database_.query(sql, values...));
        std::vector<Record> records;
        for (;;) {
            IMPRINT_TRY(const bool more, statement.step());
            if (!more) return records;
            records.push_back(read(statement));
        }
    }

    std::mutex mutex_;
    sqlite::Database database_;
    Spare spare_;
    Clock& clock_;
    SystemProcesses of_this_machine_;
    const Processes* processes_;  // null: of_this_machine_
};

}  // namespace imprint::ledger
