// What comes from outside and holds keys: XML, JSON, times, command lines. Whatever comes, nothing
// of it is quoted.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <random>

#include <nlohmann/json.hpp>

#include "aws/providers/command_line.h"
#include "aws/providers/keys.h"
#include "aws/providers/xml.h"
#include "aws/support.h"

namespace imprint::aws {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

std::string xml_value(std::string_view text, std::string_view path) {
    const auto parsed = XmlAnswer::parse(text);
    return parsed ? std::string(parsed->value(path)) : "(damaged)";
}

TEST(Xml, elements_are_found_by_the_end_of_their_path) {
    const std::string text =
        "<?xml version=\"1.0\"?>\n<!-- <a> -->\n<R xmlns=\"x>y\"><Q><A>1</A><B a='/'>2</B>"
        "<C/><D> 3\n</D></Q><A>4</A></R>\n";
    EXPECT_EQ(xml_value(text, "Q/A"), "1");
    EXPECT_EQ(xml_value(text, "A"), "1");
    EXPECT_EQ(xml_value(text, "R/A"), "4");
    EXPECT_EQ(xml_value(text, "B"), "2");
    EXPECT_EQ(xml_value(text, "C"), "");
    EXPECT_EQ(xml_value(text, "D"), "3");
    EXPECT_EQ(xml_value(text, "Q"), "") << "has elements in it";
    EXPECT_EQ(xml_value(text, "/Q/A"), "");
    EXPECT_EQ(xml_value("<AB>1</AB>", "B"), "");
}

TEST(Xml, references_become_what_they_stand_for) {
    EXPECT_EQ(
        xml_value("<r>&lt;&gt;&amp;amp;&quot;&apos;&#65;&#x42;&#xe4;&#x20ac;&#x1F600;</r>", "r"),
        "<>&amp;\"'ABä€😀");
    EXPECT_EQ(xml_value("<r><![CDATA[<&]]></r>", "r"), "<&");
    EXPECT_EQ(xml_value("<r>half<!-- x --> of it</r>", "r"), "") << "a part is no value";
    EXPECT_EQ(xml_value("<r>&other;</r>", "r"), "&other;") << "nothing else is expanded";
}

TEST(Xml, what_is_not_well_formed_is_refused) {
    for (const char* text :
         {"", " ", "x", "<", "<>", "</>", "<a>", "</a>", "<a></b>", "<a/><b/>", "<a", "<a b='></a>",
          "<a><b></a></b>", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "<!-- <a/>", "<?x <a/>",
          "<![CDATA[x]]>", "<a><![CDATA[x</a>", "<a <b></b></a>"})
        EXPECT_FALSE(XmlAnswer::parse(text)) << text;
    const auto long_text = [](std::size_t size) {
        return "<a>" + std::string(size - 7, 'x') + "</a>";
    };
    EXPECT_TRUE(XmlAnswer::parse(long_text(65536)));
    EXPECT_FALSE(XmlAnswer::parse(long_text(65537)));
}

TEST(Xml, depth_breaks_nothing) {
    std::string deep;
    for (int i = 0; i < 20'000; ++i)
        deep += "<a>";
    EXPECT_FALSE(XmlAnswer::parse(deep));
    deep.resize(9000);
    std::string whole = deep + "x";
    for (int i = 0; i < 3000; ++i)
        whole += "</a>";
    EXPECT_EQ(xml_value(whole, "a/a"), "x");
}

std::string escaped(const std::string& text, std::mt19937& random) {
    std::string result;
    for (const char c : text) {
        if (c == '<')
            result += "&lt;";
        else if (c == '&')
            result += "&amp;";
        else if (random() % 5 == 0)
            result += fmt::format("&#x{:x};", static_cast<unsigned char>(c));
        else
            result += c;
    }
    return result;
}

TEST(Xml, random_texts_come_back_and_random_damage_breaks_nothing) {
    std::mt19937 random(20260714);
    constexpr std::string_view letters = "ab<>&;'\"/#=xA0+ ]!-?[";
    for (int round = 0; round < 3000; ++round) {
        std::string secret(1 + random() % 20, 'k');
        for (char& c : secret)
            c = letters[random() % letters.size()];
        secret = "s" + secret + "s";  // blanks at the ends do not count
        std::string text =
            fmt::format("<r><A>id</A><!--x--><S>{}</S></r>", escaped(secret, random));
        ASSERT_EQ(xml_value(text, "r/S"), secret) << text;
        for (unsigned n = random() % 4 + 1; n > 0; --n) {
            const std::size_t at = random() % text.size();
            if (random() % 3 == 0)
                text.erase(at, 1 + random() % 5);
            else
                text[at] = letters[random() % letters.size()];
            if (text.empty()) break;
        }
        static_cast<void>(XmlAnswer::parse(text));
    }
}

TEST(JsonKeys, random_answers_are_taken_whole_or_refused_without_being_quoted) {
    std::mt19937 random(20260714);
    const auto any = [&random](const char* good) -> json {
        switch (random() % 20) {
            case 0:
                return nullptr;
            case 1:
                return 1;
            case 2:
                return true;
            case 3:
                return json::array({"canary"});
            case 4:
                return json{{"canary", "canary"}};
            case 5:
                return "";
            default:
                return good;
        }
    };
    int taken = 0;
    for (int round = 0; round < 5000; ++round) {
        json answer = {{"Version", random() % 5 == 0 ? any("1") : json(1)},
                       {"AccessKeyId", any("AK")},
                       {"SecretAccessKey", any("canary-secret")},
                       {"SessionToken", any("canary-session")},
                       {"Expiration", any("2026-07-14T09:30:00Z")}};
        for (const char* name : {"Version", "AccessKeyId", "SecretAccessKey", "Expiration"})
            if (random() % 12 == 0) answer.erase(name);
        const json asked = answer;
        std::string text = answer.dump();
        if (random() % 4 == 0) text.resize(random() % text.size());
        const auto keys = keys_of_json(text, {.versioned = true}, "a test");
        if (!keys) {
            EXPECT_THAT(keys.error().describe(), Not(HasSubstr("canary")));
            continue;
        }
        ++taken;
        EXPECT_EQ(asked["Version"], 1);
        EXPECT_EQ(keys->access_key_id, "AK");
        EXPECT_EQ(keys->secret_access_key.reveal_text(), "canary-secret");
        EXPECT_EQ(keys->expires.has_value(),
                  asked.contains("Expiration") && !asked["Expiration"].is_null());
    }
    EXPECT_GT(taken, 300);
}

TEST(JsonKeys, the_text_is_wiped_whatever_it_was) {
    for (const char* answer : {"canary", R"({"SecretAccessKey":"canary"})"}) {
        std::string text = answer;
        EXPECT_FALSE(keys_of_json(text, {}, "a test"));
        EXPECT_THAT(text, Not(HasSubstr("canary")));
    }
}

TEST(WithoutSecrets, plain_and_encoded_ones_go_and_what_explains_a_signature) {
    EXPECT_EQ(without_secrets("key a/b+ and a%2Fb%2B, a/b+", {"a/b+", ""}), "key … and …, …");
    EXPECT_EQ(without_secrets("no match.\n\nThe Canonical String was x", {}), "no match.");
}

TEST(CommandLine, any_text_comes_apart_or_is_refused) {
    std::mt19937 random(20260714);
    for (int round = 0; round < 2000; ++round) {
        std::string line(random() % 40, ' ');
        for (char& c : line)
            c = static_cast<char>(random() % 256);
        const auto parts = split_command_line(line);
        if (!parts) continue;
        std::size_t size = 0;
        for (const auto& part : *parts)
            size += part.size();
        EXPECT_LE(size, line.size());
    }
}

}  // namespace
}  // namespace imprint::aws
