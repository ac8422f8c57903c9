// The simulator's honesty: a loader client that its authors wrote for real chips, and that shares
// no line with this project, works on it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "base/process.h"
#include "simulator/pty_board.h"
#include "simulator/sample_firmware.h"

namespace imprint::simulator {

namespace {

using testing::HasSubstr;

class EsptoolJs : public testing::TestWithParam<std::string> {
  protected:
    void SetUp() override {
        if (!std::filesystem::exists(IMPRINT_SOURCE_DIR "/node_modules/esptool-js"))
            GTEST_SKIP() << "esptool-js is not installed: scripts/install";
        auto folder = TemporaryDirectory::create();
        ASSERT_TRUE(folder) << folder.error().describe();
        folder_ = std::move(*folder);
        ASSERT_TRUE(write_sample_firmware(folder_->path()));
    }

    std::optional<TemporaryDirectory> folder_;
};

TEST_P(EsptoolJs, flashes_a_simulated_board_and_finds_it_all_there) {
    BoardOptions options;
    options.mac = *parse_mac("24:0a:c4:12:ab:cd");
    options.flash_file = folder_->path() / "flash.bin";
    auto board = PtyBoard::start(options);
    ASSERT_TRUE(board) << board.error().describe();

    const auto run =
        run_command({{"node", IMPRINT_SOURCE_DIR "/tests/simulator/esptool_js/flash.mjs",
                      board->path(), folder_->path() / "build", GetParam()},
                     {},
                     {}});
    ASSERT_TRUE(run) << run.error().describe();
    EXPECT_EQ(run->status, 0) << run->text;
    EXPECT_THAT(run->text, HasSubstr("chip ESP32-D0WD-V3 (revision 3)"));
    EXPECT_THAT(run->text, HasSubstr("mac 24:0a:c4:12:ab:cd"));

    const auto flash = read_file(options.flash_file);
    const auto app = read_file(folder_->path() / "build" / "aws_iot.bin");
    ASSERT_TRUE(flash && app);
    EXPECT_TRUE(std::equal(app->begin(), app->end(), flash->begin() + 0x10000));
}

INSTANTIATE_TEST_SUITE_P(Loader, EsptoolJs, testing::Values("stub", "rom"),
                         [](const auto& loader) { return loader.param; });

}  // namespace

}  // namespace imprint::simulator
