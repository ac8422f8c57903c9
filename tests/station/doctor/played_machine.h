// A computer for the doctor's checks: a folder that stands for its root, and answers that a test
// gives.
#pragma once

#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <vector>

#include "base/files.h"
#include "station/doctor/checks.h"
#include "station/doctor/machine.h"
#include "station/doctor/machine_checks.h"

namespace imprint::station::doctor {

class PlayedMachine : public ::testing::Test {
  protected:
    PlayedMachine() {
        machine_.root = folder_.path();
        machine_.user = 1000;
        machine_.user_name = "ada";
        machine_.groups = {1000};
        machine_.disk = [this](const std::filesystem::path& path) -> std::optional<Disk> {
            asked_disks_.push_back(path);
            return disk_;
        };
        machine_.may_open = [this](const std::filesystem::path& path) {
            return !closed_.contains(path.string());
        };
        machine_.ask = [this](const std::vector<std::string>& arguments) {
            asked_.push_back(arguments);
            const auto answer = answers_.find(arguments.front());
            return answer == answers_.end() ? Answer() : answer->second;
        };
    }

    void put(const std::filesystem::path& path, std::string_view text) {
        std::filesystem::create_directories((folder_.path() / path).parent_path());
        ASSERT_TRUE(
            write_file(folder_.path() / path, text, FileMode::ordinary, Durability::cached));
    }

    void put_link(const std::filesystem::path& target, const std::filesystem::path& path) {
        std::filesystem::create_directories((folder_.path() / path).parent_path());
        std::filesystem::create_symlink(target, folder_.path() / path);
    }

    void put_folder(const std::filesystem::path& path) {
        std::filesystem::create_directories(folder_.path() / path);
    }

    void answer(const std::string& program, std::string text, int status = 0) {
        answers_[program] = {Answer::End::exited, status, std::move(text)};
    }

    // "ok clock: …" a line a check. Each that is not ok says what to do; none is worse than a
    // warning.
    [[nodiscard]] std::vector<std::string> told() {
        std::vector<std::string> lines;
        for (const auto& check : checks_.take()) {
            EXPECT_NE(check.health, Health::failure) << check.found;
            EXPECT_EQ(check.hint.empty(), check.health == Health::ok) << check.found;
            lines.push_back(std::string(events::word_of(check.health)) + " " + check.name + ": " +
                            check.found);
        }
        checks_ = {};
        return lines;
    }

    TemporaryDirectory folder_ = TemporaryDirectory::create().value();
    Machine machine_;
    Checks checks_;
    std::optional<Disk> disk_ = Disk{.bytes = 10'000'000'000, .files = 1'000'000};
    std::vector<std::filesystem::path> asked_disks_;
    std::set<std::string> closed_;
    std::map<std::string, Answer> answers_;
    std::vector<std::vector<std::string>> asked_;
};

}  // namespace imprint::station::doctor
