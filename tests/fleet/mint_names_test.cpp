// Which identities a list asks for.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/error_code.h"
#include "base/files.h"
#include "fleet/mint.h"

namespace imprint::fleet {
namespace {

class MintNamesTest : public testing::Test {
  protected:
    Result<MintNames> names() {
        return names_from_list(store_, folder_.path() / "list", settings_, "lot");
    }

    TemporaryDirectory folder_ = TemporaryDirectory::create().value();
    minted::MintedStore store_ = minted::MintedStore::open(folder_.path() / "minted").value();
    prepare::IdentitySettings settings_;
};

TEST_F(MintNamesTest, each_line_of_the_list_names_one) {
    ASSERT_TRUE(write_file(folder_.path() / "list",
                           "# boards of today\n24:6f:28:00:00:01\r\n\n246f28000002 # second\n"
                           "246f28000001"));
    auto next = names();
    ASSERT_TRUE(next) << next.error().describe();
    for (const char* mac : {"246f28000001", "246f28000002"}) {
        const auto name = (*next)();
        ASSERT_TRUE(name && *name);
        EXPECT_EQ((*name)->thing, mac);
    }
    const auto last = (*next)();
    ASSERT_TRUE(last);
    EXPECT_FALSE(*last) << "the third line is the first again";
    ASSERT_TRUE(write_file(folder_.path() / "list", "246f28000001\n\nnonsense\n"));
    const auto odd = names();
    ASSERT_FALSE(odd);
    EXPECT_EQ(code_of(odd), "mint_list");
    EXPECT_NE(odd.error().message.find("line 3"), std::string::npos);
}

TEST_F(MintNamesTest, a_list_that_is_no_file_is_refused_and_not_waited_for) {
    EXPECT_EQ(code_of(names()), "file_missing");
    ASSERT_EQ(::mkfifo((folder_.path() / "list").c_str(), 0600), 0);
    EXPECT_EQ(code_of(names()), "file_not_regular");
}

}  // namespace
}  // namespace imprint::fleet
