// What a demo is made of: a folder, sample firmware, children of this same program.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/files.h"
#include "base/mac.h"
#include "base/process.h"

namespace imprint::station {

// Where everything is: a folder that is kept, or a temporary one.
class DemoFolder {
  public:
    // state: the one that is kept; empty: a temporary one, which goes with this. Errors: those of
    // check_ours and claim_directory.
    [[nodiscard]] static Result<DemoFolder> make(const std::filesystem::path& state);

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    [[nodiscard]] bool is_kept() const { return !temporary_; }

  private:
    std::optional<TemporaryDirectory> temporary_;
    std::filesystem::path path_;
};

// imprint.toml, with `more` at its end, a policy, and sample firmware.
[[nodiscard]] Result<void> make_demo_project(const std::filesystem::path& folder,
                                             std::string_view more = {});

[[nodiscard]] MacAddress demo_mac(unsigned board);

// A child of this same program, with its output in a file.
class DemoPart {
  public:
    [[nodiscard]] static Result<DemoPart> start(const char* name,
                                                std::vector<std::string> arguments,
                                                const std::filesystem::path& folder);

    // Waits until the condition holds; the part must live as long. Error (config):
    // demo_part_failed.
    [[nodiscard]] Result<void> await(const std::function<bool()>& condition, Clock& clock,
                                     const std::stop_token& stop);
    // It stands still until it is let go on.
    void hold();
    void go_on();

  private:
    DemoPart(const char* name, ChildProcess child, std::filesystem::path log)
        : name_(name), child_(std::move(child)), log_(std::move(log)) {}

    std::string name_;
    ChildProcess child_;
    std::filesystem::path log_;
};

}  // namespace imprint::station
