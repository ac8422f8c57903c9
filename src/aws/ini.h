// AWS's shared config and credentials files (AWS SDKs and Tools Reference Guide, "Shared config and
// credentials files"): [section], key = value or key: value, comments with # or ;, nested keys by
// indentation.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"

namespace imprint::aws {

// Keys in lower case. A nested block ("iot =", and an indented "endpoint_url = …" under it) gives a
// key with a dot: "iot.endpoint_url".
using IniSection = std::map<std::string, std::string, std::less<>>;

// Nothing if there is no such section, or no such key in it. The text lives as long as the file.
[[nodiscard]] std::string_view value_of(const IniSection* section, std::string_view key);

// The content of one file. It may contain secrets: its values are wiped when it is destroyed.
class IniFile {
  public:
    IniFile() = default;
    ~IniFile();
    IniFile(IniFile&&) noexcept = default;
    IniFile& operator=(IniFile&&) = delete;
    IniFile(const IniFile&) = delete;
    IniFile& operator=(const IniFile&) = delete;

    // By its name as written, without quotes and double blanks: "profile factory".
    [[nodiscard]] const IniSection* section(std::string_view name) const;

    // The later of two values counts.
    void set(const std::string& section, std::string_view key, std::string_view value);
    void add_section(const std::string& section);

  private:
    std::map<std::string, IniSection, std::less<>> sections_;
};

// A missing file counts as empty. Error: credentials_file_damaged (kind registry; also for a
// profile or key that stands twice, a byte order mark, UTF-16), with file and line but never with a
// value.
[[nodiscard]] Result<IniFile> read_ini(const std::filesystem::path& path);

}  // namespace imprint::aws
