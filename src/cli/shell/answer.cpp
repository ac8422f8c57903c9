#include "cli/shell/answer.h"

#include <array>
#include <fmt/format.h>

#include "base/terminal_text.h"
#include "cli/shell/bash_line.h"

namespace imprint::cli::shell {

namespace {

std::string_view to_string(Paths paths) {
    constexpr std::array<std::string_view, 3> names{"none", "files", "folders"};
    return names[static_cast<std::size_t>(paths)];
}

std::string how(const Completion& completion) {
    return fmt::format("{} {}\n", to_string(completion.paths), completion.before_path);
}

// What makes a terminal obey, a shell begin a line, or a reader see another text than is there.
bool is_unfit(std::string_view text) {
    return without_steering(text) != text;
}

std::string to_bash(const CommandRow& program, std::span<const std::string> arguments,
                    const LiveValues& live) {
    BashLine line = read_bash_line(arguments[0], arguments[1]);
    // The program's own name is complete, or bash would not ask.
    if (line.words.size() < 2) return {};
    line.words.erase(line.words.begin());
    const Completion completion = complete(program, line.words, live);
    std::string text = how(completion);
    for (const auto& candidate : completion.candidates)
        if (!is_unfit(candidate.word)) text += bash_word(line, candidate.word) + '\n';
    return text;
}

std::string in_words(const CommandRow& program, std::span<const std::string> arguments,
                     const LiveValues& live) {
    const Completion completion = complete(program, {arguments.begin(), arguments.end()}, live);
    std::string text = how(completion);
    for (const auto& [word, meaning] : completion.candidates) {
        // It would be another line, or do something to the terminal.
        if (is_unfit(word)) continue;
        const bool is_told = !meaning.empty() && !is_unfit(meaning);
        text += is_told ? fmt::format("{}\t{}\n", word, meaning) : word + '\n';
    }
    return text;
}

}  // namespace

std::string answer(const CommandRow& program, std::span<const std::string> arguments,
                   const LiveValues& live) {
    if (arguments.size() == 3 && arguments[0] == "bash")
        return to_bash(program, arguments.subspan(1), live);
    if (arguments.size() >= 2 && arguments[0] == "words")
        return in_words(program, arguments.subspan(1), live);
    return {};
}

}  // namespace imprint::cli::shell
