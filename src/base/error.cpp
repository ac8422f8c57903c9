#include "base/error.h"

#include <algorithm>
#include <ranges>

namespace imprint {

int exit_code(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::usage:
            return 2;
        case ErrorKind::config:
            return 3;
        case ErrorKind::registry:
            return 4;
        case ErrorKind::board:
            return 5;
        case ErrorKind::ledger:
            return 6;
        case ErrorKind::interrupted:
            return 130;
        case ErrorKind::bug:
            return 70;
    }
    return 3;
}

std::string_view to_string(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::usage:
            return "usage";
        case ErrorKind::config:
            return "config";
        case ErrorKind::registry:
            return "registry";
        case ErrorKind::board:
            return "board";
        case ErrorKind::ledger:
            return "ledger";
        case ErrorKind::interrupted:
            return "interrupted";
        case ErrorKind::bug:
            return "bug";
    }
    return "config";
}

std::string Error::describe() const {
    return hint.empty() ? reason() : reason() + " (" + hint + ")";
}

std::string Error::reason() const {
    std::string text;
    for (const auto& part : std::views::reverse(context))
        text += part + ": ";
    return text + message;
}

std::string Error::shown_hint() const {
    if (!hint.empty()) return hint;
    const auto* row =
        std::ranges::lower_bound(error_table, std::string_view(code), {}, &ErrorRow::code);
    return row != error_table.end() && row->code == code ? std::string(row->hint) : std::string();
}

}  // namespace imprint
