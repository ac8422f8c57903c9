#include "fleet/retire.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "prepare/retirement.h"

namespace imprint::fleet {

namespace {

// The registry's and those that the ledger knows: a thing that somebody deleted by hand has left
// its certificates behind.
Result<std::vector<std::string>> certificates_of(prepare::RecordedRegistry& registry,
                                                 ledger::Ledger& ledger, const std::string& thing) {
    IMPRINT_TRY(auto ids, registry.certificates_of(thing));
    IMPRINT_TRY(const auto records, ledger.certificates_of_thing(thing));
    ledger::add_living(ids, records);
    return ids;
}

}  // namespace

Result<RetireReport> retire(prepare::RecordedRegistry& registry, ledger::Ledger& ledger,
                            const Retirement& what, const Log& log) {
    IMPRINT_TRY(const auto known, registry.find_thing(what.thing));
    RetireReport retired;
    IMPRINT_TRY(retired.certificates, certificates_of(registry, ledger, what.thing));
    if (!known && retired.certificates.empty())
        return fail(
            ErrorKind::registry, "thing_unknown",
            fmt::format("neither the registry nor the ledger knows a thing \"{}\"", what.thing),
            "a thing's name is its MAC as 12 hex digits, unless identity.thing_name says "
            "otherwise");
    IMPRINT_TRY(const auto row, ledger.begin_retirement(what.thing, what.reason));
    for (const auto& id : retired.certificates) {
        log.info("{}: certificate {} is retired", what.thing, id);
        IMPRINT_CHECK(prepare::retire_and_record(registry, ledger, what.thing, id, log));
    }
    if (known && what.delete_thing) {
        IMPRINT_CHECK(registry.delete_thing(what.thing));
        retired.thing_deleted = true;
    }
    IMPRINT_CHECK(
        ledger.end_retirement(row, fmt::format("{}", fmt::join(retired.certificates, " "))));
    return retired;
}

}  // namespace imprint::fleet
