#include <array>
#include <fmt/format.h>
#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

#include "local_registry/operations/operations.h"
#include "local_registry/operations/rules.h"
#include "local_registry/store/certificates.h"
#include "local_registry/store/things.h"

namespace imprint::local_registry::operations {

using nlohmann::json;

namespace {

struct Pair {
    std::string thing;
    std::string certificate;
};

Outcome<Pair> read_pair(const Context& context, const Input& input) {
    Pair pair;
    IMPRINT_TRY(pair.thing, input.required(member::thing_name));
    IMPRINT_TRY(const auto principal, input.required(member::principal));
    IMPRINT_TRY(pair.certificate, certificate_of_principal(context, principal));
    return pair;
}

constexpr std::string_view exclusive_thing = "EXCLUSIVE_THING";
constexpr std::string_view non_exclusive_thing = "NON_EXCLUSIVE_THING";
constexpr std::array principal_types{exclusive_thing, non_exclusive_thing};

Outcome<std::optional<bool>> read_exclusive(const Input& input) {
    IMPRINT_TRY(const auto type, input.choice(member::thing_principal_type, principal_types));
    if (!type) return std::optional<bool>();
    return std::optional<bool>(*type == exclusive_thing);
}

std::string name_of(const Attachment& attachment) {
    return attachment.name;
}

std::string_view type_of(const Attachment& attachment) {
    return attachment.exclusive ? exclusive_thing : non_exclusive_thing;
}

// Developer guide, "Associating an AWS IoT thing to an MQTT client connection": a certificate that
// is attached exclusively has one thing. What such a refusal is called there, it does not say.
Outcome<void> check_exclusive(sqlite::Database& database, const Pair& pair, bool exclusive) {
    constexpr std::int64_t enough = 2;  // this thing's own may be among them
    IMPRINT_TRY(const auto attached, list_attachments_of_principal(database, pair.certificate,
                                                                   std::nullopt, "", enough));
    for (const auto& other : attached)
        if (other.name != pair.thing && (exclusive || other.exclusive))
            return invalid_request(fmt::format(
                "Certificate {} is attached {}to thing {}: it cannot be attached {}to {}",
                pair.certificate, other.exclusive ? "exclusively " : "", other.name,
                exclusive ? "exclusively " : "", pair.thing));
    return {};
}

}  // namespace

Outcome<json> attach_thing_principal(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto pair, read_pair(context, input));
    IMPRINT_TRY(const auto asked, read_exclusive(input));
    const bool exclusive = asked.value_or(false);
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_CHECK(required_thing(database, pair.thing));
        IMPRINT_CHECK(required_certificate(database, pair.certificate));
        IMPRINT_CHECK(check_exclusive(database, pair, exclusive));
        IMPRINT_CHECK(insert_thing_principal(database, pair.thing, pair.certificate, exclusive));
        return json::object();
    });
}

// What is not attached is as good as detached, so that a lost answer can be asked for again.
Outcome<json> detach_thing_principal(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto pair, read_pair(context, input));
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_CHECK(required_thing(database, pair.thing));
        IMPRINT_CHECK(required_certificate(database, pair.certificate));
        IMPRINT_CHECK(delete_thing_principal(database, pair.thing, pair.certificate));
        return json::object();
    });
}

Outcome<json> list_thing_principals(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto thing, input.required(member::thing_name));
    IMPRINT_TRY(const auto page, read_page(input, PageStyle::token));
    return context.store.read([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_CHECK(required_thing(database, thing));
        IMPRINT_TRY(auto attached, list_attachments_of_thing(database, thing, std::nullopt,
                                                             page.after, page.size + 1));
        const auto cut = cut_page(std::move(attached), page, name_of);
        json output{{"principals", json::array()}};
        for (const auto& one : cut.items)
            output["principals"].push_back(context.arn(ResourceKind::certificate, one.name));
        add_token(output, "nextToken", cut.next);
        return output;
    });
}

Outcome<json> list_principal_things(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto principal, input.required(member::principal));
    IMPRINT_TRY(const auto id, certificate_of_principal(context, principal));
    IMPRINT_TRY(const auto page, read_page(input, PageStyle::token));
    return context.store.read([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_CHECK(required_certificate(database, id));
        IMPRINT_TRY(auto attached, list_attachments_of_principal(database, id, std::nullopt,
                                                                 page.after, page.size + 1));
        const auto cut = cut_page(std::move(attached), page, name_of);
        json output{{"things", json::array()}};
        for (const auto& one : cut.items)
            output["things"].push_back(one.name);
        add_token(output, "nextToken", cut.next);
        return output;
    });
}

Outcome<json> list_thing_principals_v2(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto thing, input.required(member::thing_name));
    IMPRINT_TRY(const auto exclusive, read_exclusive(input));
    IMPRINT_TRY(const auto page, read_page(input, PageStyle::token));
    return context.store.read([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_CHECK(required_thing(database, thing));
        IMPRINT_TRY(auto attached, list_attachments_of_thing(database, thing, exclusive, page.after,
                                                             page.size + 1));
        const auto cut = cut_page(std::move(attached), page, name_of);
        json output{{"thingPrincipalObjects", json::array()}};
        for (const auto& one : cut.items)
            output["thingPrincipalObjects"].push_back(
                {{"principal", context.arn(ResourceKind::certificate, one.name)},
                 {"thingPrincipalType", type_of(one)}});
        add_token(output, "nextToken", cut.next);
        return output;
    });
}

Outcome<json> list_principal_things_v2(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto principal, input.required(member::principal));
    IMPRINT_TRY(const auto exclusive, read_exclusive(input));
    IMPRINT_TRY(const auto id, certificate_of_principal(context, principal));
    IMPRINT_TRY(const auto page, read_page(input, PageStyle::token));
    return context.store.read([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_CHECK(required_certificate(database, id));
        IMPRINT_TRY(auto attached, list_attachments_of_principal(database, id, exclusive,
                                                                 page.after, page.size + 1));
        const auto cut = cut_page(std::move(attached), page, name_of);
        json output{{"principalThingObjects", json::array()}};
        for (const auto& one : cut.items)
            output["principalThingObjects"].push_back(
                {{"thingName", one.name}, {"thingPrincipalType", type_of(one)}});
        add_token(output, "nextToken", cut.next);
        return output;
    });
}

}  // namespace imprint::local_registry::operations
