#include "loader/stub.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/files.h"

namespace imprint::loader {

namespace {

using nlohmann::json;

std::optional<std::uint32_t> number(const json& root, const char* key) {
    const auto found = root.find(key);
    if (found == root.end() || !found->is_number_unsigned()) return std::nullopt;
    const auto value = found->get<std::uint64_t>();
    if (value > UINT32_MAX) return std::nullopt;
    return static_cast<std::uint32_t>(value);
}

std::optional<Bytes> blob(const json& root, const char* key) {
    const auto found = root.find(key);
    if (found == root.end() || !found->is_string()) return std::nullopt;
    return from_base64(found->get<std::string>());
}

}  // namespace

Result<Stub> load_stub(const std::filesystem::path& directory, const Chip& chip) {
    const auto path = directory / fmt::format("{}.json", chip.key);
    const auto text = read_text(path);
    if (!text)
        return fail(
            ErrorKind::config, "stub_missing",
            fmt::format("there is no stub flasher for {}: {}", chip.name, text.error().message),
            "run `make build`, or set station.stub_directory");
    const json root = json::parse(*text, nullptr, false);
    const auto entry = root.is_object() ? number(root, "entry") : std::nullopt;
    const auto text_start = root.is_object() ? number(root, "text_start") : std::nullopt;
    auto code = root.is_object() ? blob(root, "text") : std::nullopt;
    if (!entry || !text_start || !code || code->empty())
        return fail(ErrorKind::config, "stub_damaged",
                    fmt::format("{} is no stub flasher", path.string()),
                    "install it again: npm ci");
    Stub stub{*entry, *text_start, std::move(*code), 0, {}};
    if (auto data = blob(root, "data"); data && !data->empty()) {
        const auto data_start = number(root, "data_start");
        if (!data_start)
            return fail(ErrorKind::config, "stub_damaged",
                        fmt::format("{} does not say where its data goes", path.string()),
                        "install it again: npm ci");
        stub.data_start = *data_start;
        stub.data = std::move(*data);
    }
    return stub;
}

}  // namespace imprint::loader
