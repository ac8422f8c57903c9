#include "flash_files/build_files.h"

#include <gtest/gtest.h>

#include "base/error_code.h"
#include "base/files.h"

namespace imprint::flash_files {
namespace {

namespace fs = std::filesystem;

TEST(build_files, lie_in_the_builds_folder_however_it_is_named) {
    const auto folder = TemporaryDirectory::create();
    const fs::path build = folder->path() / "build";
    fs::create_directories(build / "sub");
    fs::create_directories(folder->path() / "build-old");
    ASSERT_TRUE(write_file(build / "sub" / "app.bin", "x"));
    fs::create_symlink("build", folder->path() / "link");
    fs::create_symlink("../build-old", build / "old");
    for (const fs::path& from : {build, build / "", folder->path() / "link",
                                 folder->path() / "build-old" / ".." / "build"}) {
        EXPECT_EQ(build_file(from, "sub/app.bin").value(), from / "sub/app.bin");
        EXPECT_TRUE(build_file(from, "sub/../sub/app.bin"));
        EXPECT_TRUE(build_file(from, "not-there.bin")) << "told by whoever reads it";
        for (const char* name : {"../x", "..", "sub/../../x", "/etc/passwd", "old/x", ""})
            EXPECT_EQ(code_of(build_file(from, name)), "build_file_outside") << name;
        EXPECT_FALSE(build_file(from, (build / "sub" / "app.bin").string()))
            << "no build writes an absolute path, wherever it leads";
    }
    // The folder that one stands in.
    EXPECT_TRUE(build_file("", "app.bin"));
    EXPECT_FALSE(build_file("", "../app.bin"));
    EXPECT_TRUE(build_file(".", "app.bin"));
}

TEST(build_files, a_key_that_an_object_has_twice_is_found) {
    EXPECT_EQ(key_named_twice(R"({"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]})"), std::nullopt);
    EXPECT_EQ(key_named_twice(R"({"a":1,"b":{"x":2,"y":1,"x":3}})"), "x");
    EXPECT_EQ(key_named_twice(R"({"a":1,"\u0061":2})"), "a");
    for (const char* text : {"", "{", "[1,2", "7", "{\"a\":"})
        EXPECT_EQ(key_named_twice(text), std::nullopt) << text;
}

}  // namespace
}  // namespace imprint::flash_files
