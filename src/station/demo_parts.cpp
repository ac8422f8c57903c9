#include "station/demo_parts.h"

#include <csignal>
#include <fmt/format.h>
#include <functional>
#include <utility>

#include "base/log.h"
#include "base/ownership.h"
#include "base/resources.h"
#include "config/config.h"

namespace imprint::station {

namespace {

namespace fs = std::filesystem;

constexpr const char* configuration = R"toml(# Made by `imprint demo`: a factory on one machine.
[firmware]
directory = "project"

[identity]
thing_type = "imprint-demo"
attributes = { line = "demo" }
policy = { name = "imprint-demo", document = "policy.json" }

[registry]
provider = "local"
state = "registry"

[credentials]
archive = "aws_credentials"

[verify]
connect = true

[ledger]
path = "ledger.sqlite"
)toml";

}  // namespace

Result<DemoFolder> DemoFolder::make(const fs::path& state) {
    DemoFolder folder;
    if (state.empty()) {
        IMPRINT_TRY(auto made, TemporaryDirectory::create("imprint-demo"));
        folder.temporary_.emplace(std::move(made));
        folder.path_ = folder.temporary_->path();
        return folder;
    }
    folder.path_ = fs::absolute(state);
    IMPRINT_CHECK(check_ours(folder.path_));
    IMPRINT_CHECK(claim_directory(folder.path_, ".imprint-demo"));
    IMPRINT_CHECK(make_private_directory(folder.path_));
    IMPRINT_CHECK(write_file(folder.path_ / ".gitignore", std::string_view("*\n")));
    return folder;
}

Result<void> make_demo_project(const fs::path& folder, std::string_view more) {
    IMPRINT_TRY(const auto made, run_command({{this_program().string(), "simulate", "firmware",
                                               (folder / "project").string()},
                                              folder,
                                              {},
                                              {}}));
    if (made.status != 0)
        return fail(ErrorKind::config, "demo_part_failed",
                    fmt::format("the sample firmware could not be made: {}", made.text));
    IMPRINT_CHECK(
        write_file(folder / "imprint.toml", std::string(configuration) + std::string(more)));
    return write_file(folder / "policy.json", config::sample_policy());
}

MacAddress demo_mac(unsigned board) {
    MacAddress mac{{0x24, 0x6F, 0x28, 0x00, 0x00, 0x00}};
    mac.octets[4] = static_cast<std::uint8_t>(board >> 8);
    mac.octets[5] = static_cast<std::uint8_t>(board);
    return mac;
}

Result<DemoPart> DemoPart::start(const char* name, std::vector<std::string> arguments,
                                 const fs::path& folder) {
    const fs::path log = folder / (std::string(name) + ".log");
    arguments.insert(arguments.begin(), this_program().string());
    auto child = ChildProcess::start({std::move(arguments), folder, {}, log}, ChildOutput::discard);
    if (!child) return with_context(std::move(child).error(), fmt::format("starting the {}", name));
    return DemoPart(name, std::move(*child), log);
}

Result<void> DemoPart::await(const std::function<bool()>& condition, Clock& clock,
                             const std::stop_token& stop) {
    const Instant deadline = clock.now() + std::chrono::seconds(30);
    while (!condition()) {
        if (stop.stop_requested())
            return fail(ErrorKind::interrupted, "interrupted", "the demo was stopped");
        const auto status = child_.poll();
        if (status || clock.now() > deadline)
            return fail(ErrorKind::config, "demo_part_failed",
                        fmt::format("the {} {}: {}", name_,
                                    status ? fmt::format("ended with status {}", *status)
                                           : std::string("did not become ready in 30 s"),
                                    last_lines(log_, 20)));
        clock.sleep(Milliseconds(20), stop);
    }
    return {};
}

void DemoPart::hold() {
    if (!child_.poll()) ::kill(child_.pid(), SIGSTOP);
}

void DemoPart::go_on() {
    if (!child_.poll()) ::kill(child_.pid(), SIGCONT);
}

}  // namespace imprint::station
