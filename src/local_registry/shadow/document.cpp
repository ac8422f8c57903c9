#include "local_registry/shadow/document.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace imprint::local_registry::shadow {

using nlohmann::json;

namespace {

json sections(const json& desired, const json& reported) {
    json both = json::object();
    if (!desired.is_null()) both["desired"] = desired;
    if (!reported.is_null()) both["reported"] = reported;
    return both;
}

// Nothing: it held nothing but nulls. An object that was empty from the start stays.
std::optional<json> without_nulls(const json& value) {
    if (value.is_null()) return std::nullopt;
    if (!value.is_object()) return value;
    json kept = json::object();
    for (const auto& [key, member] : value.items())
        if (auto rest = without_nulls(member)) kept[key] = *std::move(rest);
    if (kept.empty() && !value.empty()) return std::nullopt;
    return kept;
}

// Both have the same shape.
void merge_into(json& state, json& metadata, const json& patch, std::int64_t seconds) {
    for (const auto& [key, value] : patch.items()) {
        if (value.is_null()) {
            state.erase(key);
            metadata.erase(key);
            continue;
        }
        const auto present = state.find(key);
        if (present != state.end() && present->is_object() && value.is_object()) {
            merge_into(*present, metadata[key], value, seconds);
        } else if (auto kept = without_nulls(value)) {
            metadata[key] = stamped(*kept, seconds);
            state[key] = *std::move(kept);
        }
    }
}

}  // namespace

json Document::state() const {
    return sections(desired.state, reported.state);
}

json Document::metadata() const {
    return sections(desired.metadata, reported.metadata);
}

std::size_t Document::state_size() const {
    std::size_t size = 0;
    for (const Section* section : {&desired, &reported})
        if (!section->state.is_null()) size += section->state.dump().size();
    return size;
}

void merge(Section& section, const json& patch, std::int64_t seconds) {
    if (section.state.is_null()) section = {.state = json::object(), .metadata = json::object()};
    merge_into(section.state, section.metadata, patch, seconds);
    if (section.state.empty()) section = {};
}

json stamped(const json& value, std::int64_t seconds) {
    if (value.is_object()) {
        json stamps = json::object();
        for (const auto& [key, member] : value.items())
            stamps[key] = stamped(member, seconds);
        return stamps;
    }
    if (value.is_array()) {
        json stamps = json::array();
        for (const auto& item : value)
            stamps.push_back(stamped(item, seconds));
        return stamps;
    }
    return {{"timestamp", seconds}};
}

json delta_of(const json& desired, const json& reported) {
    if (desired.is_null()) return nullptr;
    if (!reported.is_object()) return desired;
    json delta = json::object();
    for (const auto& [key, wanted] : desired.items()) {
        const auto given = reported.find(key);
        if (given == reported.end()) {
            delta[key] = wanted;
        } else if (wanted.is_object() && given->is_object()) {
            if (json inner = delta_of(wanted, *given); !inner.is_null())
                delta[key] = std::move(inner);
        } else if (wanted != *given) {
            delta[key] = wanted;
        }
    }
    if (delta.empty()) return nullptr;
    return delta;
}

json metadata_of_delta(const json& delta, const json& metadata) {
    if (!delta.is_object()) return metadata;
    json part = json::object();
    for (const auto& [key, member] : delta.items())
        part[key] = metadata_of_delta(member, metadata.at(key));
    return part;
}

bool is_deeper_than(const json& value, int levels) {
    if (!value.is_structured() || value.empty()) return false;
    return levels == 0 || std::ranges::any_of(value, [levels](const json& member) {
               return is_deeper_than(member, levels - 1);
           });
}

bool has_null_in_array(const json& value) {
    return std::ranges::any_of(value, [&value](const json& member) {
        return (value.is_array() && member.is_null()) ||
               (member.is_structured() && has_null_in_array(member));
    });
}

}  // namespace imprint::local_registry::shadow
