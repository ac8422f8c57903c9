#include "image_tool/unpack_plan.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

#include "image/text.h"
#include "image_tool/private_key.h"

namespace imprint::image_tool {

namespace {

namespace fs = std::filesystem;
using image::spiffs::File;

std::unexpected<Error> bad_unpack_name(const std::string& path, std::string_view why) {
    return fail(ErrorKind::config, "unpack_name",
                fmt::format("the image holds a file named {}, {}", image::in_quotes(path), why),
                "nothing was written; inspect the image to see its names");
}

// The name of a file in the image as a path below the folder, part by part.
Result<fs::path> safe_path(const std::string& path) {
    fs::path safe;
    std::string_view rest = path;
    if (rest.starts_with('/')) rest.remove_prefix(1);
    for (;;) {
        const std::size_t slash = rest.find('/');
        const std::string_view part = rest.substr(0, slash);
        if (part.empty()) return bad_unpack_name(path, "with an empty part");
        if (part == "." || part == "..")
            return bad_unpack_name(path, "which could lead out of the folder");
        safe /= part;
        if (slash == std::string_view::npos) return safe;
        rest.remove_prefix(slash + 1);
    }
}

// What an image holds, as files.
struct Held {
    std::vector<File> files;
    std::vector<std::string> warnings;
    bool was_encrypted = false;
};

Held held_by(image::spiffs::Contents contents) {
    Held held{std::move(contents.files), std::move(contents.warnings), false};
    // Of a file that is cut short its beginning is worth having; an empty one in its place is not.
    for (image::spiffs::PartialFile& partial : contents.partial)
        if (!partial.file.content.empty()) held.files.push_back(std::move(partial.file));
    return held;
}

// A key that is there with two types, as older firmware leaves it, has each of them in its name.
Held held_by(NvsFound found) {
    Held held;
    held.was_encrypted = found.decrypted;
    for (auto& space : found.contents.namespaces) {
        std::map<std::string, int> times;
        for (const auto& entry : space.entries)
            ++times[entry.key];
        for (auto& entry : space.entries) {
            File file{fmt::format("/{}/{}", space.name, entry.key), std::move(entry.data)};
            if (times[entry.key] > 1)
                file.path += fmt::format(".{}", image::nvs::type_name(entry.type));
            append(file.content, as_bytes(image::nvs::number_text(entry)));
            held.files.push_back(std::move(file));
        }
    }
    for (const auto& fault : found.contents.faults)
        held.warnings.push_back(fault.text());
    if (found.contents.more_faults > 0)
        held.warnings.push_back(
            fmt::format("there are {} more of these", found.contents.more_faults));
    return held;
}

// PEM and other text ends with a NUL there, which is no part of a file.
ByteView without_nul(ByteView data) {
    if (data.empty() || data.back() != 0) return data;
    const ByteView text = data.first(data.size() - 1);
    const bool is_text =
        image::is_utf8(as_text(text)) && std::ranges::none_of(text, [](std::uint8_t byte) {
            return byte < ' ' && byte != '\n' && byte != '\r' && byte != '\t';
        });
    return is_text ? text : data;
}

// Of two entries of one name a device finds the first.
Held held_by(const image::secure_cert::Contents& contents) {
    Held held;
    std::set<std::string> known;
    for (const auto& entry : contents.entries) {
        std::string name = image::secure_cert::entry_name(entry.type, entry.subtype);
        if (!known.insert(name).second) continue;
        const ByteView data = without_nul(entry.data);
        held.files.push_back({fmt::format("/{}", name), Bytes(data.begin(), data.end())});
    }
    for (const auto& fault : contents.faults)
        held.warnings.push_back(fault.text());
    return held;
}

bool can_be_unpacked(const Finding& finding) {
    return std::holds_alternative<SpiffsFound>(finding.what) ||
           std::holds_alternative<NvsFound>(finding.what) ||
           std::holds_alternative<SecureCertFound>(finding.what);
}

Result<Held> unpackable(Finding finding) {
    if (auto* spiffs = std::get_if<SpiffsFound>(&finding.what))
        return held_by(std::move(spiffs->contents));
    if (const auto* certificates = std::get_if<SecureCertFound>(&finding.what))
        return held_by(certificates->contents);
    auto& nvs = std::get<NvsFound>(finding.what);
    if (nvs.contents.encrypted)
        return fail(ErrorKind::config, "nvs_keys",
                    "the NVS partition is encrypted, or no entry of it is whole",
                    "give the file of its keys: --nvs-keys");
    return held_by(std::move(nvs));
}

constexpr std::string_view unpacked_kinds =
    "only SPIFFS images, NVS and esp_secure_cert partitions are unpacked";

Result<Held> held_by_file(Finding finding) {
    if (can_be_unpacked(finding)) return unpackable(std::move(finding));
    if (const auto* named = std::get_if<Named>(&finding.what))
        return fail(ErrorKind::config, "image_unknown",
                    fmt::format("this is no SPIFFS image: {}", named->text),
                    std::string(unpacked_kinds));
    return fail(ErrorKind::config, "image_unknown",
                "there is no SPIFFS image in it, no NVS and no esp_secure_cert",
                "inspect it to see what it holds");
}

// Named, or the only one that there is: an NVS is in nearly every flash, and seldom meant.
Result<FlashPart*> chosen_part(FlashFound& flash, const std::string& name) {
    std::vector<FlashPart*> named;
    std::vector<FlashPart*> with_files;
    std::vector<FlashPart*> with_entries;
    std::vector<FlashPart*> with_values;
    for (FlashPart& part : flash.parts) {
        if (part.name == name) named.push_back(&part);
        if (std::holds_alternative<SpiffsFound>(part.finding.what)) with_files.push_back(&part);
        if (std::holds_alternative<NvsFound>(part.finding.what)) with_values.push_back(&part);
        if (std::holds_alternative<SecureCertFound>(part.finding.what))
            with_entries.push_back(&part);
    }
    if (!name.empty()) {
        if (named.size() == 1) return named.front();
        return fail(ErrorKind::usage, "partition_choice",
                    fmt::format("the flash has no partition {}", image::in_quotes(name)),
                    "name one of its SPIFFS, NVS or esp_secure_cert partitions");
    }
    if (with_files.size() == 1) return with_files.front();
    if (with_files.empty() && with_entries.size() == 1) return with_entries.front();
    if (with_files.empty() && with_entries.empty() && with_values.size() == 1)
        return with_values.front();
    return fail(ErrorKind::usage, "partition_choice",
                fmt::format("the flash holds {} SPIFFS partitions with files", with_files.size()),
                "name one of its SPIFFS, NVS or esp_secure_cert partitions");
}

Result<Held> held_by_flash(FlashFound flash, const std::string& name) {
    IMPRINT_TRY(FlashPart * part, chosen_part(flash, name));
    Finding& finding = part->finding;
    if (auto* damaged = std::get_if<Damaged>(&finding.what))
        return with_context(std::move(damaged->error), part->name);
    if (can_be_unpacked(finding)) {
        auto held = unpackable(std::move(finding));
        if (!held) return with_context(std::move(held).error(), part->name);
        return held;
    }
    const auto* named = std::get_if<Named>(&finding.what);
    return fail(ErrorKind::usage, "partition_choice",
                fmt::format("partition {} holds no SPIFFS image, no NVS and no esp_secure_cert{}",
                            image::in_quotes(part->name),
                            named != nullptr ? ": " + named->text : std::string()),
                std::string(unpacked_kinds));
}

}  // namespace

// SPIFFS knows no folders: there "/a" and "/a/b" are just two names.
Result<UnpackPlan> plan_unpacking(std::variant<Finding, FlashFound> found,
                                  const UnpackOptions& options) {
    auto* flash = std::get_if<FlashFound>(&found);
    IMPRINT_TRY(Held held, flash != nullptr ? held_by_flash(std::move(*flash), options.partition)
                                            : held_by_file(std::get<Finding>(std::move(found))));
    UnpackPlan plan;
    plan.warnings = std::move(held.warnings);
    std::set<fs::path> folders;
    std::set<fs::path> paths;
    for (File& file : held.files) {
        IMPRINT_TRY(fs::path path, safe_path(file.path));
        for (fs::path parent = path.parent_path(); !parent.empty(); parent = parent.parent_path())
            folders.insert(parent);
        if (!paths.insert(path).second)
            return bad_unpack_name(file.path, "which is also the name of another");
        const bool is_key = looks_like_private_key(file.path, file.content);
        plan.holds_private_key |= is_key;
        plan.files.push_back({std::move(path), std::move(file.path), std::move(file.content),
                              is_key || held.was_encrypted});
        plan.secret |= plan.files.back().secret;
    }
    for (const PlannedFile& file : plan.files)
        if (folders.contains(file.path))
            return bad_unpack_name(file.name, "which is also the folder of another");
    return plan;
}

}  // namespace imprint::image_tool
