#include "cli/board_info.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <string>
#include <vector>

#include "base/text.h"
#include "cli/output/text.h"
#include "image/partition_table.h"

namespace imprint::cli {

namespace {

std::string security_text(const loader::SecurityState& state) {
    if (!state.known) return "not told by this chip";
    std::vector<std::string> on;
    if (state.secure_boot) on.emplace_back("secure boot");
    if (state.flash_encryption)
        on.emplace_back(state.flash_encryption_release ? "flash encryption (release)"
                                                       : "flash encryption");
    if (state.secure_download_mode) on.emplace_back("secure download mode");
    for (const std::uint8_t purpose : state.key_purposes)
        if (purpose != 0) on.push_back("key " + loader::key_purpose_name(purpose));
    return on.empty() ? "nothing locked" : fmt::format("{}", fmt::join(on, ", "));
}

struct Nvs {
    events::NvsProtection protection;
    std::string text;
};

// Whether what firmware keeps in NVS can be read by who reads the flash.
Nvs look_at_nvs(board_tool::BoardTool& tool) {
    using events::NvsProtection;
    const loader::SecurityState& state = tool.board().info().security;
    constexpr std::uint8_t hmac_up = 8;
    if (std::ranges::find(state.key_purposes, hmac_up) != state.key_purposes.end())
        return {NvsProtection::hmac, "encrypted where the firmware uses the chip's HMAC key"};
    if (state.flash_encryption)
        return {NvsProtection::unknown, "not to be told: the partition table is encrypted"};
    const auto table = tool.partitions();
    if (!table)
        return {NvsProtection::unknown, "not to be told: there is no partition table in flash"};
    const auto& partitions = table->partitions();
    if (std::ranges::any_of(partitions, &image::Partition::is_nvs_keys))
        return {NvsProtection::keys_partition, "encrypted, by the keys of a partition"};
    if (std::ranges::any_of(partitions, &image::Partition::is_nvs))
        return {NvsProtection::plain, "not encrypted"};
    return {NvsProtection::none, "there is none"};
}

std::vector<std::string> key_names(const loader::SecurityState& state) {
    std::vector<std::string> names;
    for (const std::uint8_t purpose : state.key_purposes)
        if (purpose != 0) names.push_back(loader::key_purpose_name(purpose));
    return names;
}

// In secure download mode a chip tells no more.
void show_locked(Context& context, const board_tool::BoardTool& tool) {
    const loader::BoardInfo& info = tool.board().info();
    context.show(events::BoardInfo{.port = tool.port(),
                                   .chip = std::string(info.chip->name),
                                   .security_known = true,
                                   .secure_boot = info.security.secure_boot,
                                   .flash_encryption = info.security.flash_encryption,
                                   .secure_download_mode = true,
                                   .keys = key_names(info.security)},
                 output::table({{"port", tool.port()},
                                {"MAC", "not told in secure download mode"},
                                {"chip", std::string(info.chip->name)},
                                {"security", security_text(info.security)}}));
}

}  // namespace

void show_board_info(Context& context, board_tool::BoardTool& tool) {
    const loader::BoardInfo& info = tool.board().info();
    if (info.security.secure_download_mode) {
        show_locked(context, tool);
        return;
    }
    const std::string revision = revision_text(info.revision);
    const std::string loader = fmt::format(
        "{} at {} baud", tool.board().stub_runs() ? "stub" : "ROM", tool.board().baud());
    const Nvs nvs = look_at_nvs(tool);
    context.show(
        events::BoardInfo{.port = tool.port(),
                          .mac = info.mac,
                          .chip = std::string(info.chip->name),
                          .revision = revision,
                          .crystal_mhz = info.crystal_mhz,
                          .flash_id = fmt::format("{:06x}", info.flash_id),
                          .flash_size = info.flash_size,
                          .flash_size_told = info.flash_size_told,
                          .security_known = info.security.known,
                          .secure_boot = info.security.secure_boot,
                          .flash_encryption = info.security.flash_encryption,
                          .flash_encryption_release = info.security.flash_encryption_release,
                          .encrypted_writes = info.security.flash_encryption &&
                                              !info.security.encrypted_writes_disabled,
                          .secure_download_mode = info.security.secure_download_mode,
                          .keys = key_names(info.security),
                          .nvs = nvs.text,
                          .stub = tool.board().stub_runs(),
                          .baud = tool.board().baud(),
                          .nvs_protection = nvs.protection},
        output::table(
            {{"port", tool.port()},
             {"MAC", info.mac.colons()},
             {"chip", fmt::format("{} {}", info.chip->name, revision)},
             {"crystal", fmt::format("{} MHz", info.crystal_mhz)},
             {"flash", fmt::format("{} (id {:06x}{})",
                                   info.flash_size == 0 ? std::string("of unknown size")
                                                        : output::bytes_text(info.flash_size),
                                   info.flash_id,
                                   info.flash_size < info.flash_size_told
                                       ? ", which tells " + output::bytes_text(info.flash_size_told)
                                       : std::string())},
             {"security", security_text(info.security)},
             {"NVS", nvs.text},
             {"loader", loader}}));
}

}  // namespace imprint::cli
