#include "station/demo_bench.h"

#include <fmt/format.h>
#include <system_error>
#include <utility>

#include "ledger/sqlite_ledger.h"
#include "registry/local_folder.h"

namespace imprint::station {

namespace {

namespace fs = std::filesystem;

constexpr unsigned boards_of_the_lot = 12;

// Every bay has its place from the beginning, also without a board.
std::string station_section(unsigned bays, const fs::path& folder) {
    const std::string bench = (folder / "bench").string();
    std::string text = fmt::format(
        "\n[station]\nname = \"demo\"\nwatch = \"{}\"\n\n[label]\nprinter = \"file:{}\"\n\n"
        "[station.bays]\n",
        bench, (folder / "labels").string());
    for (unsigned bay = 1; bay <= bays; ++bay)
        text += fmt::format("\"{0}\" = \"{1}/{0}\"\n", bay, bench);
    return text;
}

Result<void> open_lot(const fs::path& path, Clock& clock) {
    IMPRINT_TRY(const auto ledger, ledger::open_ledger(path, clock));
    IMPRINT_TRY(const auto known, ledger->find_lot(DemoBench::lot()));
    if (known) return {};
    ledger::LotFacts lot;
    lot.name = DemoBench::lot();
    lot.target = boards_of_the_lot;
    lot.serial_template = "D-{number:3}";
    return ledger->open_lot(lot);
}

bool is_there(const fs::path& path) {
    std::error_code error;
    return fs::exists(path, error);
}

}  // namespace

DemoBench::DemoBench(DemoFolder folder, DemoPart registry, DemoPart bench)
    : folder_(std::move(folder)),
      registry_(std::move(registry)),
      bench_(std::move(bench)),
      client_(folder_.path() / "bench" / "hands.sock") {}

// One that stands still would not end.
DemoBench::~DemoBench() {
    registry_.go_on();
}

Result<std::unique_ptr<DemoBench>> DemoBench::start(const Options& options, Clock& clock,
                                                    const std::stop_token& stop) {
    IMPRINT_TRY(auto folder, DemoFolder::make(options.state));
    const fs::path& path = folder.path();
    IMPRINT_CHECK(make_demo_project(path, station_section(options.bays, path)));
    std::error_code ignored;
    fs::create_directory(path / "labels", ignored);
    const fs::path state = path / "registry";
    const fs::path socket = path / "bench" / "hands.sock";
    fs::remove(registry::registry_file_path(state), ignored);
    fs::remove(socket, ignored);
    IMPRINT_TRY(
        DemoPart registry,
        DemoPart::start("registry", {"registry", "serve", "--state", state.string()}, path));
    IMPRINT_TRY(DemoPart bench,
                DemoPart::start("bench",
                                {"simulate", "bench", "--bays", std::to_string(options.bays),
                                 "--dir", (path / "bench").string(), "--timing", "w25q32"},
                                path));
    IMPRINT_CHECK(
        registry.await([&] { return is_there(registry::registry_file_path(state)); }, clock, stop));
    IMPRINT_CHECK(bench.await([&] { return is_there(socket); }, clock, stop));
    IMPRINT_CHECK(open_lot(path / "ledger.sqlite", clock));
    return std::unique_ptr<DemoBench>(
        new DemoBench(std::move(folder), std::move(registry), std::move(bench)));
}

fs::path DemoBench::configuration() const {
    return folder_.path() / "imprint.toml";
}

std::string DemoBench::lot() {
    return "demo";
}

Result<std::string> DemoBench::hands(const std::string& line) {
    if (line == "cloud_down" || line == "cloud_up") {
        const Lock lock(mutex_);
        cloud_is_up_ = line == "cloud_up";
        cloud_is_up_ ? registry_.go_on() : registry_.hold();
        return std::string("{}");
    }
    IMPRINT_TRY(std::string said, client_.ask(line));
    if (line != "state" || !said.ends_with('}')) return said;
    const Lock lock(mutex_);
    said.pop_back();
    return said + fmt::format(R"(,"cloud":"{}"}})", cloud_is_up_ ? "up" : "down");
}

}  // namespace imprint::station
