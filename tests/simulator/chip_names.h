// Chips as names of parameterised tests.
#pragma once

#include <gtest/gtest.h>
#include <ostream>
#include <string>

#include "simulator/chip_model.h"

namespace imprint::simulator {

inline void PrintTo(const ChipModel& model, std::ostream* out) {
    *out << model.key;
}

inline std::string chip_name(const testing::TestParamInfo<ChipModel>& one) {
    return std::string(one.param.key);
}

}  // namespace imprint::simulator
