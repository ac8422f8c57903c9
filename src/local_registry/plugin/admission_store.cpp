#include "local_registry/plugin/admission_store.h"

#include <fmt/format.h>

#include "local_registry/store/json_columns.h"
#include "local_registry/store/rows.h"

namespace imprint::local_registry {

namespace {

Result<std::optional<policy::Thing>> read_thing(sqlite::Database& database,
                                                const std::string& certificate,
                                                const std::string& name) {
    IMPRINT_TRY(auto rows,
                database.query("SELECT t.name, coalesce(t.type, ''), t.attributes FROM thing t "
                               "JOIN thing_principal p ON p.thing = t.name "
                               "WHERE p.certificate = ? AND (t.name = ? OR p.exclusive = 1)",
                               certificate, name));
    IMPRINT_TRY(const bool attached, rows.step());
    if (!attached) return std::nullopt;
    policy::Thing thing{.name = rows.text(0), .type = rows.text(1), .attributes = {}};
    for (auto& [key, value] : attributes_of_column(rows.text(2)))
        thing.attributes.emplace(key, value);
    return thing;
}

}  // namespace

Result<std::optional<CertificateFacts>> read_facts(sqlite::Database& database,
                                                   const std::string& certificate,
                                                   const std::string& client_id) {
    IMPRINT_TRY(auto found,
                database.query("SELECT status FROM certificate WHERE id = ?", certificate));
    IMPRINT_TRY(const bool known, found.step());
    if (!known) return std::nullopt;
    CertificateFacts facts{.status = found.text(0), .thing = {}, .policies = {}, .fault = {}};
    found.reset();
    IMPRINT_TRY(facts.thing, read_thing(database, certificate, client_id));
    IMPRINT_TRY(
        auto policies,
        database.query(
            "WITH RECURSIVE in_group(name) AS ("
            "  SELECT m.thing_group FROM thing_group_member m "
            "  JOIN thing_principal p ON p.thing = m.thing "
            "  WHERE p.certificate = ?1 AND p.thing = ?2 "
            "  UNION SELECT g.parent FROM thing_group g JOIN in_group ON g.name = in_group.name "
            "  WHERE g.parent IS NOT NULL) "
            "SELECT p.name, v.document FROM policy p JOIN policy_version v "
            "ON v.policy = p.name AND v.version = p.default_version "
            "WHERE p.name IN (SELECT policy FROM policy_target WHERE "
            "  (kind = 'cert' AND name = ?1) OR "
            "  (kind = 'thinggroup' AND name IN (SELECT name FROM in_group))) ORDER BY p.number",
            certificate, facts.thing ? facts.thing->name : client_id));
    for (;;) {
        IMPRINT_TRY(const bool more, policies.step());
        if (!more) return facts;
        policy::Attached attached{.name = policies.text(0), .document = {}};
        if (auto document = policy::parse(policies.text(1)))
            attached.document = *std::move(document);
        else
            facts.fault =
                fmt::format("policy {} cannot be read: {}", attached.name, document.error());
        facts.policies.push_back(std::move(attached));
    }
}

}  // namespace imprint::local_registry
