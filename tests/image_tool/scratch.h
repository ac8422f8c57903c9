// A folder of its own for each test, gone afterwards.
#pragma once

#include <filesystem>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/files.h"

namespace imprint::image_tool::testing {

class Scratch : public ::testing::Test {
  protected:
    [[nodiscard]] std::filesystem::path at(std::string_view name) const {
        return folder_.path() / name;
    }

    void put(std::string_view name, ByteView content) const {
        std::filesystem::create_directories(at(name).parent_path());
        ASSERT_TRUE(write_file(at(name), content));
    }

    void put(std::string_view name, std::string_view content) const {
        put(name, as_bytes(content));
    }

    [[nodiscard]] static unsigned mode_of(const std::filesystem::path& path) {
        struct stat info{};
        return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 07777 : 0;
    }

    // Everything in the test's folder, so that a test can say that nothing was left behind.
    [[nodiscard]] std::size_t entries() const {
        std::size_t count = 0;
        for ([[maybe_unused]] const auto& entry :
             std::filesystem::recursive_directory_iterator(folder_.path()))
            ++count;
        return count;
    }

  private:
    TemporaryDirectory folder_ = TemporaryDirectory::create("imprint-image-tool").value();
};

}  // namespace imprint::image_tool::testing
