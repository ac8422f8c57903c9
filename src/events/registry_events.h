// Events of `imprint registry …`.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "events/describe.h"
#include "events/words.h"

namespace imprint::events {

struct CertificateFacts {
    std::string certificate_id;
    RegistryStatus status;
    WallTime created;
    std::vector<std::string> policies;

    static constexpr void members(const auto& member) {
        member("certificate_id", &CertificateFacts::certificate_id, "64 hex digits");
        member("status", &CertificateFacts::status, "in the registry");
        member("created", &CertificateFacts::created, "when");
        member("policies", &CertificateFacts::policies, "that are attached to it");
    }
};

struct Thing {
    std::string thing;
    std::string arn;
    std::string thing_type;
    std::vector<std::string> attributes;
    std::vector<std::string> groups;
    std::vector<std::string> certificates;
    std::map<std::string, std::string> attribute_map;
    std::vector<CertificateFacts> certificate_list;

    static constexpr Summary summary{"thing", "`registry show`"};

    static constexpr void members(const auto& member) {
        member("thing", &Thing::thing, "its name");
        member("arn", &Thing::arn, "its ARN");
        member("thing_type", &Thing::thing_type, "or empty");
        member("attributes", &Thing::attributes,
               "for a person: `name=value`; scripts take `attribute_map`");
        member("groups", &Thing::groups, "that it is in");
        member("certificates", &Thing::certificates,
               "for a person: each with its status; scripts take `certificate_list`");
        member("attribute_map", &Thing::attribute_map, "`attributes` as values");
        member("certificate_list", &Thing::certificate_list, "`certificates` as values");
    }
};

struct Minted {
    std::int64_t made;
    std::int64_t there_before;
    double seconds;
    std::string folder;

    static constexpr Summary summary{"minted", "`registry mint`"};

    static constexpr void members(const auto& member) {
        member("made", &Minted::made, "how many identities");
        member("there_before", &Minted::there_before, "how many");
        member("seconds", &Minted::seconds, "that it took", in_seconds);
        member("folder", &Minted::folder, "that they are in");
    }
};

struct Exported {
    std::string format;
    std::int64_t count;
    std::string file;
    std::string template_file;

    static constexpr Summary summary{"exported", "`registry export`"};

    static constexpr void members(const auto& member) {
        member("format", &Exported::format, "as `--format` has it");
        member("count", &Exported::count, "how many identities");
        member("file", &Exported::file, "that they are in");
        member("template", &Exported::template_file, "path of bulk's template, or empty");
    }
};

struct RegisterFailed {
    std::string thing;
    std::string certificate_id;
    std::string code;
    std::string reason;
    std::string hint;

    static constexpr Summary summary{"register_failed", "`registry register`: of one identity"};

    static constexpr void members(const auto& member) {
        member("thing", &RegisterFailed::thing, "its name");
        member("certificate_id", &RegisterFailed::certificate_id, "64 hex digits");
        member("code", &RegisterFailed::code, "for scripts");
        member("reason", &RegisterFailed::reason, "for a person");
        member("mend", &RegisterFailed::hint, "for a person, or empty");
    }
};

struct Registered {
    std::int64_t registered;
    std::int64_t failed;
    std::int64_t left;
    double seconds;

    static constexpr Summary summary{"registered", "`registry register`, at its end"};

    static constexpr void members(const auto& member) {
        member("registered", &Registered::registered, "how many identities");
        member("failed", &Registered::failed, "how many");
        member("left", &Registered::left, "how many are not registered yet");
        member("seconds", &Registered::seconds, "that it took", in_seconds);
    }
};

struct AuthorityRegistered {
    std::string certificate_id;
    bool there_before;
    bool just_in_time;
    bool by_template;

    static constexpr Summary summary{"authority_registered", "`registry register-ca`"};

    static constexpr void members(const auto& member) {
        member("certificate_id", &AuthorityRegistered::certificate_id, "the authority's");
        member("there_before", &AuthorityRegistered::there_before, "it was registered already");
        member("just_in_time", &AuthorityRegistered::just_in_time,
               "a device's first connection registers it");
        member("by_template", &AuthorityRegistered::by_template,
               "AWS IoT makes thing and policy too");
    }
};

struct PolicyFinding {
    std::string code;
    std::uint64_t statement;
    std::string text;

    static constexpr Summary summary{
        "policy_finding", "`registry policy check` and `put`: too wide, or without effect"};

    static constexpr void members(const auto& member) {
        member("code", &PolicyFinding::code, "for scripts: `wide_open`, …");
        member("statement", &PolicyFinding::statement, "which one, from 1");
        member("text", &PolicyFinding::text, "for a person");
    }
};

struct PolicyDecision {
    bool allowed;
    PolicyOutcome outcome;
    std::string action;
    std::string resource;
    std::uint64_t statement;
    std::string why;

    static constexpr Summary summary{"policy_decision", "`registry policy check --action …`"};

    static constexpr void members(const auto& member) {
        member("allowed", &PolicyDecision::allowed, "or denied");
        member("outcome", &PolicyDecision::outcome, "how");
        member("action", &PolicyDecision::action, "that was asked for");
        member("resource", &PolicyDecision::resource, "its ARN");
        member("statement", &PolicyDecision::statement,
               "which one decided, or was nearest, from 1; 0: none");
        member("why", &PolicyDecision::why, "for a person");
    }
};

struct PolicyPut {
    std::string policy;
    PolicyChange change;
    std::string version;
    std::string pruned;

    static constexpr Summary summary{"policy_put", "`registry policy put` and `default`"};

    static constexpr void members(const auto& member) {
        member("policy", &PolicyPut::policy, "its name");
        member("change", &PolicyPut::change, "what was done");
        member("version", &PolicyPut::version, "the default one now; empty where it was created");
        member("pruned", &PolicyPut::pruned, "version that had to go, or empty");
    }
};

struct PolicyVersion {
    std::string policy;
    std::string version;
    bool is_default;
    WallTime created;

    static constexpr Summary summary{"policy_version", "`registry policy versions`"};

    static constexpr void members(const auto& member) {
        member("policy", &PolicyVersion::policy, "its name");
        member("version", &PolicyVersion::version, "`3`");
        member("default", &PolicyVersion::is_default, "it is what counts");
        member("created", &PolicyVersion::created, "when");
    }
};

struct Rotation {
    std::string thing;
    RotationState state = RotationState::staged;
    std::string certificate_id = {};
    std::uint64_t retired = 0;
    std::string image = {};
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
    std::string reason = {};

    static constexpr Summary summary{
        "rotation",
        "`registry rotate --stage`, `--activate`, `--finish`, `--cancel` and `--over-the-air`"};

    static constexpr void members(const auto& member) {
        member("thing", &Rotation::thing, "its name");
        member("state", &Rotation::state, "what it has come to");
        member("certificate_id", &Rotation::certificate_id, "the new one's, or empty");
        member("retired", &Rotation::retired, "how many former certificates went");
        member("image", &Rotation::image, "staged: path of the image, which holds the key");
        member("offset", &Rotation::offset, "staged: in flash, where it goes");
        member("size", &Rotation::size, "staged: of the image", in_bytes);
        member("reason", &Rotation::reason, "refused: what the device says");
    }
};

struct RegistrationQueued {
    std::string thing;
    std::string certificate_id;
    WallTime since;
    bool superseded;

    static constexpr Summary summary{"registration_queued", "`registry push --list`"};

    static constexpr void members(const auto& member) {
        member("thing", &RegistrationQueued::thing, "its name");
        member("certificate_id", &RegistrationQueued::certificate_id, "64 hex digits");
        member("since", &RegistrationQueued::since, "when it was made");
        member("superseded", &RegistrationQueued::superseded,
               "its board has another one, or was overwritten: nothing to register");
    }
};

struct Pushed {
    std::string thing;
    std::string certificate_id;
    bool superseded;
    std::uint64_t retired;

    static constexpr Summary summary{"pushed", "`registry push`: of one board"};

    static constexpr void members(const auto& member) {
        member("thing", &Pushed::thing, "its name");
        member("certificate_id", &Pushed::certificate_id, "64 hex digits");
        member("superseded", &Pushed::superseded, "there was nothing to register any more");
        member("retired", &Pushed::retired, "how many former certificates went");
    }
};

struct PushFailed {
    std::string thing;
    std::string certificate_id;
    std::string code;
    std::string reason;
    std::string hint;

    static constexpr Summary summary{"push_failed", "`registry push`: of one board, which stays"};

    static constexpr void members(const auto& member) {
        member("thing", &PushFailed::thing, "its name");
        member("certificate_id", &PushFailed::certificate_id, "64 hex digits");
        member("code", &PushFailed::code, "for scripts");
        member("reason", &PushFailed::reason, "for a person");
        member("mend", &PushFailed::hint, "for a person, or empty");
    }
};

struct PushFinished {
    std::uint64_t pushed;
    std::uint64_t superseded;
    std::uint64_t failed;
    std::int64_t left;

    static constexpr Summary summary{"push_finished", "`registry push`, at its end"};

    static constexpr void members(const auto& member) {
        member("pushed", &PushFinished::pushed, "how many were registered");
        member("superseded", &PushFinished::superseded, "how many had nothing to register");
        member("failed", &PushFinished::failed, "how many");
        member("left", &PushFinished::left, "how many are in the queue");
    }
};

struct ThingRetired {
    std::string thing;
    std::string reason;
    std::vector<std::string> certificates;
    bool thing_deleted;

    static constexpr Summary summary{"thing_retired", "`registry retire`: of one thing"};

    static constexpr void members(const auto& member) {
        member("thing", &ThingRetired::thing, "its name");
        member("reason", &ThingRetired::reason, "as it was said");
        member("certificates", &ThingRetired::certificates, "ids of those that are gone");
        member("thing_deleted", &ThingRetired::thing_deleted, "the thing went too");
    }
};

struct Leftover {
    LeftoverKind kind;
    std::string thing;
    std::string certificate_id;
    OrEmpty<RegistryStatus> status;
    bool ours;
    std::string why;
    std::string action;
    LeftoverCause cause;
    LeftoverAction outcome;
    std::optional<WallTime> created = {};

    static constexpr Summary summary{"leftover", "`registry sweep`: one that no board works with"};

    static constexpr void members(const auto& member) {
        member("kind", &Leftover::kind, "what it is");
        member("thing", &Leftover::thing, "or empty");
        member("certificate_id", &Leftover::certificate_id, "or empty");
        member("status", &Leftover::status, "of a certificate; else empty");
        member("ours", &Leftover::ours, "Imprint made it; others are never touched");
        member("why", &Leftover::why, "for a person; scripts take `cause`");
        member("action", &Leftover::action, "for a person; scripts take `outcome`");
        member("cause", &Leftover::cause, "why it is a leftover");
        member("outcome", &Leftover::outcome, "what was done");
        member("created", &Leftover::created, "when; of a certificate");
    }
};

struct SweepFinished {
    std::int64_t found;
    std::int64_t ours;
    std::int64_t removed;

    static constexpr Summary summary{"sweep_finished", "`registry sweep`, at its end"};

    static constexpr void members(const auto& member) {
        member("found", &SweepFinished::found, "how many leftovers");
        member("ours", &SweepFinished::ours, "how many of them");
        member("removed", &SweepFinished::removed, "how many of them");
    }
};

struct Difference {
    std::string thing;
    std::string certificate_id;
    std::string in_ledger;
    std::string in_registry;
    std::string hint;
    DifferenceKind kind;
    std::optional<RegistryStatus> status = {};
    std::optional<std::string> arn = {};
    std::optional<std::string> replaced_by = {};
    std::optional<std::string> policy = {};
    std::optional<std::string> other_thing = {};

    static constexpr Summary summary{"difference",
                                     "`registry reconcile`: ledger and registry do not agree"};

    static constexpr void members(const auto& member) {
        member("thing", &Difference::thing, "its name");
        member("certificate_id", &Difference::certificate_id, "or empty");
        member("in_ledger", &Difference::in_ledger,
               "its state, as `ledger_certificate` has it, or `unknown`");
        member("in_registry", &Difference::in_registry,
               "for a person; scripts take `kind` and what follows it");
        member("mend", &Difference::hint, "for a person: takes no board down that works");
        member("kind", &Difference::kind, "how they differ");
        member("status", &Difference::status, "of a certificate that is in the registry");
        member("arn", &Difference::arn, "likewise");
        member("replaced_by", &Difference::replaced_by,
               "`replaced`: id of the certificate that its board works with, where it is known");
        member("policy", &Difference::policy, "`without_policy`: which one");
        member("other_thing", &Difference::other_thing, "`gone_used`: which one has it");
    }
};

struct Reconciled {
    std::uint64_t certificates;
    std::uint64_t differences;
    std::uint64_t waiting;

    static constexpr Summary summary{"reconciled", "`registry reconcile`, at its end"};

    static constexpr void members(const auto& member) {
        member("certificates", &Reconciled::certificates, "how many were compared");
        member("differences", &Reconciled::differences, "how many");
        member("waiting", &Reconciled::waiting, "things made ahead, on no board yet");
    }
};

using RegistryEvents =
    Group<Thing, Minted, Exported, RegisterFailed, Registered, AuthorityRegistered, PolicyFinding,
          PolicyDecision, PolicyPut, PolicyVersion, Rotation, RegistrationQueued, Pushed,
          PushFailed, PushFinished, ThingRetired, Leftover, SweepFinished, Difference, Reconciled>;

}  // namespace imprint::events
