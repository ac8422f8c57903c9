#include "image_tool/nvs_csv.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "base/secret.h"
#include "base/text.h"
#include "image/text.h"

namespace imprint::image_tool {

namespace {

std::unexpected<Error> bad_row(std::size_t line, std::string_view what, std::string hint = {}) {
    return fail(ErrorKind::config, "nvs_csv", fmt::format("line {}: {}", line, what),
                std::move(hint));
}

using Fields = CsvLine;

// Takes a text apart as Python's csv module does, and refuses what that one guesses at.
class Splitter {
  public:
    explicit Splitter(std::string_view text) : rest_(text) {}

    // Nothing at the end. Comments and empty lines are left out.
    Result<std::optional<Fields>> next() {
        while (!rest_.empty()) {
            const std::string_view line = rest_.substr(0, rest_.find_first_of("\r\n"));
            if (!line.starts_with('#') && !image::without_blanks(line).empty()) break;
            rest_.remove_prefix(line.size());
            end_line();
        }
        if (rest_.empty()) return std::nullopt;
        Fields fields{line_, {}};
        for (;;) {
            IMPRINT_TRY(std::string field, next_field());
            fields.texts.push_back(std::move(field));
            if (!rest_.starts_with(',')) break;
            rest_.remove_prefix(1);
        }
        end_line();
        return fields;
    }

  private:
    Result<std::string> next_field() {
        if (rest_.starts_with('"')) return in_quotation_marks();
        const std::string_view field = rest_.substr(0, rest_.find_first_of(",\r\n"));
        rest_.remove_prefix(field.size());
        return std::string(field);
    }

    Result<std::string> in_quotation_marks() {
        const std::size_t began = line_;
        std::string field;
        rest_.remove_prefix(1);
        for (;;) {
            if (rest_.empty())
                return bad_row(began,
                               "a quotation mark that begins a field has no other at its end");
            if (rest_.starts_with("\"\"")) {
                field += '"';
                rest_.remove_prefix(2);
            } else if (rest_.front() == '"') {
                rest_.remove_prefix(1);
                break;
            } else if (rest_.front() == '\r' || rest_.front() == '\n') {
                field += '\n';
                end_line();
            } else {
                field += rest_.front();
                rest_.remove_prefix(1);
            }
        }
        if (!rest_.empty() && rest_.find_first_of(",\r\n") != 0)
            return bad_row(line_, "something stands behind the quotation mark that ends a field",
                           "double a quotation mark that is part of the field");
        return field;
    }

    void end_line() {
        if (rest_.empty()) return;
        rest_.remove_prefix(rest_.starts_with("\r\n") ? 2 : 1);
        ++line_;
    }

    std::string_view rest_;
    std::size_t line_ = 1;
};

constexpr std::array<std::string_view, 4> columns{"key", "type", "encoding", "value"};

// Where the heading has each column.
Result<std::array<std::size_t, 4>> read_heading(const Fields& heading) {
    constexpr std::string_view hint = "begin with the line key,type,encoding,value";
    const auto& texts = heading.texts;
    if (texts.size() == 1 && texts.front().find_first_of(";\t") != std::string::npos)
        return bad_row(heading.line, "its fields are separated by semicolons or tabs",
                       "put commas in their place: a spreadsheet asks for the separator when it "
                       "writes CSV");
    std::array<std::size_t, 4> places{};
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto is_column = [&](const std::string& text) {
            return image::without_blanks(text) == columns.at(i);
        };
        const auto found = std::ranges::find_if(texts, is_column);
        if (found == texts.end())
            return bad_row(heading.line, fmt::format("the heading has no column {}", columns.at(i)),
                           std::string(hint));
        places.at(i) = static_cast<std::size_t>(found - texts.begin());
    }
    return places;
}

Result<NvsRow> row_of(const Fields& fields, const std::array<std::size_t, 4>& places,
                      std::size_t width) {
    // DictReader drops them without a word: the end of a value with a comma in it.
    for (std::size_t i = width; i < fields.texts.size(); ++i)
        if (!image::without_blanks(fields.texts[i]).empty())
            return bad_row(fields.line, "it has more fields than the heading has columns",
                           "put a value with a comma in it in quotation marks");
    const auto field = [&](std::size_t column) -> std::optional<std::string> {
        const std::size_t place = places.at(column);
        if (place >= fields.texts.size()) return std::nullopt;
        return fields.texts[place];
    };
    NvsRow row;
    row.line = fields.line;
    row.key = field(0).value_or("");
    row.type = lower_case(image::without_blanks(field(1).value_or("")));
    row.encoding = lower_case(image::without_blanks(field(2).value_or("")));
    row.value = field(3);
    if (image::without_blanks(row.key).size() != row.key.size())
        return bad_row(fields.line, "its key has blanks around it, which would be part of it",
                       "take the blanks away");
    return row;
}

Result<std::vector<NvsRow>> parse_text(std::string_view text) {
    Splitter splitter(text);
    IMPRINT_TRY(const std::optional<Fields> heading, splitter.next());
    if (!heading) return bad_row(1, "it has no heading", "begin with key,type,encoding,value");
    IMPRINT_TRY(const auto places, read_heading(*heading));
    std::vector<NvsRow> rows;
    for (;;) {
        IMPRINT_TRY(std::optional<Fields> fields, splitter.next());
        if (!fields) return rows;
        IMPRINT_TRY(NvsRow row, row_of(*fields, places, heading->texts.size()));
        for (std::string& field : fields->texts)
            wipe(field);
        rows.push_back(std::move(row));
    }
}

Result<std::vector<CsvLine>> split_text(std::string_view text) {
    Splitter splitter(text);
    std::vector<CsvLine> lines;
    for (;;) {
        IMPRINT_TRY(std::optional<Fields> fields, splitter.next());
        if (!fields) return lines;
        lines.push_back(*std::move(fields));
    }
}

// parse: of the text of a file.
template <typename Parse>
auto parse_file(ByteView file, const Parse& parse) -> decltype(parse(std::string_view())) {
    const auto starts_with = [&](std::uint8_t first, std::uint8_t second) {
        return file.size() >= 2 && file[0] == first && file[1] == second;
    };
    if (starts_with(0xFF, 0xFE) || starts_with(0xFE, 0xFF)) {
        std::string text = image::utf8_from_utf16(file.subspan(2), file[0] == 0xFE);
        auto parsed = parse_file(as_bytes(text), parse);
        wipe(text);
        return parsed;
    }
    std::string_view text = as_text(file);
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (text.find('\0') != std::string_view::npos || !image::is_utf8(text))
        return fail(ErrorKind::config, "nvs_csv", "this is no text in UTF-8",
                    "name the CSV, and write it in UTF-8");
    return parse(text);
}

}  // namespace

Result<std::vector<CsvLine>> parse_csv_lines(ByteView file) {
    return parse_file(file, split_text);
}

Result<std::vector<NvsRow>> parse_nvs_csv(ByteView file) {
    return parse_file(file, parse_text);
}

}  // namespace imprint::image_tool
