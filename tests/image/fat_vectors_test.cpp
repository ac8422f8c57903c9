// FAT partitions that ESP-IDF, its wear levelling and mkfs.fat have made, as the firmware reads
// them.
#include <cstring>
#include <filesystem>
#include <gtest/gtest.h>

#include "base/files.h"
#include "image/support.h"
#include "imprint_identity/fat.h"

namespace imprint::image {
namespace {

namespace fat = imprint_identity::fat;
using imprint_identity::FileSource;

const std::filesystem::path folder = IMPRINT_TEST_DATA "/image/fat";

Bytes content_of(const std::filesystem::path& path) {
    return read_file(path.string()).value();
}

std::vector<std::string> vector_names() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.path().extension() == ".gz") names.push_back(entry.path().stem().stem().string());
    std::ranges::sort(names);
    return names;
}

class FatVectors : public ::testing::TestWithParam<std::string> {};

std::string vector_name(const ::testing::TestParamInfo<std::string>& info) {
    std::string name = info.param;
    std::ranges::replace(name, '-', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Reference, FatVectors, ::testing::ValuesIn(vector_names()), vector_name);

TEST_P(FatVectors, each_file_is_read) {
    const Bytes packed = content_of(folder / (GetParam() + ".bin.gz"));
    Bytes image = testing::inflate(packed, get_u32(packed, packed.size() - 4));
    imprint_identity::Flash flash;
    flash.read = [](void* self, std::uint32_t at, void* into, std::size_t size) {
        const Bytes& cells = *static_cast<Bytes*>(self);
        if (at > cells.size() || size > cells.size() - at) return false;
        std::memcpy(into, cells.data() + at, size);
        return true;
    };
    flash.context = &image;
    fat::Volume volume;
    ASSERT_STREQ(volume.open(flash, static_cast<std::uint32_t>(image.size())), nullptr);
    const FileSource files = volume.source();
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "files")) {
        if (!entry.is_regular_file()) continue;
        const std::string name = std::filesystem::relative(entry, folder / "files").string();
        SCOPED_TRACE(name);
        const Bytes wanted = content_of(entry.path());
        ASSERT_EQ(files.size(files.context, name.c_str()), static_cast<long>(wanted.size()));
        Bytes read(wanted.size());
        EXPECT_TRUE(files.read(files.context, name.c_str(), reinterpret_cast<char*>(read.data()),
                               read.size()))
            << files.trouble(files.context);
        EXPECT_TRUE(read == wanted);
        ++count;
    }
    EXPECT_EQ(count, 8U);
}

}  // namespace
}  // namespace imprint::image
