// The context of an operation, and helpers shared by the operations' sources.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json_fwd.hpp>

#include "base/clock.h"
#include "local_registry/api/api_error.h"
#include "local_registry/api/arn.h"
#include "local_registry/api/input.h"
#include "local_registry/api/paging.h"
#include "local_registry/broker/publications.h"
#include "local_registry/operations/choices.h"
#include "local_registry/store/json_columns.h"
#include "local_registry/store/store.h"
#include "pki/certificate.h"

namespace imprint::local_registry {

struct Context {
    Store& store;
    const pki::Authority& authority;
    const Clock& clock;
    std::string region;
    std::string mqtt_address;    // "127.0.0.1:8883"
    Choices* choices = nullptr;  // records random choices; null: they are not recorded
    // What is told to whoever listens at the broker; null: nothing.
    Publications* publications = nullptr;

    [[nodiscard]] std::int64_t now() const;  // milliseconds since 1970
    // The same with another store. What is only tried there is told to nobody.
    [[nodiscard]] Context with(Store& other, Choices* noted = nullptr) const;
    // Makes or replays a random choice; `kind` distinguishes the choices.
    [[nodiscard]] Outcome<std::string> settle(std::string_view kind,
                                              const Choices::Make& make) const;
    [[nodiscard]] std::string new_id() const;  // random_uuid(), settled
    [[nodiscard]] std::string arn(ResourceKind kind, std::string_view name) const;
    void publish(Announcement announcement) const;

    // One at a time with all others: what `work` changes, and what it publishes of it.
    template <typename Work>
    auto in_order(Work&& work) const {
        if (publications == nullptr) return std::forward<Work>(work)();
        return publications->in_order(std::forward<Work>(work));
    }
};

// One operation: from its input to its output or error.
using Operation = Outcome<nlohmann::json> (*)(const Context&, const Input&);

// Times in AWS's JSON protocol are seconds since 1970.
[[nodiscard]] double to_timestamp(std::int64_t milliseconds);
[[nodiscard]] std::int64_t to_milliseconds(WallTime time);

// Adds `next` under `name` if there is one.
void add_token(nlohmann::json& output, std::string_view name,
               const std::optional<std::string>& next);

// attributePayload: {"attributes": {…}, "merge": …}
struct AttributePayload {
    Attributes attributes;
    bool merge = false;
    bool given = false;
};

[[nodiscard]] Outcome<AttributePayload> read_attributes(const Input& input);
// Applies the payload to the present attributes: merges or replaces them; an empty value removes.
[[nodiscard]] Attributes apply(const AttributePayload& payload, Attributes attributes);

// The id in a certificate's ARN. The API calls certificates principals.
[[nodiscard]] Outcome<std::string> certificate_of_principal(const Context& context,
                                                            const std::string& principal);

}  // namespace imprint::local_registry
