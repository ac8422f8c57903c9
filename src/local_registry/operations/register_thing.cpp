// RegisterThing: everything of a template, or nothing of it.
#include <fmt/format.h>
#include <map>

#include <nlohmann/json.hpp>

#include "local_registry/operations/operations.h"
#include "local_registry/operations/provisioning.h"

namespace imprint::local_registry::operations {

using nlohmann::json;

namespace {

Outcome<std::map<std::string, std::string>> read_parameters(const Input& input) {
    std::map<std::string, std::string> parameters;
    IMPRINT_TRY(const auto given, input.structure("parameters"));
    if (!given) return parameters;
    for (const auto& [name, value] : given->body().items()) {
        if (!value.is_string())
            return refuse(400, "SerializationException",
                          fmt::format("the parameter '{}' is not text", name));
        IMPRINT_CHECK(check(member::parameter_name, name));
        IMPRINT_CHECK(check(member::parameter_value, value.get<std::string>()));
        parameters.emplace(name, value.get<std::string>());
    }
    return parameters;
}

}  // namespace

Outcome<json> register_thing(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto body, input.required(member::template_body));
    IMPRINT_TRY(auto parameters, read_parameters(input));
    IMPRINT_TRY(const auto plan, read_plan(body, std::move(parameters)));
    IMPRINT_TRY(auto certificate, prepare_certificate(context, plan));
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        return provision(context, database, plan, std::move(certificate));
    });
}

}  // namespace imprint::local_registry::operations
