#include "station/thing_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/error_code.h"
#include "registry/fake_registry.h"

namespace imprint::station {
namespace {

TEST(ThingReport, a_thing_that_is_not_there_is_said_with_a_command_that_lists_them) {
    SystemClock clock;
    registry::testing::FakeRegistry registry(clock);
    const auto report = look_up_thing(registry, "nothing");
    EXPECT_EQ(code_of(report), "thing_unknown");
    EXPECT_THAT(report.error().hint, ::testing::StartsWith("`aws iot list-things`"));
}

}  // namespace
}  // namespace imprint::station
