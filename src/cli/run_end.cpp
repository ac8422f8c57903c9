#include "cli/run_end.h"

namespace imprint::cli {

namespace {

constexpr int some_board_failed = 1;
constexpr int all_bays_empty = 8;

}  // namespace

int exit_code_of(const station::RunSummary& summary, const Context& context) {
    if (summary.interrupted || context.asked_to_end()) return exit_code(ErrorKind::interrupted);
    if (summary.failed > 0) return some_board_failed;
    const bool none = summary.passed == 0 && summary.skipped.empty();
    return none && summary.empty > 0 ? all_bays_empty : 0;
}

}  // namespace imprint::cli
