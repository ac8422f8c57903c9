// The table that everything is made from: whole, and without two of a name.
#include "events/describe.h"

#include <gtest/gtest.h>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "events/event.h"

namespace imprint::events {
namespace {

struct Forgetful {
    std::string told;
    std::optional<std::uint64_t> forgotten;

    static constexpr void members(const auto& member) {
        member("told", &Forgetful::told, "is there");
    }
};

static_assert(Described<Forgetful> && !EventBody<Forgetful>);
static_assert(!is_wholly_described<Forgetful>, "a member that is not in the table is found");
static_assert(is_wholly_described<BoardInfo> && count_members<BoardInfo>() == 19);
static_assert(is_wholly_described<LedgerAttempt> && count_members<LedgerAttempt>() == 26);

// What is misspelt is not there.
template <typename T>
concept HasStepVerfy = requires { T::verfy; };
template <typename T>
concept HasStepVerify = requires { T::verify; };
static_assert(HasStepVerify<Step> && !HasStepVerfy<Step>);
static_assert(!std::is_constructible_v<BoardStep, const char*>, "a step is no text");

template <typename Visit, EventBody... Bodies>
void each_type(const Visit& visit, Group<Bodies...> /*all*/) {
    (visit.template operator()<Bodies>(), ...);
}

template <typename Visit>
void each_event(const Visit& visit) {
    each_type(visit, AllEvents());
}

bool is_name(std::string_view text) {
    return !text.empty() &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == text.npos;
}

bool is_sentence(std::string_view text) {
    return !text.empty() && !text.ends_with('.') && !text.contains('\n') && !text.contains('|');
}

TEST(DescribeTest, no_two_events_have_one_name) {
    std::set<std::string_view> names;
    each_event([&]<EventBody T>() {
        EXPECT_TRUE(is_name(T::summary.name)) << T::summary.name;
        EXPECT_TRUE(is_sentence(T::summary.when)) << T::summary.name;
        EXPECT_TRUE(names.insert(T::summary.name).second) << T::summary.name;
    });
}

TEST(DescribeTest, members_have_names_of_their_own_and_a_sentence_each) {
    each_event([]<EventBody T>() {
        static_assert(is_wholly_described<T>);
        std::set<std::string_view> names{"v", "event", "time"};
        // An attempt or a board was in a bay; the event that tells of it is in none.
        if (!std::same_as<T, LedgerAttempt> && !std::same_as<T, LedgerBoard> &&
            !std::same_as<T, LotBoard>)
            names.insert("bay");
        T::members([&](std::string_view name, auto, std::string_view sentence, auto...) {
            EXPECT_TRUE(names.insert(name).second) << T::summary.name << ' ' << name;
            EXPECT_TRUE(is_name(name)) << T::summary.name << ' ' << name;
            EXPECT_TRUE(is_sentence(sentence)) << T::summary.name << ' ' << name;
        });
    });
}

}  // namespace
}  // namespace imprint::events
