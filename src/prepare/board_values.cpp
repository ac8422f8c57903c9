#include "prepare/board_values.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "base/files.h"
#include "base/text.h"
#include "image/text.h"
#include "image_tool/nvs_csv.h"
#include "image_tool/nvs_values.h"

namespace imprint::prepare {

namespace {

namespace fs = std::filesystem;
using image_tool::CsvLine;

constexpr std::array<std::string_view, 3> blob_encodings{"binary", "hex2bin", "base64"};

struct TableColumn {
    std::string heading;  // as it stands there, for errors
    std::string path;
    std::string encoding;
    bool is_file = false;
};

std::unexpected<Error> bad_table(const std::string& where, const std::string& what,
                                 std::string hint = {}) {
    return fail(ErrorKind::config, "credential_table", fmt::format("{}: {}", where, what),
                std::move(hint));
}

std::string column_place(const std::string& line, const TableColumn& column) {
    return fmt::format("{}, column {}", line, column.heading);
}

// What a value of this column is, before any is read: numbers are for NVS alone.
image::nvs::Type column_type(const TableColumn& column) {
    if (const auto number = image::nvs::number_type(column.encoding)) return *number;
    return column.encoding == "string" ? image::nvs::Type::string : image::nvs::Type::blob;
}

Result<TableColumn> column_of(const std::string& heading, const CredentialFormat& format,
                              const std::string& line) {
    TableColumn column{heading, {}, "string", false};
    const auto colon = heading.rfind(':');
    if (colon != std::string::npos) column.encoding = lower_case(heading.substr(colon + 1));
    if (column.encoding == "file") {
        column.is_file = true;
        column.encoding = "binary";
    }
    if (column_type(column) == image::nvs::Type::blob &&
        std::ranges::find(blob_encodings, column.encoding) == blob_encodings.end())
        return bad_table(
            column_place(line, column),
            fmt::format("its encoding {} is unknown", image::in_quotes(column.encoding)),
            "known are string, hex2bin, base64, file, and for NVS u8 to i64");
    auto path = format.path_of(heading.substr(0, colon), column_type(column));
    if (!path) return with_context(std::move(path).error(), line);
    column.path = *std::move(path);
    return column;
}

// The text with its placeholders filled in.
std::string filled_for(std::string text, const BoardValues::Board& board) {
    for (const auto& [word, value] :
         {std::pair("{mac}", &board.mac), std::pair("{thing}", &board.thing),
          std::pair("{lot}", &board.lot), std::pair("{serial}", &board.serial),
          std::pair("{scan}", &board.scanned)})
        text = replace_all(std::move(text), word, *value);
    return text;
}

Extra text_extra(const std::string& path, const std::string& text) {
    const ByteView bytes = as_bytes(text);
    return {path, Bytes(bytes.begin(), bytes.end()), {}, image::nvs::Type::string};
}

}  // namespace

struct BoardValues::Table {
    fs::path file;
    bool is_by_serial = false;  // else by MAC
    std::vector<std::string> paths;
    std::map<std::string, std::vector<Extra>, std::less<>> rows;  // by MacAddress::id or serial
    std::vector<Extra> largest;                                   // of each path the longest
};

namespace {

bool says_the_board(const std::string& heading) {
    const std::string word = lower_case(image::without_blanks(heading));
    return word == "mac" || word == "serial";
}

// Why a file that a field names is not read. Its path is not told.
std::string file_fault(const Error& error) {
    if (error.is("file_missing")) return "the file that it names is not there";
    if (error.is("file_too_large")) return "the file that it names is too large";
    return "the file that it names cannot be read";
}

// Reads a table line by line. Of a field that is wrong its place is told, and not what it holds:
// it may be a password, also one in the wrong column.
class TableReader {
  public:
    TableReader(const fs::path& file, const CredentialFormat& format)
        : file_(file), format_(format) {}

    Result<void> heading(const CsvLine& line) {
        const std::string where = place(line);
        if (line.texts.size() == 1 && line.texts.front().find_first_of(";\t") != std::string::npos)
            return bad_table(where, "its fields are separated by semicolons or tabs",
                             "put commas in their place");
        width_ = line.texts.size();
        // First: where the heading was forgotten, what stands in its place are values.
        if (std::ranges::none_of(line.texts, says_the_board))
            return bad_table(where, "no column says which board is meant",
                             "begin with a column mac, or serial");
        std::map<std::string, std::string> known;
        for (std::size_t i = 0; i < line.texts.size(); ++i) {
            const std::string text(image::without_blanks(line.texts[i]));
            if (says_the_board(text)) {
                if (key_at_)
                    return bad_table(where, "it has two columns that say which board is meant",
                                     "keep one of mac and serial");
                key_at_ = i;
                is_by_serial_ = lower_case(text) == "serial";
                continue;
            }
            IMPRINT_TRY(TableColumn column, column_of(text, format_, where));
            if (const auto [there, is_new] = known.emplace(column.path, text); !is_new)
                return bad_table(
                    where,
                    fmt::format("the columns {} and {} are one and the same", there->second, text),
                    "take one of them out");
            places_.push_back(i);
            columns_.push_back(std::move(column));
        }
        if (columns_.empty())
            return bad_table(where, "it has no column of values",
                             "add one, or leave the table out");
        return {};
    }

    Result<void> row(const CsvLine& line) {
        const std::string where = place(line);
        if (line.texts.size() != width_)
            return bad_table(
                where,
                fmt::format("it has {} fields, and the heading {}", line.texts.size(), width_),
                "put a value with a comma in it in quotation marks");
        IMPRINT_TRY(std::string key, key_of(line.texts[*key_at_], where));
        if (const auto [there, is_new] = lines_.emplace(key, line.line); !is_new)
            return bad_table(where,
                             fmt::format("its board has a row already, in line {}", there->second),
                             "take one of them out");
        std::vector<Extra> values;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            const std::string& text = line.texts[places_[i]];
            if (text.empty()) continue;
            IMPRINT_TRY(Extra value, value_of(columns_[i], text, line.line, where));
            values.push_back(std::move(value));
        }
        rows_.emplace(std::move(key), std::move(values));
        return {};
    }

    [[nodiscard]] bool is_by_serial() const { return is_by_serial_; }

    [[nodiscard]] std::vector<std::string> paths() const {
        std::vector<std::string> paths;
        for (const TableColumn& column : columns_)
            paths.push_back(column.path);
        return paths;
    }

    std::map<std::string, std::vector<Extra>, std::less<>>& rows() { return rows_; }

  private:
    [[nodiscard]] std::string place(const CsvLine& line) const {
        return fmt::format("{}, line {}", file_.string(), line.line);
    }

    [[nodiscard]] Result<std::string> key_of(const std::string& text,
                                             const std::string& where) const {
        std::string key(image::without_blanks(text));
        if (is_by_serial_) {
            if (key.empty()) return bad_table(where, "it has no serial number");
            return key;
        }
        const auto mac = parse_mac(key);
        if (!mac)
            return bad_table(where + ", column mac", "this is no MAC address",
                             "write it like 24:6f:28:aa:bb:cc");
        return mac->id();
    }

    [[nodiscard]] Result<Extra> value_of(const TableColumn& column, const std::string& text,
                                         std::size_t line, const std::string& where) const {
        const image_tool::NvsRow row{line, column.path, column.is_file ? "file" : "data",
                                     column.encoding, text};
        const auto read_beside = [this](const fs::path& path) -> Result<Bytes> {
            auto content = read_file(path.is_absolute() ? path : file_.parent_path() / path,
                                     file_limit::flash_image);
            if (content) return content;
            Error error = std::move(content).error();
            error.message = file_fault(error);
            error.hint = "its path counts from the table's folder";
            return std::unexpected(std::move(error));
        };
        auto entry = image_tool::nvs_entry_of(row, read_beside);
        if (!entry)
            return bad_table(column_place(where, column), entry.error().message,
                             entry.error().hint);
        return Extra{column.path, std::move(entry->data), file_.string(), entry->type, entry->bits};
    }

    fs::path file_;
    const CredentialFormat& format_;
    std::size_t width_ = 0;
    std::optional<std::size_t> key_at_;
    bool is_by_serial_ = false;
    std::vector<std::size_t> places_;  // of the columns
    std::vector<TableColumn> columns_;
    std::map<std::string, std::size_t> lines_;
    std::map<std::string, std::vector<Extra>, std::less<>> rows_;
};

std::vector<Extra> longest_of(const std::map<std::string, std::vector<Extra>, std::less<>>& rows) {
    std::map<std::string, const Extra*> longest;
    for (const auto& [key, row] : rows)
        for (const Extra& value : row) {
            const Extra*& there = longest[value.path];
            if (there == nullptr || there->data.size() < value.data.size()) there = &value;
        }
    std::vector<Extra> all;
    for (const auto& [path, value] : longest)
        all.push_back(*value);
    return all;
}

}  // namespace

Result<void> BoardValues::read_templates(const CredentialSettings& settings,
                                         const CredentialFormat& format) {
    for (const auto& [name, text] : settings.values) {
        auto path = format.path_of(name, image::nvs::Type::string);
        if (!path) return with_context(std::move(path).error(), "credentials.values");
        templates_.push_back({*std::move(path), name, text});
    }
    return {};
}

Result<BoardValues> BoardValues::read(const CredentialSettings& settings,
                                      const CredentialFormat& format) {
    BoardValues values;
    IMPRINT_CHECK(values.read_templates(settings, format));
    if (settings.table.empty()) return values;
    const fs::path& file = settings.table;
    auto bytes = read_file(file, file_limit::flash_image);
    if (!bytes) return with_context(std::move(bytes).error(), "credentials.table");
    auto lines = image_tool::parse_csv_lines(*bytes);
    if (!lines) return bad_table(file.string(), lines.error().message, lines.error().hint);
    if (lines->empty())
        return bad_table(file.string(), "it has no heading",
                         "begin with mac and the names of the values");
    TableReader reader(file, format);
    IMPRINT_CHECK(reader.heading(lines->front()));
    for (const CsvLine& line : std::span(*lines).subspan(1))
        IMPRINT_CHECK(reader.row(line));
    auto table = std::make_shared<Table>();
    table->file = file;
    table->is_by_serial = reader.is_by_serial();
    table->paths = reader.paths();
    table->rows = std::move(reader.rows());
    table->largest = longest_of(table->rows);
    values.table_ = std::move(table);
    return values;
}

std::vector<CredentialFormat::OwnPath> BoardValues::names() const {
    std::vector<CredentialFormat::OwnPath> all;
    for (const auto& one : templates_)
        all.push_back({one.path, fmt::format("credentials.values.{}", one.name)});
    if (table_)
        for (const auto& path : table_->paths)
            all.push_back({path, table_->file.string()});
    return all;
}

Result<std::vector<Extra>> BoardValues::of(const Board& board) const {
    std::vector<Extra> all;
    for (const auto& one : templates_) {
        if (one.text.contains("{scan}") && board.scanned.empty())
            return fail(ErrorKind::board, "serial_not_scanned",
                        fmt::format("credentials.values has {{scan}} in {}, and nothing was "
                                    "scanned for this board",
                                    image::in_quotes(one.name)),
                        "scan its label");
        all.push_back(text_extra(one.path, filled_for(one.text, board)));
    }
    if (!table_) return all;
    const std::string& key = table_->is_by_serial ? board.serial : board.mac;
    const auto row = table_->rows.find(key);
    if (row == table_->rows.end())
        return fail(ErrorKind::board, "credential_table_row",
                    key.empty() ? fmt::format("{} is by serial number, and this board has none",
                                              table_->file.string())
                                : fmt::format("{} has no row for {}", table_->file.string(), key),
                    "add its row, or take the board that is meant");
    all.insert(all.end(), row->second.begin(), row->second.end());
    return all;
}

std::vector<Extra> BoardValues::largest(const Board& longest) const {
    std::vector<Extra> all;
    for (const auto& one : templates_)
        all.push_back(text_extra(one.path, filled_for(one.text, longest)));
    if (table_) all.insert(all.end(), table_->largest.begin(), table_->largest.end());
    return all;
}

}  // namespace imprint::prepare
