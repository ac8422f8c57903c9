// Each word list has a word for each enumerator, and no more.
#include "events/words.h"

#include <cctype>
#include <gtest/gtest.h>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace imprint::events {
namespace {

// The value as g++ and clang write it: "imprint::events::Step::verify", or a cast where it has no
// name: "(imprint::events::Step)11".
template <auto Value>
consteval std::string_view spelling() {
    std::string_view text = __PRETTY_FUNCTION__;
    constexpr std::string_view mark = "Value = ";
    text.remove_prefix(text.rfind(mark) + mark.size());
    return text.substr(0, text.find_first_of(";]"));
}

template <auto Value>
consteval bool is_enumerator() {
    return spelling<Value>().find('(') == std::string_view::npos;
}

// "implicitly denied" stands for implicitly_denied, "ACTIVE" for active.
std::string as_identifier(std::string_view word) {
    std::string text(word);
    for (char& c : text)
        c = c == ' ' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

template <Worded Enum>
class WordsTest : public ::testing::Test {};

using Enums = ::testing::Types<Step, CertificateFate, ErrorKind, LogLevel, RegistryStatus,
                               NvsProtection, Health, PolicyOutcome, PolicyChange, RotationState,
                               LeftoverKind, LeftoverCause, LeftoverAction, DifferenceKind,
                               AttemptOutcome, CertificateState, UserRole, UserChange>;
TYPED_TEST_SUITE(WordsTest, Enums);

TYPED_TEST(WordsTest, are_as_many_as_there_are_enumerators) {
    constexpr std::size_t count = Words<TypeParam>::all.size();
    static_assert(is_enumerator<static_cast<TypeParam>(count - 1)>(), "there is a word too many");
    static_assert(!is_enumerator<static_cast<TypeParam>(count)>(), "a word is missing");
}

TYPED_TEST(WordsTest, are_different_and_have_a_meaning) {
    std::set<std::string_view> seen;
    for (const Word& word : Words<TypeParam>::all) {
        EXPECT_FALSE(word.text.empty());
        EXPECT_FALSE(word.meaning.empty()) << word.text;
        EXPECT_TRUE(seen.insert(word.text).second) << word.text << " is there twice";
    }
}

// In their order: none stands beside another's.
TYPED_TEST(WordsTest, are_called_as_their_enumerators) {
    [this]<std::size_t... I>(std::index_sequence<I...>) {
        const std::string_view names[] = {spelling<static_cast<TypeParam>(I)>()...};
        for (const std::size_t i : {I...}) {
            const std::string_view name = names[i].substr(names[i].rfind(':') + 1);
            EXPECT_TRUE(name.starts_with(as_identifier(Words<TypeParam>::all[i].text))) << name;
        }
    }(std::make_index_sequence<Words<TypeParam>::all.size()>());
}

}  // namespace
}  // namespace imprint::events
