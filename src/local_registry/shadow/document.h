// A shadow's document: what is desired and reported, when each value was set, and its version; how
// an update changes it and what differs. No I/O.
// Sources: AWS IoT Core developer guide, "Device Shadow service documents" and "Interacting with
// shadows". Where the guide leaves something open: what AWS IoT was seen to answer in the tests of
// moto (tests/test_iotdata, marked aws_verified), and AWS's own other implementation, the shadow
// manager of Greengrass (aws-greengrass-shadow-manager).
#pragma once

#include <cstddef>
#include <cstdint>

#include <nlohmann/json.hpp>

namespace imprint::local_registry::shadow {

// AWS General Reference, "AWS IoT Core endpoints and quotas", Device Shadow; both of a document's
// states together, without metadata. The guide's error table still says 6 levels.
inline constexpr std::size_t largest_state = 8UL * 1024;
inline constexpr int most_levels = 8;

// A state is an object, or null where there is none. Its metadata has {"timestamp": seconds since
// 1970} in the place of each value that is no object or array, and is null with it.
struct Section {
    nlohmann::json state;
    nlohmann::json metadata;
};

struct Document {
    Section desired;
    Section reported;
    std::int64_t version = 0;  // 0: never written
    bool exists = false;       // a deleted one has its last version, and nothing else

    // {"desired": …, "reported": …}; only what there is.
    [[nodiscard]] nlohmann::json state() const;
    [[nodiscard]] nlohmann::json metadata() const;
    // Bytes that count for largest_state.
    [[nodiscard]] std::size_t state_size() const;
};

// Merges the members of `patch`, an object: null removes one; objects are merged; anything else,
// arrays too, replaces what was there. An object that holds nothing but nulls adds nothing.
void merge(Section& section, const nlohmann::json& patch, std::int64_t seconds);

// {"timestamp": seconds} in the place of each value.
[[nodiscard]] nlohmann::json stamped(const nlohmann::json& value, std::int64_t seconds);

// What is desired and not reported so; null: nothing. Whatever is only reported has no part in it.
[[nodiscard]] nlohmann::json delta_of(const nlohmann::json& desired,
                                      const nlohmann::json& reported);
// The part of `metadata` that belongs to `delta`.
[[nodiscard]] nlohmann::json metadata_of_delta(const nlohmann::json& delta,
                                               const nlohmann::json& metadata);

// Whether objects and arrays are nested more deeply; empty ones count for nothing.
[[nodiscard]] bool is_deeper_than(const nlohmann::json& value, int levels);
[[nodiscard]] bool has_null_in_array(const nlohmann::json& value);

}  // namespace imprint::local_registry::shadow
