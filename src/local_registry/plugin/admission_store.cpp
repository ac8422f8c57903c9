#include "local_registry/plugin/admission_store.h"

#include "local_registry/store/rows.h"

namespace imprint::local_registry {

Result<std::optional<CertificateFacts>> read_facts(sqlite::Database& database,
                                                   const std::string& certificate) {
    IMPRINT_TRY(auto found,
                database.query("SELECT status FROM certificate WHERE id = ?", certificate));
    IMPRINT_TRY(const bool known, found.step());
    if (!known) return std::nullopt;
    CertificateFacts facts{.status = found.text(0), .things = {}, .policies = {}};
    found.reset();

    IMPRINT_TRY(
        auto things,
        database.query("SELECT thing FROM thing_principal WHERE certificate = ?", certificate));
    IMPRINT_TRY(facts.things, texts_of(std::move(things)));

    IMPRINT_TRY(
        auto policies,
        database.query(
            "WITH RECURSIVE in_group(name) AS ("
            "  SELECT m.thing_group FROM thing_group_member m "
            "  JOIN thing_principal p ON p.thing = m.thing WHERE p.certificate = ?1 "
            "  UNION SELECT g.parent FROM thing_group g JOIN in_group ON g.name = in_group.name "
            "  WHERE g.parent IS NOT NULL) "
            "SELECT v.document FROM policy p JOIN policy_version v "
            "ON v.policy = p.name AND v.version = p.default_version "
            "WHERE p.name IN (SELECT policy FROM policy_target WHERE "
            "  (kind = 'cert' AND name = ?1) OR "
            "  (kind = 'thinggroup' AND name IN (SELECT name FROM in_group)))",
            certificate));
    IMPRINT_TRY(facts.policies, texts_of(std::move(policies)));
    return facts;
}

}  // namespace imprint::local_registry
