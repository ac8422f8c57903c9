#include "local_registry/plugin/sessions.h"

#include <utility>

#include "local_registry/plugin/admission_store.h"

namespace imprint::local_registry {

namespace {

constexpr std::size_t most_withheld = 100;  // topics that are told of, of one client

}  // namespace

Result<Verdict> Sessions::connect(Handle handle, const Client& client) {
    sessions_.erase(handle);  // of a connection that is gone, if the broker gave its handle again
    IMPRINT_TRY(auto facts, read_facts(registry_, client.certificate, client.id));
    Verdict verdict = admit_connect(facts, client, arn_start_);
    if (!verdict.admitted) return verdict;
    for (auto& [other, session] : sessions_)
        if (session.client.id == client.id) session.connected = session.stays = false;
    sessions_.insert_or_assign(
        handle, Session{.client = client, .facts = *std::move(facts), .withheld = {}});
    return verdict;
}

Result<bool> Sessions::is_registered(const std::string& certificate) {
    IMPRINT_TRY(auto rows, registry_.query("SELECT 1 FROM certificate WHERE id = ?", certificate));
    return rows.step();
}

Result<std::vector<std::string>> Sessions::registering_authorities() {
    IMPRINT_TRY(auto rows, registry_.query("SELECT pem FROM ca_certificate WHERE "
                                           "status = 'ACTIVE' AND auto_registration = 1"));
    std::vector<std::string> authorities;
    for (;;) {
        IMPRINT_TRY(const bool more, rows.step());
        if (!more) return authorities;
        authorities.push_back(rows.text(0));
    }
}

void Sessions::disconnect(Handle handle, bool stays) {
    const auto found = sessions_.find(handle);
    if (found == sessions_.end()) return;
    found->second.connected = false;
    found->second.stays = stays;
}

void Sessions::dismiss(Session& session, std::string reason, bool with_will) {
    if (std::exchange(session.leaving, true) || !session.connected) return;
    expelled_.push_back(
        {.client_id = session.client.id, .reason = std::move(reason), .with_will = with_will});
}

// SQLite's data_version changes when another connection has written (sqlite.org, "PRAGMA
// data_version"), and costs nothing to ask for. Most of what is written are shadows.
Result<void> Sessions::refresh() {
    IMPRINT_TRY(const std::int64_t version, number("PRAGMA data_version"));
    if (version == seen_version_) return {};
    IMPRINT_TRY(const std::int64_t changes, number("SELECT changes FROM admission"));
    if (changes != seen_changes_) IMPRINT_CHECK(read_anew());
    seen_changes_ = changes;
    seen_version_ = version;
    return {};
}

Result<std::int64_t> Sessions::number(std::string_view query) {
    IMPRINT_TRY(auto rows, registry_.query(query));
    IMPRINT_CHECK(rows.step());
    return rows.integer(0);
}

Result<void> Sessions::read_anew() {
    for (auto& [handle, session] : sessions_) {
        IMPRINT_TRY(auto facts,
                    read_facts(registry_, session.client.certificate, session.client.id));
        Verdict verdict = admit_connect(facts, session.client, arn_start_);
        if (verdict.admitted) {
            session.facts = *std::move(facts);
        } else {
            session.facts = {};  // not even a will
            dismiss(session, std::move(verdict.reason), false);
        }
    }
    return {};
}

Result<Sessions::Answer> Sessions::use(Handle handle, const Use& use) {
    IMPRINT_CHECK(refresh());
    const auto found = sessions_.find(handle);
    // Once a client that has to leave is disconnected, there is only its will to ask for.
    if (found == sessions_.end() || (found->second.leaving && found->second.connected))
        return Answer{.verdict = {.admitted = false, .reason = "it is not admitted"}};
    Session& session = found->second;
    Answer answer{.verdict = admit_use(session.facts, session.client, use, arn_start_)};
    if (answer.verdict.admitted) return answer;
    if (use.access == Access::receive) {
        answer.tell =
            session.withheld.size() < most_withheld && session.withheld.insert(use.topic).second;
        return answer;
    }
    answer.tell = true;
    dismiss(session, answer.verdict.reason, true);
    return answer;
}

Result<std::vector<Sessions::Expulsion>> Sessions::expel() {
    IMPRINT_CHECK(refresh());
    std::erase_if(sessions_, [](const auto& entry) {
        return !entry.second.connected && (!entry.second.stays || entry.second.leaving);
    });
    // A kick brings the disconnection of a client that is still connected: erased at the next call.
    return std::exchange(expelled_, {});
}

}  // namespace imprint::local_registry
