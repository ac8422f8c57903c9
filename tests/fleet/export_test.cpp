// Minted identities as files for other tools: what they hold, never a key, and whole or not at all.
#include "fleet/export.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/error_code.h"
#include "fleet/minted_world.h"

namespace imprint::fleet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ExportTest : public testing::MintedWorld {
  protected:
    Result<std::int64_t> go(ExportFormat format) {
        return export_identities(store_, format, settings_, file("out"));
    }

    std::string out() const { return read_text(file("out")).value(); }

    // Names in the folder that begin with that of the export.
    std::size_t files() const {
        std::size_t found = 0;
        for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
            found += entry.path().filename().string().starts_with("out") ? 1 : 0;
        return found;
    }
};

TEST_F(ExportTest, none_of_them_holds_a_key) {
    settings_.thing_name = "{mac}";
    ASSERT_TRUE(write_file(file("list"), "246f28aabbcc\n246f28aabbcd\n"));
    ASSERT_TRUE(mint(tools(), store_,
                     names_from_list(store_, file("list"), settings_, "lot-7").value(),
                     [](std::int64_t) {}));
    for (const auto format : {ExportFormat::bulk, ExportFormat::csv, ExportFormat::thingpress,
                              ExportFormat::thingpress_espressif}) {
        EXPECT_EQ(*go(format), 2);
        const std::string text = out();
        EXPECT_THAT(text, Not(HasSubstr("PRIVATE")));
        EXPECT_THAT(text, Not(HasSubstr(to_base64(as_bytes("-----BEGIN PRIVATE")).substr(0, 22))));
        for (const auto& one : all()) {
            const std::string& pem = one.certificate_pem;
            const std::string body = format == ExportFormat::thingpress
                                         ? to_base64(as_bytes(pem)).substr(0, 200)
                                         : pem.substr(pem.find('\n') + 1, 64);
            EXPECT_THAT(text, HasSubstr(body));
        }
    }
}

TEST_F(ExportTest, each_line_for_bulk_registration_has_what_the_template_asks_for) {
    ASSERT_TRUE(make_by_number(2));
    ASSERT_TRUE(go(ExportFormat::bulk));
    const std::string text = out();
    const auto first = nlohmann::json::parse(text.substr(0, text.find('\n')));
    EXPECT_THAT(first.dump(), HasSubstr("lamp-0000001"));
    EXPECT_THAT(first.dump(), HasSubstr("BEGIN CERTIFICATE"));
}

TEST_F(ExportTest, names_that_another_tool_would_not_give_are_refused_and_no_file_left) {
    settings_.ca.subject = "CN=lamp";
    ASSERT_TRUE(make_by_number(2));
    ASSERT_TRUE(write_file(file("out"), std::string("before")));
    EXPECT_EQ(code_of(go(ExportFormat::thingpress)), "export_names");
    EXPECT_EQ(code_of(go(ExportFormat::thingpress_espressif)), "export_names") << "without a MAC";
    EXPECT_EQ(out(), "before") << "whole or not at all";
    EXPECT_EQ(files(), 1U);
    EXPECT_EQ(*go(ExportFormat::csv), 2);
}

}  // namespace
}  // namespace imprint::fleet
