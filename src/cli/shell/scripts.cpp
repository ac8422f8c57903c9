#include "cli/shell/scripts.h"

#include <algorithm>
#include <array>

namespace imprint::cli::shell {

namespace {

struct ScriptRow {
    std::string_view shell;
    std::string_view script;
};

// All three ask `imprint complete …`, whose answer is described in answer.h.
constexpr auto scripts = std::to_array<ScriptRow>({
    {"bash", R"(# Completion of imprint for bash: printed by `imprint completion bash`.

_imprint() {
    local program="${1/#\~/$HOME}" paths _
    COMPREPLY=()
    {
        read -r paths _ || return 0
        mapfile -t COMPREPLY
    } < <("$program" complete bash "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
    if ((${#COMPREPLY[@]} > 0)); then
        # A key of the configuration goes on with its value.
        if [[ ${COMPREPLY[0]} == *= ]]; then compopt -o nospace; fi
    elif [[ $paths == files ]]; then
        compopt -o default
    elif [[ $paths == folders ]]; then
        compopt -o dirnames
    fi
}

complete -F _imprint imprint
)"},
    {"fish", R"(# Completion of imprint for fish: printed by `imprint completion fish`.

function __imprint_complete
    set -l words (commandline -opc)
    set -l program (string replace -r '^~(?=/)' $HOME -- $words[1])
    set -l word (commandline -ct)
    set -l plain (string unescape -- $word)
    or set plain $word
    set -l answer (command $program complete words $words[2..] "$plain" 2>/dev/null)
    or return
    set -l how (string split ' ' -- $answer[1])
    if set -q answer[2]
        string join \n -- $answer[2..]
    else if contains -- $how[1] files folders
        set -l before (string sub -l $how[2] -- $plain)
        set -l path (string sub -s (math $how[2] + 1) -- $plain)
        set -l found
        if test $how[1] = files
            set found (__fish_complete_path $path)
        else
            set found (__fish_complete_directories $path '')
        end
        for one in $found
            echo $before$one
        end
    end
end

complete -c imprint -f -a '(__imprint_complete)'
)"},
    {"zsh", R"(#compdef imprint
# Completion of imprint for zsh: printed by `imprint completion zsh`.

_imprint() {
    local program=${words[1]/#\~/$HOME} line word
    local -a answer how values unfinished
    answer=("${(@f)$("$program" complete words "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    how=(${=answer[1]})
    shift answer
    for line in $answer; do
        word=${line%%$'\t'*}
        # A colon ends the word where _describe reads it, and a backslash says that one does not.
        if [[ $line == *$'\t'* ]]; then
            line="${${word//\\/\\\\}//:/\\:}:${line#*$'\t'}"
        else
            line=${${word//\\/\\\\}//:/\\:}
        fi
        if [[ $word == *= ]]; then unfinished+=($line); else values+=($line); fi
    done
    if (($#values + $#unfinished)); then
        (($#values)) && _describe -V imprint values
        (($#unfinished)) && _describe -V imprint unfinished -S ''
    elif [[ $how[1] == (files|folders) ]]; then
        compset -p $how[2]
        if [[ $how[1] == folders ]]; then _files -/; else _files; fi
    fi
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _imprint "$@"
else
    compdef _imprint imprint
fi
)"},
});

}  // namespace

std::vector<std::string> shells() {
    std::vector<std::string> names;
    for (const auto& row : scripts)
        names.emplace_back(row.shell);
    return names;
}

std::string_view completion_script(std::string_view shell) {
    const auto* row = std::ranges::find(scripts, shell, &ScriptRow::shell);
    return row == scripts.end() ? std::string_view() : row->script;
}

}  // namespace imprint::cli::shell
