#include "base/error.h"

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
    std::string text;
    for (const auto& part : std::views::reverse(context))
        text += part + ": ";
    text += message;
    if (!hint.empty()) text += " (" + hint + ")";
    return text;
}

}  // namespace imprint
