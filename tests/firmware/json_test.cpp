#include "imprint_identity/json.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace imprint_identity {

namespace {

struct Found {
    std::string path;
    JsonScalar::Kind kind;
    std::string text;
    bool cut;
    bool operator==(const Found&) const = default;
};

struct Walk {
    JsonResult result;
    std::vector<Found> found;
};

Walk walk(const std::string& text) {
    Walk made;
    made.result = walk_json(
        text.data(), text.size(),
        [](void* context, const JsonScalar& scalar) -> const char* {
            static_cast<std::vector<Found>*>(context)->push_back(
                {scalar.path, scalar.kind, {scalar.text, scalar.size}, scalar.cut});
            return nullptr;
        },
        &made.found);
    return made;
}

using Kind = JsonScalar::Kind;

TEST(Json, hands_out_each_scalar_with_its_path) {
    const Walk made =
        walk(R"({ "a" : {"b": "x", "c": [1, {"d": true}]}, "e": null, "f": -0.5e+3 })");
    EXPECT_EQ(made.result.problem, nullptr);
    EXPECT_EQ(made.found, (std::vector<Found>{{"a.b", Kind::string, "x", false},
                                              {"a.c[]", Kind::number, "1", false},
                                              {"a.c[].d", Kind::boolean, "true", false},
                                              {"e", Kind::null, "null", false},
                                              {"f", Kind::number, "-0.5e+3", false}}));
}

TEST(Json, unescapes_strings_to_utf8) {
    const Walk made = walk(R"(["\"\\\/\b\f\n\r\t", "\u00e9\u20ac\ud83d\ude00", "é"])");
    ASSERT_EQ(made.result.problem, nullptr);
    EXPECT_EQ(made.found[0].text, "\"\\/\b\f\n\r\t");
    EXPECT_EQ(made.found[1].text, "é€😀");
    EXPECT_EQ(made.found[2].text, "é");
}

TEST(Json, takes_empty_containers_and_lone_scalars) {
    for (const char* text : {"{}", "[]", " {\"a\":[]} ", "0", "\"\"", "false"})
        EXPECT_EQ(walk(text).result.problem, nullptr) << text;
}

TEST(Json, refuses_what_is_not_json) {
    for (const char* text : {"",
                             " ",
                             "{",
                             "}",
                             "[1",
                             "[1,]",
                             "{\"a\":1,}",
                             "{a:1}",
                             "{\"a\" 1}",
                             "{\"a\":}",
                             "01",
                             "1.",
                             ".5",
                             "+1",
                             "1e",
                             "-",
                             "tru",
                             "nul",
                             "True",
                             "\"a",
                             "\"\\x\"",
                             "\"\\u12\"",
                             "\"\\ud800\"",
                             "\"\\udc00\"",
                             "\"\\ud800\\u0041\"",
                             "\"\\u0000\"",
                             "\"a\nb\"",
                             "{} {}",
                             "1 2",
                             "'a'",
                             "{\"a\":1 \"b\":2}",
                             "[1 2]",
                             "// no\n1"})
        EXPECT_NE(walk(text).result.problem, nullptr) << text;
}

TEST(Json, says_where_it_stopped) {
    const Walk made = walk(R"({"a": 1, "b": x})");
    EXPECT_STREQ(made.result.problem, "not a value");
    EXPECT_EQ(made.result.at, 14U);
}

TEST(Json, nests_to_its_limit_and_no_further) {
    EXPECT_EQ(walk("[[[[[[[1]]]]]]]").result.problem, nullptr);
    EXPECT_STREQ(walk("[[[[[[[[1]]]]]]]]").result.problem, "nested too deep");
    EXPECT_STREQ(walk(std::string(100'000, '[')).result.problem, "nested too deep");
}

TEST(Json, a_cut_document_is_refused_without_a_look_behind_its_end) {
    const std::string text = R"({"a":[1.5e3,true,null,"\u00e9\ud83d\ude00"],"b":{"c":""}})";
    for (std::size_t size = 0; size < text.size(); ++size) {
        const std::vector<char> cut(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size));
        const JsonResult result = walk_json(
            cut.data(), cut.size(), [](void*, const JsonScalar&) -> const char* { return nullptr; },
            nullptr);
        EXPECT_NE(result.problem, nullptr) << size;
    }
}

TEST(Json, cuts_long_values_and_refuses_long_paths) {
    const Walk made = walk("\"" + std::string(300, 'x') + "\"");
    ASSERT_EQ(made.found.size(), 1U);
    EXPECT_TRUE(made.found[0].cut);
    EXPECT_EQ(made.found[0].text, std::string(JsonLimits::value, 'x'));
    EXPECT_NE(walk("{\"" + std::string(97, 'x') + "\":1}").result.problem, nullptr);
    EXPECT_EQ(walk("{\"" + std::string(96, 'x') + "\":1}").result.problem, nullptr);
}

TEST(Json, the_sink_may_end_the_walk) {
    const std::string text = R"({"a":1,"b":2})";
    const JsonResult result = walk_json(
        text.data(), text.size(), [](void*, const JsonScalar&) -> const char* { return "enough"; },
        nullptr);
    EXPECT_STREQ(result.problem, "enough");
}

// Every text of up to four characters out of JSON's own, judged by another reader.
TEST(Json, agrees_with_another_reader) {
    const std::string letters = "{}[]\":,0-1.e a";
    std::string text;
    const auto judge = [&] {
        const bool accepted = walk(text).result.problem == nullptr;
        EXPECT_EQ(accepted, nlohmann::json::accept(text)) << text;
    };
    for (const char a : letters)
        for (const char b : letters)
            for (const char c : letters)
                for (const char d : letters) {
                    text = {a, b, c, d};
                    judge();
                }
}

}  // namespace

}  // namespace imprint_identity
