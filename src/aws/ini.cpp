#include "aws/ini.h"

#include <algorithm>
#include <fmt/format.h>

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

Result<IniFile> parse(std::string_view text, const std::filesystem::path& path) {
    IniFile file;
    std::string section;
    std::string block;  // the key before, if nothing stood behind it
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view raw = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::string_view line = trimmed(raw);
        if (line.empty() || line.front() == '#' || line.front() == ';') continue;
        if (line.front() == '[') {
            const std::size_t close = line.find(']');
            if (close == std::string_view::npos) return damaged(path, number, "a [ without its ]");
            section = section_name(line.substr(1, close - 1));
            if (section.empty()) return damaged(path, number, "a section without a name");
            file.add_section(section);
            block.clear();
            continue;
        }
        if (section.empty()) return damaged(path, number, "a line before the first [profile]");
        const bool nested = raw.front() == ' ' || raw.front() == '\t';
        const std::size_t equals = line.find('=');
        // Indented text under a value is more of that value, in which nothing here is interested.
        if (nested && (block.empty() || equals == std::string_view::npos || equals == 0)) continue;
        if (equals == std::string_view::npos || equals == 0)
            return damaged(path, number, "neither a [profile] nor a key = value");
        std::string_view value = trimmed(line.substr(equals + 1));
        // A comment at the end counts only behind a blank; secrets may hold the characters.
        for (const std::string_view mark : {" #", " ;", "\t#", "\t;"})
            value = trimmed(value.substr(0, value.find(mark)));
        const std::string key(trimmed(line.substr(0, equals)));
        if (nested)
            file.set(section, fmt::format("{}.{}", block, key), value);
        else
            file.set(section, key, value);
        if (!nested) block = value.empty() ? key : std::string();
    }
    return file;
}

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
    auto file = parse(as_text(*bytes), path);
    wipe(*bytes);
    return file;
}

}  // namespace imprint::aws
