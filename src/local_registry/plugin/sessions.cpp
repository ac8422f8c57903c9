#include "local_registry/plugin/sessions.h"

#include <algorithm>

#include "local_registry/plugin/admission_store.h"

namespace imprint::local_registry {

Result<Verdict> Sessions::connect(Handle handle, const std::string& client_id,
                                  const std::string& certificate) {
    IMPRINT_TRY(const auto facts, read_facts(registry_, certificate));
    Verdict verdict = admit_connect(facts, client_id);
    if (verdict.admitted)
        sessions_.insert_or_assign(client_id,
                                   Session{.handle = handle, .certificate = certificate});
    return verdict;
}

Result<bool> Sessions::is_registered(const std::string& certificate) {
    IMPRINT_TRY(const auto facts, read_facts(registry_, certificate));
    return facts.has_value();
}

void Sessions::disconnect(Handle handle) {
    std::erase_if(sessions_, [&](const auto& entry) { return entry.second.handle == handle; });
}

bool Sessions::is_admitted(Handle handle) const {
    return std::ranges::any_of(sessions_,
                               [&](const auto& entry) { return entry.second.handle == handle; });
}

Result<std::vector<Sessions::Expulsion>> Sessions::expel() {
    std::vector<Expulsion> expelled;
    // Changes when another connection has written (sqlite.org, "PRAGMA data_version").
    IMPRINT_TRY(auto rows, registry_.query("PRAGMA data_version"));
    IMPRINT_CHECK(rows.step());
    const std::int64_t version = rows.integer(0);
    rows.reset();
    if (version == seen_) return expelled;
    for (const auto& [client_id, session] : sessions_) {
        IMPRINT_TRY(const auto facts, read_facts(registry_, session.certificate));
        if (Verdict verdict = admit_connect(facts, client_id); !verdict.admitted)
            expelled.push_back({.client_id = client_id, .reason = std::move(verdict.reason)});
    }
    for (const auto& expulsion : expelled)
        sessions_.erase(expulsion.client_id);
    seen_ = version;
    return expelled;
}

}  // namespace imprint::local_registry
