// What other layers call a state is what the events say of it.
#include "cli/event_words.h"

#include <gtest/gtest.h>

namespace imprint::cli {
namespace {

template <typename From, typename To>
void expect_the_same_words() {
    for (std::size_t i = 0; i < events::Words<To>::all.size(); ++i) {
        const auto from = static_cast<From>(i);
        EXPECT_EQ(events::word_of(told(from)), to_string(from));
    }
}

TEST(EventWordsTest, are_those_that_the_layers_have) {
    expect_the_same_words<aws::CertificateStatus, events::RegistryStatus>();
    expect_the_same_words<ledger::Outcome, events::AttemptOutcome>();
    expect_the_same_words<ledger::CertificateState, events::CertificateState>();
    expect_the_same_words<policy::Outcome, events::PolicyOutcome>();
}

TEST(EventWordsTest, are_those_of_errors_and_logs) {
    for (std::size_t i = 0; i < events::Words<ErrorKind>::all.size(); ++i)
        EXPECT_EQ(events::word_of(static_cast<ErrorKind>(i)), to_string(static_cast<ErrorKind>(i)));
    for (std::size_t i = 0; i < events::Words<LogLevel>::all.size(); ++i)
        EXPECT_EQ(events::word_of(static_cast<LogLevel>(i)), to_string(static_cast<LogLevel>(i)));
}

}  // namespace
}  // namespace imprint::cli
