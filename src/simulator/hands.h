// The hands at a simulated bench, as lines of text: one command, one answer.
//
//   put BAY [MAC]     a new board, or one of the box    ok 240ac4000001
//   take BAY                                            ok 240ac4000001
//   swap BAY [MAC]    another one in its place          ok 240ac4000002
//   break BAY, mend BAY   its cable                     ok
//   state             ok {"bays":[{"bay":"1","board":"240ac4000001","cable":"whole"}],"box":[]}
//
// What cannot be done is answered with "error CODE SENTENCE", and has changed nothing.
#pragma once

#include <string>
#include <string_view>

#include "simulator/bench.h"

namespace imprint::simulator {

inline constexpr std::size_t longest_hand_line = 256;  // bytes

[[nodiscard]] std::string obey(Bench& bench, std::string_view line);

}  // namespace imprint::simulator
