// Boards as they stand: their attempts and living certificates put together.
#include <map>
#include <string>
#include <utility>

#include "ledger/sqlite_ledger_impl.h"

namespace imprint::ledger {

namespace {

constexpr std::int64_t boards_at_once = 500;

}  // namespace

Result<std::vector<BoardRecord>> SqliteLedger::read_boards(const std::string& first,
                                                           const std::string& last) {
    IMPRINT_TRY(auto attempts, store_.rows<AttemptRecord>(
                                   [this](const sqlite::Statement& row) { return attempt_of(row); },
                                   std::string(attempt_columns) + "WHERE a.mac BETWEEN ? AND ? "
                                                                  "ORDER BY a.mac, a.started, a.id",
                                   first, last));
    const auto read = [this](const sqlite::Statement& row) -> Result<LivingCertificate> {
        IMPRINT_TRY(auto record, certificate_of(row));
        return LivingCertificate{std::move(record), row.text(certificate_column_count)};
    };
    IMPRINT_TRY(auto certificates,
                store_.rows<LivingCertificate>(
                    read,
                    std::string(certificate_columns) +
                        ", c.pem FROM certificates c WHERE c.mac BETWEEN ? AND ? "
                        "AND c.state IN ('queued', 'proven')",
                    first, last));
    std::map<std::string, std::pair<std::vector<AttemptRecord>, std::vector<LivingCertificate>>> by;
    for (auto& attempt : attempts)
        by[attempt.mac->id()].first.push_back(std::move(attempt));
    for (auto& certificate : certificates)
        if (const auto found = by.find(certificate.record.mac.id()); found != by.end())
            found->second.second.push_back(std::move(certificate));
    std::vector<BoardRecord> boards;
    for (auto& [mac, of] : by)
        boards.push_back(board_of(std::move(of.first), std::move(of.second)));
    return boards;
}

Result<void> SqliteLedger::each_board(const std::function<bool(const BoardRecord&)>& visit) {
    return visit_in_batches(
        [this](const std::string& after) {
            return macs_between(
                "SELECT DISTINCT mac FROM attempts WHERE mac > ? ORDER BY mac "
                "LIMIT ?",
                after, boards_at_once);
        },
        [this](const std::string& first, const std::string& last) {
            return read_boards(first, last);
        },
        visit);
}

Result<std::optional<BoardRecord>> SqliteLedger::board(const MacAddress& mac) {
    IMPRINT_TRY(auto boards, read_boards(mac.id(), mac.id()));
    if (boards.empty()) return std::optional<BoardRecord>{};
    return std::optional(std::move(boards.front()));
}

}  // namespace imprint::ledger
