// How fast a ledger of many boards is listed and exported; and whether memory stays flat.
//
//   ledger_bench [BOARDS]      100,000 by default, each with an attempt and a certificate
#include <charconv>
#include <cstdio>
#include <ctime>
#include <fmt/format.h>
#include <fstream>
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/files.h"
#include "ledger/sqlite_ledger.h"
#include "pki/certificate.h"
#include "sqlite/database.h"

namespace {

using namespace imprint;

// Resident, in KiB (proc(5), "statm").
long resident() {
    std::ifstream file("/proc/self/statm");
    long whole = 0;
    long pages = 0;
    file >> whole >> pages;
    return pages * 4;
}

Result<void> add_boards(sqlite::Database& database, const std::string& pem, std::int64_t boards) {
    for (std::int64_t i = 1; i <= boards; ++i) {
        const std::string mac = fmt::format("{:012x}", 0x246f28000000 + i);
        const std::int64_t time = 1'764'000'000'000 + i;
        IMPRINT_CHECK(database.run(
            "INSERT INTO attempts (id, run, mac, bay, chip, thing, started, ended, outcome) "
            "VALUES (?1, 1, ?2, 'bay0', 'esp32', ?2, ?3, ?3, 'passed')",
            i, mac, time));
        IMPRINT_CHECK(database.run(
            "INSERT INTO certificates (attempt, mac, thing, certificate_id, public_pem, policy, "
            "state, requested, changed, pem, proven) "
            "VALUES (?1, ?2, ?2, ?3, 'k', 'p', 'proven', ?4, ?4, ?5, ?4)",
            i, mac, fmt::format("{:064x}", i), time, pem));
    }
    return {};
}

Result<void> fill(const std::filesystem::path& path, Clock& clock, std::int64_t boards) {
    IMPRINT_TRY(const auto owner, pki::Authority::create("Bench CA", pki::KeyKind::ec_p256,
                                                         std::chrono::days(30), clock.wall()));
    {
        IMPRINT_TRY(const auto ledger, ledger::open_ledger(path, clock));
        IMPRINT_TRY(const auto run, ledger->begin_run({}));
        IMPRINT_CHECK(ledger->end_run(run, 0, 0));
    }
    IMPRINT_TRY(auto database, sqlite::Database::open(path, {.kind = ErrorKind::ledger}));
    const std::string& pem = owner.certificate_pem();
    return database.transaction([&] { return add_boards(database, pem, boards); });
}

Result<void> timed(const char* what, const std::function<Result<std::int64_t>()>& work) {
    const std::clock_t begun = std::clock();
    IMPRINT_TRY(const std::int64_t count, work());
    fmt::print("{:<40} {:>8} rows  {:.2f} s of CPU  {} MB resident\n", what, count,
               static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC, resident() / 1024);
    return {};
}

Result<void> measure(std::int64_t boards) {
    SystemClock clock;
    IMPRINT_TRY(const auto folder, TemporaryDirectory::create());
    const auto path = folder.path() / "ledger.sqlite";
    IMPRINT_CHECK(fill(path, clock, boards));
    IMPRINT_TRY(const auto reports, ledger::open_reports(path, clock));
    const auto listed = timed("attempts, newest first", [&]() -> Result<std::int64_t> {
        std::int64_t count = 0;
        IMPRINT_CHECK(reports->each_attempt({}, [&](const auto&) { return ++count > 0; }));
        return count;
    });
    if (!listed) return listed;
    return timed("boards, with their certificates read", [&]() -> Result<std::int64_t> {
        std::int64_t count = 0;
        IMPRINT_CHECK(reports->each_board([&](const ledger::BoardRecord& board) {
            if (pki::read_certificate_facts(board.certificate_pem)) ++count;
            return true;
        }));
        return count;
    });
}

}  // namespace

int main(int argc, char** argv) {
    std::int64_t boards = 100'000;
    const std::string given = argc > 1 ? argv[1] : "";
    if (!given.empty()) std::from_chars(given.data(), given.data() + given.size(), boards);
    const auto measured = measure(boards);
    if (!measured) fmt::print(stderr, "ledger_bench: {}\n", measured.error().describe());
    return measured ? 0 : 1;
}
