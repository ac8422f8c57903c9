#include "image/partition_csv_line.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/text.h"
#include "image/text.h"

namespace imprint::image {

namespace {

bool is_name_character(char c, bool first) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (!first && c >= '0' && c <= '9');
}

// $NAME and ${NAME}, as a shell and Python's os.path.expandvars have them.
Result<std::string> with_variables(std::string_view text, std::size_t line,
                                   const PartitionTable::Options& options) {
    std::string out;
    while (!text.empty()) {
        if (text[0] != '$' || !options.variable) {
            out += text[0];
            text.remove_prefix(1);
            continue;
        }
        const bool braces = text.substr(1).starts_with('{');
        const std::size_t start = braces ? 2 : 1;
        std::size_t end = start;
        while (end < text.size() &&
               (braces ? text[end] != '}' : is_name_character(text[end], end == start)))
            ++end;
        if (end == start || (braces && end == text.size())) {
            out += text[0];
            text.remove_prefix(1);
            continue;
        }
        const std::string_view name = text.substr(start, end - start);
        const auto value = options.variable(name);
        if (!value)
            return bad_field(line, "variable",
                             fmt::format("the environment has no {}", in_quotes(name)), "set it");
        out += *value;
        text.remove_prefix(end + (braces ? 1 : 0));
    }
    return out;
}

// A row without the comment that may stand behind its last field. What is in a comment names no
// variable, and an apostrophe or a $ there means nothing.
std::string_view without_comment(std::string_view text) {
    if (without_blanks(text).starts_with('#')) return {};
    std::size_t at = 0;
    for (std::size_t commas = 0; commas < CsvFields{}.size(); ++commas) {
        at = text.find(',', at);
        if (at == std::string_view::npos) return text;
        ++at;
    }
    return without_blanks(text.substr(at)).starts_with('#') ? text.substr(0, at) : text;
}

// What spreadsheets and documents make of a table, told as what it is.
Result<void> check_form(std::string_view row, std::size_t line) {
    const auto refuse = [line](std::string_view what, std::string_view hint) {
        return fail(ErrorKind::config, "partition_table_csv",
                    fmt::format("line {}: {}", line, what), std::string(hint));
    };
    const std::size_t comma = row.find(',');
    if (comma == std::string_view::npos) {
        if (row.find(';') != std::string_view::npos)
            return refuse("its fields are separated by semicolons",
                          "put commas in their place: a spreadsheet asks for the separator when it "
                          "writes CSV");
        if (row.find('\t') != std::string_view::npos)
            return refuse("its fields are separated by tabs", "put commas in their place");
        if (row.find(' ') != std::string_view::npos)
            return refuse("there is no comma in it",
                          "a row is: name, type, subtype, offset, size, flags");
        return {};
    }
    const std::string_view first = without_blanks(row.substr(0, comma));
    const std::string_view rest = row.substr(comma + 1);
    const std::string_view second = without_blanks(rest.substr(0, rest.find(',')));
    if (lower_case(first) == "name" && lower_case(second) == "type")
        return refuse("this is the heading of the columns and no partition",
                      "put a # before it, which makes it a comment");
    for (const std::string_view field : {first, second})
        if (field.size() > 1 && field.front() == '"' && field.back() == '"')
            return refuse("its fields are in quotation marks, which would be part of them",
                          "take the quotation marks away");
    return {};
}

}  // namespace

std::unexpected<Error> bad_field(std::size_t line, std::string_view field, std::string message,
                                 std::string hint) {
    return fail(ErrorKind::config, "partition_table_csv",
                fmt::format("line {}, {}: {}", line, field, message), std::move(hint));
}

Result<std::optional<CsvFields>> csv_fields(std::string_view text, std::size_t line,
                                            const PartitionTable::Options& options) {
    IMPRINT_TRY(const std::string expanded, with_variables(without_comment(text), line, options));
    std::string_view rest = without_blanks(expanded);
    if (rest.empty() || rest.starts_with('#')) return std::nullopt;
    IMPRINT_CHECK(check_form(rest, line));
    CsvFields fields;
    std::string_view more;
    for (std::size_t i = 0;; ++i) {
        const std::size_t comma = rest.find(',');
        const std::string_view field = without_blanks(rest.substr(0, comma));
        if (i < fields.size())
            fields.at(i) = field;
        else if (!field.empty() && more.empty())
            more = field;
        if (comma == std::string_view::npos) break;
        rest.remove_prefix(comma + 1);
    }
    // A flag here would be lost without a word: "encrypted,readonly" for "encrypted:readonly".
    if (!more.empty() && !more.starts_with('#'))
        return bad_field(line, "flags", fmt::format("{} stands behind them", in_quotes(more)),
                         "put a colon between flags, and nothing behind them");
    return fields;
}

}  // namespace imprint::image
