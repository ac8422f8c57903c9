#include <fmt/format.h>

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

}  // namespace

Outcome<json> attach_thing_principal(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto pair, read_pair(context, input));
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_CHECK(required_thing(database, pair.thing));
        IMPRINT_CHECK(required_certificate(database, pair.certificate));
        IMPRINT_CHECK(insert_thing_principal(database, pair.thing, pair.certificate));
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
        IMPRINT_TRY(auto ids, list_principals_of_thing(database, thing, page.after, page.size + 1));
        const auto cut =
            cut_page(std::move(ids), page, [](const std::string& last) { return last; });
        json output{{"principals", json::array()}};
        for (const auto& id : cut.items)
            output["principals"].push_back(context.arn(ResourceKind::certificate, id));
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
        IMPRINT_TRY(auto things, list_things_of_principal(database, id, page.after, page.size + 1));
        const auto cut =
            cut_page(std::move(things), page, [](const std::string& last) { return last; });
        json output{{"things", cut.items}};
        add_token(output, "nextToken", cut.next);
        return output;
    });
}

}  // namespace imprint::local_registry::operations
