// How fast a ledger of many boards is listed and exported; and whether memory stays flat.
//
//   ledger_bench [BOARDS [LOT]]      100,000 boards by default, in lots of 10,000
//
// Each board has a certificate and an attempt that passed; every tenth one failed before.
#include <charconv>
#include <cstdio>
#include <ctime>
#include <fmt/format.h>
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/files.h"
#include "base/mac.h"
#include "ledger/sqlite_ledger.h"
#include "pki/certificate.h"
#include "resident.h"
#include "sqlite/database.h"

namespace {

using namespace imprint;

struct Size {
    std::int64_t boards = 100'000;
    std::int64_t in_lot = 10'000;
};

MacAddress board(std::int64_t number) {
    return parse_mac(fmt::format("{:012x}", 0x246f28000000 + number)).value();
}

std::string lot_of(const Size& size, std::int64_t number) {
    return fmt::format("lot-{}", number / size.in_lot);
}

Result<void> add_boards(sqlite::Database& database, const std::string& pem, const Size& size) {
    for (std::int64_t i = 1; i <= size.boards; ++i) {
        const std::string mac = board(i).id();
        const std::string lot = lot_of(size, i);
        const std::int64_t time = 1'764'000'000'000 + i;
        if (i % 10 == 0)
            IMPRINT_CHECK(database.run(
                "INSERT INTO attempts (run, mac, bay, chip, thing, started, ended, outcome, "
                "error_code, fault, lot) VALUES (1, ?1, 'bay0', 'esp32', ?1, ?2, ?2, 'failed', "
                "'board_lost', 'board', ?3)",
                mac, time - 1, lot));
        IMPRINT_CHECK(database.run(
            "INSERT INTO attempts (run, mac, bay, chip, thing, started, ended, outcome, lot, "
            "serial) VALUES (1, ?1, 'bay0', 'esp32', ?1, ?2, ?2, 'passed', ?3, ?4)",
            mac, time, lot, fmt::format("S{}", i)));
        const std::int64_t attempt = database.last_insert_rowid();
        IMPRINT_CHECK(
            database.run("INSERT INTO serials (lot, serial, mac, state, attempt, number, changed) "
                         "VALUES (?, ?, ?, 'used', ?, ?, ?)",
                         lot, fmt::format("S{}", i), mac, attempt, i, time));
        for (const char* kind : {"create_thing", "attach", "flash", "activate"})
            IMPRINT_CHECK(database.run(
                "INSERT INTO effects (run, attempt, kind, subject, intended, done, result) "
                "VALUES (1, ?, ?, ?, ?, ?, 'done')",
                attempt, kind, mac, time, time));
        IMPRINT_CHECK(database.run(
            "INSERT INTO certificates (attempt, mac, thing, certificate_id, public_pem, policy, "
            "state, requested, changed, pem, proven) "
            "VALUES (?1, ?2, ?2, ?3, 'k', 'p', 'proven', ?4, ?4, ?5, ?4)",
            attempt, mac, fmt::format("{:064x}", i), time, pem));
    }
    return {};
}

Result<void> fill(const std::filesystem::path& path, Clock& clock, const Size& size) {
    IMPRINT_TRY(const auto owner, pki::Authority::create("Bench CA", pki::KeyKind::ec_p256,
                                                         std::chrono::days(30), clock.wall()));
    {
        IMPRINT_TRY(const auto ledger, ledger::open_ledger(path, clock));
        IMPRINT_TRY(const auto run, ledger->begin_run({}));
        IMPRINT_CHECK(ledger->end_run(run, 0, 0));
    }
    IMPRINT_TRY(auto database, sqlite::Database::open(path, {.kind = ErrorKind::ledger}));
    const std::string& pem = owner.certificate_pem();
    return database.transaction([&] { return add_boards(database, pem, size); });
}

Result<void> timed(const char* what, const std::function<Result<std::int64_t>()>& work) {
    const std::clock_t begun = std::clock();
    IMPRINT_TRY(const std::int64_t count, work());
    fmt::print("{:<40} {:>8} rows  {:.3f} s of CPU  {} MB resident\n", what, count,
               static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC,
               bench::resident() / 1024);
    return {};
}

// Everything that a board's page tells.
Result<std::int64_t> read_board(ledger::Reports& reports, const MacAddress& mac) {
    IMPRINT_TRY(const auto attempts, ledger::attempts(reports, mac));
    IMPRINT_CHECK(reports.board(mac));
    IMPRINT_CHECK(reports.certificates(mac));
    IMPRINT_CHECK(reports.serials(mac));
    for (const auto& attempt : attempts) {
        IMPRINT_CHECK(reports.files(attempt.run));
        IMPRINT_CHECK(reports.effects(attempt.id));
    }
    return static_cast<std::int64_t>(attempts.size());
}

Result<void> measure_pages(ledger::Reports& reports, const Size& size) {
    IMPRINT_CHECK(timed("the pages of 100 boards", [&]() -> Result<std::int64_t> {
        std::int64_t count = 0;
        for (std::int64_t i = 1; i <= 100; ++i) {
            IMPRINT_TRY(const auto attempts, read_board(reports, board(i * size.boards / 101 + 1)));
            count += attempts;
        }
        return count;
    }));
    const std::string lot = lot_of(size, size.boards / 2);
    IMPRINT_CHECK(timed("the summary of a lot", [&]() -> Result<std::int64_t> {
        IMPRINT_TRY(const auto counts, reports.lot_counts(lot));
        return static_cast<std::int64_t>(counts.boards);
    }));
    return timed("the boards of a lot", [&]() -> Result<std::int64_t> {
        std::int64_t count = 0;
        IMPRINT_CHECK(reports.each_lot_board(lot, [&](const auto&) { return ++count > 0; }));
        return count;
    });
}

Result<void> measure(const Size& size) {
    SystemClock clock;
    IMPRINT_TRY(const auto folder, TemporaryDirectory::create());
    const auto path = folder.path() / "ledger.sqlite";
    IMPRINT_CHECK(fill(path, clock, size));
    IMPRINT_TRY(const auto reports, ledger::open_reports(path, clock));
    IMPRINT_CHECK(measure_pages(*reports, size));
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
    Size size;
    const auto given = [&](int which, std::int64_t& number) {
        const std::string text = argc > which ? argv[which] : "";
        std::from_chars(text.data(), text.data() + text.size(), number);
    };
    given(1, size.boards);
    given(2, size.in_lot);
    const auto measured = measure(size);
    if (!measured) fmt::print(stderr, "ledger_bench: {}\n", measured.error().describe());
    return measured ? 0 : 1;
}
