#include "loader/stub.h"

#include <fmt/format.h>
#include <optional>

#include <nlohmann/json.hpp>

#include "base/files.h"

namespace imprint::loader {

namespace {

using Json = nlohmann::json;

std::optional<std::uint32_t> word_at(const Json& json, const char* key) {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_number_unsigned()) return std::nullopt;
    const auto value = found->get<std::uint64_t>();
    if (value > 0xFFFFFFFF) return std::nullopt;
    return static_cast<std::uint32_t>(value);
}

std::optional<Bytes> bytes_at(const Json& json, const char* key) {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_string()) return std::nullopt;
    return from_base64(found->get_ref<const std::string&>());
}

std::unexpected<Error> damaged(std::string_view why) {
    return fail(ErrorKind::config, "stub_damaged", fmt::format("the stub flasher's {}", why),
                "install esptool-js again (npm ci), or run without stub");
}

}  // namespace

Result<StubImage> parse_stub(std::string_view json) {
    const Json parsed = Json::parse(json, nullptr, false);
    if (!parsed.is_object()) return damaged("file is not a JSON object");
    const auto entry = word_at(parsed, "entry");
    const auto text_start = word_at(parsed, "text_start");
    auto text = bytes_at(parsed, "text");
    if (!entry || !text_start || !text || text->empty())
        return damaged("file lacks entry, text_start or text");
    StubImage stub{*entry, *text_start, *std::move(text), 0, {}};
    if (parsed.contains("data")) {
        const auto data_start = word_at(parsed, "data_start");
        auto data = bytes_at(parsed, "data");
        if (!data_start || !data) return damaged("data or data_start cannot be read");
        stub.data_start = *data_start;
        stub.data = *std::move(data);
    }
    if (stub.entry < stub.text_start || stub.entry - stub.text_start >= stub.text.size())
        return damaged(fmt::format("entry {:#x} lies outside its text", stub.entry));
    return stub;
}

Result<StubImage> load_stub(const std::filesystem::path& directory, std::string_view chip_key) {
    const std::filesystem::path path = directory / fmt::format("{}.json", chip_key);
    const auto text = read_text(path);
    if (!text)
        return fail(ErrorKind::config, "stub_missing",
                    fmt::format("there is no stub flasher {}", path.string()),
                    "install esptool-js (npm ci), or run without stub");
    auto stub = parse_stub(*text);
    if (!stub)
        return with_context(std::move(stub).error(), fmt::format("reading {}", path.string()));
    return stub;
}

}  // namespace imprint::loader
