// The simulator's honesty: a loader client that its authors wrote for real chips, and that shares
// no line with this project, works on it.
#include <array>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <tuple>

#include "base/files.h"
#include "base/process.h"
#include "simulator/pty_board.h"
#include "simulator/sample_firmware.h"

namespace imprint::simulator {

namespace {

using ::testing::HasSubstr;

struct Case {
    std::string chip;
    std::optional<std::uint16_t> revision;
    std::string described;  // by esptool-js, from id and eFuse
};

void PrintTo(const Case& one, std::ostream* out) {
    *out << one.chip << " revision " << one.revision.value_or(0);
}

// All that esptool-js knows and Imprint does too, by what esptool-js calls them.
const std::array chips{Case{"esp32", 300, "ESP32-D0WD-V3 (revision 3)"},
                       Case{"esp32s2", {}, "ESP32-S2 (revision v1.0)"},
                       Case{"esp32s3", {}, "ESP32-S3 (QFN56) (revision v0.2)"},
                       Case{"esp32c3", {}, "ESP32-C3 (QFN32) (revision v0.4)"},
                       Case{"esp32c2", {}, "ESP32-C2 (revision 1)"},
                       Case{"esp32c6", {}, "ESP32-C6 (revision 1)"},
                       Case{"esp32h2", {}, "ESP32-H2 (revision v1.2)"},
                       Case{"esp32c5", {}, "ESP32-C5 (revision v1.0)"},
                       Case{"esp32c61", {}, "ESP32-C61 (revision v1.0)"},
                       Case{"esp32p4", {}, "ESP32-P4 (revision v3.0)"},
                       Case{"esp32p4", 103, "ESP32-P4 (revision v1.3)"}};

using Parameters = std::tuple<Case, std::string>;

class EsptoolJs : public testing::TestWithParam<Parameters> {
  protected:
    void SetUp() override {
        if (!std::filesystem::exists(IMPRINT_SOURCE_DIR "/node_modules/esptool-js"))
            GTEST_SKIP() << "esptool-js is not installed: scripts/install";
        auto folder = TemporaryDirectory::create();
        ASSERT_TRUE(folder) << folder.error().describe();
        folder_ = std::move(*folder);
        ASSERT_TRUE(
            write_sample_firmware(folder_->path(), "1.0.0", std::get<Case>(GetParam()).chip));
    }

    std::optional<TemporaryDirectory> folder_;
};

TEST_P(EsptoolJs, flashes_a_simulated_board_and_finds_it_all_there) {
    const auto& [chip, mode] = GetParam();
    BoardOptions options;
    options.chip = chip.chip;
    options.revision = chip.revision;
    options.mac = *parse_mac("24:0a:c4:12:ab:cd");
    options.flash_file = folder_->path() / "flash.bin";
    auto board = PtyBoard::start(options);
    ASSERT_TRUE(board) << board.error().describe();

    const std::string script = IMPRINT_SOURCE_DIR "/tests/simulator/esptool_js/flash.mjs";
    const auto run =
        run_command({{"node", script, board->path(), folder_->path() / "build", mode}, {}, {}});
    ASSERT_TRUE(run) << run.error().describe();
    EXPECT_EQ(run->status, 0) << run->text;
    EXPECT_THAT(run->text, HasSubstr("chip " + chip.described));
    EXPECT_THAT(run->text, HasSubstr("mac 24:0a:c4:12:ab:cd"));
    if (mode == "stub") {
        EXPECT_THAT(run->text, HasSubstr("runs at 921600"));
    }

    const auto flash = read_file(options.flash_file);
    const auto app = read_file(folder_->path() / "build" / "aws_iot.bin");
    ASSERT_TRUE(flash && app);
    EXPECT_TRUE(std::equal(app->begin(), app->end(), flash->begin() + 0x10000));
}

std::string name_of(const testing::TestParamInfo<Parameters>& one) {
    const auto& [chip, mode] = one.param;
    const std::string revision = chip.revision ? "_" + std::to_string(*chip.revision) : "";
    return chip.chip + revision + "_" + mode;
}

INSTANTIATE_TEST_SUITE_P(Chips, EsptoolJs,
                         testing::Combine(testing::ValuesIn(chips), testing::Values("stub", "rom")),
                         name_of);

}  // namespace

}  // namespace imprint::simulator
