// Every command with its options, as plain data that Command fills in: the help, the manual pages,
// the shells' completions and docs are made from it.
#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <vector>

namespace imprint::cli {

enum class OptionGroup : std::uint8_t { own, config, common };
[[nodiscard]] std::string_view heading(OptionGroup group);  // "Common options"

// What a value is, for shells that complete it.
enum class ValueKind : std::uint8_t {
    other,
    file,
    folder,
    port,       // of a board
    lot,        //
    thing,      // that the ledger knows
    board,      // MAC address of a board that the ledger knows
    chip,       //
    run,        // its number in the ledger
    setting,    // "KEY=VALUE"
    key_value,  // the value of one configuration key
};

struct OptionRow {
    std::vector<std::string> names =
        {};                  // "-p", "--port"; of an argument its one name, as in "DIR"
    std::string value = {};  // "PORT", for the reader; empty: a flag
    std::string meaning = {};
    OptionGroup group = OptionGroup::own;
    ValueKind kind = ValueKind::other;
    std::vector<std::string> choices = {};  // empty: any value
    std::vector<std::string> offers = {};   // some of its values: others may be given too
    std::string bare = {};                  // the value of an option that is given without one
    std::string variable = {};              // of the environment, that stands for it
    std::string key = {};                   // of the configuration, that it sets
    bool required = false;
    bool repeated = false;    // may be given several times
    bool many_words = false;  // one of them takes several words

    [[nodiscard]] bool is_argument() const { return !names.front().starts_with('-'); }

    [[nodiscard]] bool is_flag() const { return value.empty(); }
};

struct Example {
    std::string line = {};
    std::string purpose = {};  // may be empty
};

struct CommandRow {
    std::string name = {};
    std::string path = {};  // "imprint board flash"
    std::string meaning = {};
    std::string example = {};  // as it was written: one or more lines
    bool hidden = false;       // for programs: neither in the help nor in the manual
    std::vector<OptionRow> options = {};
    std::list<CommandRow> commands = {};  // a list: Command points into it

    [[nodiscard]] std::vector<const CommandRow*> shown_commands() const;
    [[nodiscard]] std::vector<Example> examples() const;
    // None: there is no such command below this one.
    [[nodiscard]] const CommandRow* find(std::string_view command) const;
    // None: no option has this name ("--port").
    [[nodiscard]] const OptionRow* option(std::string_view option_name) const;
};

// The command and all below it that are shown, parents first.
[[nodiscard]] std::vector<const CommandRow*> with_all_below(const CommandRow& command);

// "imprint board flash [options] [PIECES…]"
[[nodiscard]] std::string usage_line(const CommandRow& command);
// "-v, --verbose", "--baud N"; of an argument "SIZE".
[[nodiscard]] std::string option_label(const OptionRow& option);
// With the choices, unless it names them all, and with the variable.
[[nodiscard]] std::string full_meaning(const OptionRow& option);

}  // namespace imprint::cli
