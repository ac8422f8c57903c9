#include "aws/ini.h"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <optional>
#include <utility>

#include "base/files.h"
#include "base/secret.h"
#include "base/text.h"

namespace imprint::aws {

namespace {

std::unexpected<Error> damaged(const std::filesystem::path& path, std::size_t line,
                               const char* what) {
    return fail(ErrorKind::registry, "credentials_file_damaged",
                fmt::format("{} line {}: {}", path.string(), line, what),
                "write it as the AWS CLI does: [profile] lines, then key = value lines");
}

// [profile "my line"] and [ profile  line ] are "profile my line" and "profile line".
std::string section_name(std::string_view text) {
    std::string name;
    char quote = 0;
    for (const char c : text) {
        if (c == quote) {
            quote = 0;
        } else if (quote == 0 && (c == '"' || c == '\'')) {
            quote = c;
        } else if (quote == 0 && (c == ' ' || c == '\t')) {
            if (!name.empty() && !name.ends_with(' ')) name += ' ';
        } else {
            name += c;
        }
    }
    if (name.ends_with(' ')) name.pop_back();
    return name;
}

// Text that the AWS CLI cannot read, though an editor shows nothing amiss.
Result<void> check_coding(std::string_view text, const std::filesystem::path& path) {
    const auto refused = [&path](const char* what) {
        return fail(ErrorKind::registry, "credentials_file_damaged",
                    fmt::format("{}: {}", path.string(), what),
                    "save it as UTF-8 without a byte order mark");
    };
    if (text.starts_with("\xEF\xBB\xBF")) return refused("it begins with a byte order mark");
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
        return refused("it is UTF-16 text");
    if (text.find('\0') != std::string_view::npos)
        return refused("it holds zero bytes, as UTF-16 text does");
    return {};
}

// The next line, ended by \n, \r\n or \r; each of them counts, as with Python's text files.
std::string_view take_line(std::string_view& text) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    const std::string_view line = text.substr(0, end);
    const bool both = text.substr(end).starts_with("\r\n");
    text.remove_prefix(std::min(end + (both ? 2 : 1), text.size()));
    return line;
}

std::string_view without_comment(std::string_view value) {
    // A comment at the end counts only behind a blank; secrets may hold the characters.
    for (const std::string_view mark : {" #", " ;", "\t#", "\t;"})
        value = trimmed(value.substr(0, value.find(mark)));
    return trimmed(value);
}

// Line by line, by the rules of Python's configparser, which the AWS CLI reads with: a key may be
// indented, and what is indented further than the key before it is more of that key's value.
class Parser {
  public:
    explicit Parser(const std::filesystem::path& path) : path_(path) {}

    Result<IniFile> parse(std::string_view text) {
        IMPRINT_CHECK(check_coding(text, path_));
        for (number_ = 1; !text.empty(); ++number_)
            IMPRINT_CHECK(take(take_line(text)));
        return std::move(file_);
    }

  private:
    [[nodiscard]] Result<void> take(std::string_view raw) {
        const std::string_view line = trimmed(raw);
        if (line.empty() || line.front() == '#' || line.front() == ';') return {};
        if (line.front() == '[') return take_header(line);
        if (section_.empty()) return damaged(path_, number_, "a line before the first [profile]");
        const std::size_t indent = raw.find_first_not_of(" \t\v\f");
        if (key_ && indent > indent_) return take_more(line);
        indent_ = indent;
        return take_key(line);
    }

    [[nodiscard]] Result<void> take_header(std::string_view line) {
        const std::size_t close = line.find(']');
        if (close == std::string_view::npos) return damaged(path_, number_, "a [ without its ]");
        section_ = section_name(line.substr(1, close - 1));
        if (section_.empty()) return damaged(path_, number_, "a section without a name");
        key_.reset();
        return first(fmt::format("[{}]", section_), [&] { file_.add_section(section_); });
    }

    [[nodiscard]] Result<void> take_key(std::string_view line) {
        const std::size_t mark = line.find_first_of("=:");
        if (mark == std::string_view::npos || mark == 0)
            return damaged(path_, number_, "neither a [profile] nor a key = value");
        const std::string key(trimmed(line.substr(0, mark)));
        const std::string_view value = without_comment(line.substr(mark + 1));
        if (has_control_character(value))
            return damaged(path_, number_, "a control character in a value");
        key_ = value.empty() ? key : std::string();
        return first(fmt::format("{} in [{}]", lower_case(key), section_),
                     [&] { file_.set(section_, key, value); });
    }

    // Under a key without a value it is a nested key; else more of the value, in which nothing here
    // is interested.
    [[nodiscard]] Result<void> take_more(std::string_view line) {
        const std::size_t equals = line.find('=');
        const bool is_key = equals != std::string_view::npos && equals != 0;
        if (!key_->empty() && is_key)
            file_.set(section_, fmt::format("{}.{}", *key_, trimmed(line.substr(0, equals))),
                      without_comment(line.substr(equals + 1)));
        // A credential that nobody would ever find.
        else if (is_key && line.starts_with("aws_"))
            return damaged(path_, number_,
                           "a key that is indented further than the one before it, and so a part "
                           "of that one's value");
        return {};
    }

    // What stands twice, the AWS CLI refuses: nobody knows which of the two is meant.
    template <typename Act>
    [[nodiscard]] Result<void> first(const std::string& what, Act act) {
        const auto [before, is_new] = lines_.try_emplace(what, number_);
        if (!is_new)
            return fail(
                ErrorKind::registry, "credentials_file_damaged",
                fmt::format("{} line {}: {} is there a second time; the first is in line {}",
                            path_.string(), number_, what, before->second),
                "delete one of them: which of the two counts differs between tools");
        act();
        return {};
    }

    const std::filesystem::path& path_;
    std::size_t number_ = 0;
    IniFile file_;
    std::string section_;
    // The key before in this section; empty: it has a value.
    std::optional<std::string> key_;
    std::size_t indent_ = 0;  // of that key
    std::map<std::string, std::size_t> lines_;
};

}  // namespace

std::string_view value_of(const IniSection* section, std::string_view key) {
    if (section == nullptr) return {};
    const auto found = section->find(key);
    return found == section->end() ? std::string_view() : found->second;
}

IniFile::~IniFile() {
    for (auto& [name, section] : sections_)
        for (auto& [key, value] : section)
            wipe(value);
}

const IniSection* IniFile::section(std::string_view name) const {
    const auto found = sections_.find(name);
    return found == sections_.end() ? nullptr : &found->second;
}

void IniFile::add_section(const std::string& section) {
    sections_.try_emplace(section);
}

void IniFile::set(const std::string& section, std::string_view key, std::string_view value) {
    std::string& place = sections_[section][lower_case(key)];
    wipe(place);
    place = value;
}

Result<IniFile> read_ini(const std::filesystem::path& path) {
    auto bytes = read_file(path);
    if (!bytes) {
        if (bytes.error().is("file_missing")) return IniFile{};
        bytes.error().kind = ErrorKind::registry;
        return std::unexpected(std::move(bytes).error());
    }
    auto file = Parser(path).parse(as_text(*bytes));
    wipe(*bytes);
    return file;
}

}  // namespace imprint::aws
