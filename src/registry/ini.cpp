#include "registry/ini.h"

#include <fmt/format.h>

#include "base/files.h"
#include "base/secret.h"

namespace imprint::registry {

namespace {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blank = " \t\r";
    const std::size_t first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

std::unexpected<Error> damaged(const std::filesystem::path& path, std::size_t line,
                               const char* what) {
    return fail(ErrorKind::registry, "credentials_file_damaged",
                fmt::format("{} line {}: {}", path.string(), line, what),
                "write it as the AWS CLI does: [profile] lines, then key = value lines");
}

Result<IniFile> parse(std::string_view text, const std::filesystem::path& path) {
    IniFile file;
    IniSection* section = nullptr;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view raw = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::string_view line = trimmed(raw);
        if (line.empty() || line.front() == '#' || line.front() == ';') continue;
        if (line.front() == '[') {
            const std::size_t close = line.find(']');
            if (close == std::string_view::npos) return damaged(path, number, "a [ without its ]");
            section = &file[std::string(trimmed(line.substr(1, close - 1)))];
            continue;
        }
        // A nested block, such as "s3 =" and indented keys under it: nothing of it matters here.
        if (raw.front() == ' ' || raw.front() == '\t') continue;
        const std::size_t equals = line.find('=');
        if (section == nullptr) return damaged(path, number, "a line before the first [profile]");
        if (equals == std::string_view::npos || equals == 0)
            return damaged(path, number, "neither a [profile] nor a key = value");
        std::string_view value = trimmed(line.substr(equals + 1));
        // A comment at the end counts only behind a space; secrets may hold the characters.
        for (const std::string_view mark : {" #", " ;", "\t#", "\t;"})
            value = trimmed(value.substr(0, value.find(mark)));
        (*section)[std::string(trimmed(line.substr(0, equals)))] = value;
    }
    return file;
}

}  // namespace

Result<IniFile> read_ini(const std::filesystem::path& path) {
    auto bytes = read_file(path);
    if (!bytes) {
        if (bytes.error().code == "file_missing") return IniFile{};
        bytes.error().kind = ErrorKind::registry;
        return std::unexpected(std::move(bytes).error());
    }
    auto file = parse(as_text(*bytes), path);
    wipe(*bytes);
    return file;
}

}  // namespace imprint::registry
