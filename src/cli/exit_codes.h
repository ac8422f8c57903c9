// Every exit code, as docs/exit-codes.md and the manual have them.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace imprint::cli {

struct ExitCodeRow {
    int code;
    std::string_view meaning;
    // Which commands end with it, by their paths and separated by commas; empty: any.
    std::string_view commands = {};
};

inline constexpr auto exit_code_table = std::to_array<ExitCodeRow>({
    {0,
     "all boards passed, or had passed in their lot before; the command did what it was asked. "
     "Bays without a board do not count"},
    {1,
     "some board failed: each has its `board_failed` event with kind, code, reason and hint "
     "(`mend` in the JSON)",
     "imprint prepare,imprint registry rotate,imprint demo"},
    {2, "usage: the command line"},
    {3, "configuration or an input file"},
    {4,
     "registry: credentials, network, or what AWS IoT says; `registry reconcile`: ledger and "
     "registry differ"},
    {5, "board or port; `board flash` and `board verify`: a board failed, or holds something else"},
    {6, "ledger"},
    {7, "`registry policy check`: the policy denies what was asked",
     "imprint registry policy check"},
    {8, "`imprint prepare`, `registry rotate`: no bay has a board",
     "imprint prepare,imprint registry rotate"},
    {70, "a bug in Imprint: please report it"},
    {130, "interrupted"},
});

// Those that the command at this path can end with.
[[nodiscard]] std::vector<ExitCodeRow> exit_codes_of(std::string_view path);
// The table of docs/exit-codes.md, in Markdown.
[[nodiscard]] std::string exit_code_document();

}  // namespace imprint::cli
