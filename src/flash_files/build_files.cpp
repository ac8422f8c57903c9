#include "flash_files/build_files.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace imprint::flash_files {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::unexpected<Error> outside(const fs::path& folder, const std::string& name,
                               std::string_view how) {
    return fail(ErrorKind::config, "build_file_outside",
                fmt::format("the build names \"{}\", which {} {}", name, how, folder.string()),
                "what is flashed has to lie in the build's folder: put the file itself there");
}

bool is_within(const fs::path& folder, const fs::path& path) {
    const auto differs = std::ranges::mismatch(folder, path);
    return differs.in1 == folder.end();
}

// Keys alone: values are let pass.
class KeySax : public nlohmann::json_sax<json> {
  public:
    bool null() override { return true; }

    bool boolean(bool /*value*/) override { return true; }

    bool number_integer(json::number_integer_t /*value*/) override { return true; }

    bool number_unsigned(json::number_unsigned_t /*value*/) override { return true; }

    bool number_float(json::number_float_t /*value*/, const std::string& /*text*/) override {
        return true;
    }

    bool string(std::string& /*value*/) override { return true; }

    bool binary(json::binary_t& /*value*/) override { return true; }

    bool start_object(std::size_t /*elements*/) override {
        open_.emplace_back();
        return true;
    }

    bool key(std::string& name) override {
        if (open_.back().insert(name).second) return true;
        twice_ = name;
        return false;
    }

    bool end_object() override {
        open_.pop_back();
        return true;
    }

    bool start_array(std::size_t /*elements*/) override { return true; }

    bool end_array() override { return true; }

    bool parse_error(std::size_t /*at*/, const std::string& /*token*/,
                     const json::exception& /*why*/) override {
        return false;
    }

    [[nodiscard]] std::optional<std::string> twice() && { return std::move(twice_); }

  private:
    std::vector<std::set<std::string>> open_;
    std::optional<std::string> twice_;
};

}  // namespace

Result<fs::path> build_file(const fs::path& folder, const std::string& name) {
    const fs::path path(name);
    if (path.is_absolute()) return outside(folder, name, "is not below");
    const fs::path normal = path.lexically_normal();
    if (normal.empty() || *normal.begin() == "..") return outside(folder, name, "is not below");
    // What is not there at all is told by whoever reads it.
    std::error_code error;
    const auto real = [&error](const fs::path& one) {
        return fs::weakly_canonical(fs::absolute(one.empty() ? "." : one), error);
    };
    const fs::path real_folder = real(folder);
    const fs::path real_path = real(folder / normal);
    if (!error && !is_within(real_folder, real_path))
        return outside(folder, name, "leads by a link out of");
    return folder / normal;
}

std::optional<std::string> key_named_twice(std::string_view text) {
    KeySax keys;
    static_cast<void>(json::sax_parse(text, &keys));
    return std::move(keys).twice();
}

}  // namespace imprint::flash_files
