// The fixed words in events: an enum here, one word in JSON. Each is documented beside its word,
// and docs/events.md is generated from that.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "base/log.h"

namespace imprint::events {

struct Word {
    std::string_view text;     // as in JSON
    std::string_view meaning;  // the end of a sentence: "the chip is asked what it is"
};

// `all` has a Word for each enumerator, in their order; `name` is their name in docs/events.md.
template <typename Enum>
struct Words;

template <typename Enum>
concept Worded = requires { Words<Enum>::all; };

template <Worded Enum>
[[nodiscard]] constexpr std::string_view word_of(Enum value) {
    return Words<Enum>::all.at(static_cast<std::size_t>(value)).text;
}

// A step of the work on a board. A preparation goes through them in this order, except that the
// identity is made while the firmware is written.
enum class Step : std::uint8_t {
    identify,
    firmware,
    identity,
    credentials,
    activate,
    queue,
    proof,
    verify,
    retire,
    read,
    erase,
};

template <>
struct Words<Step> {
    static constexpr std::string_view name = "step";
    static constexpr std::array all{
        Word{"identify", "reset into its loader, and asked what it is"},
        Word{"firmware", "the files that differ are written, while the identity is made"},
        Word{"identity",
             "the identity is made; of `registry rotate`, where no firmware is written"},
        Word{"credentials", "the identity is written, and then all of flash proven"},
        Word{"activate", "its certificate becomes ACTIVE"},
        Word{"queue", "its registration is written down for `registry push`, in place of activate"},
        Word{"proof", "the station connects with the identity once (`verify.connect`)"},
        Word{"verify", "started, and watched for the line that proves it"},
        Word{"retire", "its former certificates go"},
        Word{"read", "flash is read or compared; of `imprint board`"},
        Word{"erase", "flash is erased; of `imprint board`"},
    };
};

// How a bay of a bench stands where boards come and go.
enum class BayStatus : std::uint8_t { empty, at_work, waiting, passed, failed, stopped, off };

template <>
struct Words<BayStatus> {
    static constexpr std::string_view name = "status of a bay";
    static constexpr std::array all{
        Word{"empty", "a board can be put in"},
        Word{"at_work", "a board is being prepared"},
        Word{"waiting", "the registry or the network is waited for; it goes on by itself"},
        Word{"passed", "the board can be taken out, or had passed before"},
        Word{"failed", "the board can be taken out"},
        Word{"stopped", "somebody stopped the work; the board can be taken out"},
        Word{"off", "no board is prepared here until somebody switches it on"},
    };
};

// What an operator does at a bay of a simulated bench.
enum class HandAction : std::uint8_t { put, take, swap, break_cable, mend_cable };

template <>
struct Words<HandAction> {
    static constexpr std::string_view name = "action of a hand";
    static constexpr std::array all{
        Word{"put", "a board is put in"},
        Word{"take", "it is taken out"},
        Word{"swap", "another one is put in its place"},
        Word{"break", "the bay's cable carries nothing any more"},
        Word{"mend", "it does again"},
    };
};

// What happened to a board's new certificate when the board failed.
enum class CertificateFate : std::uint8_t { none, removed, inactive, unchanged, active, unknown };

template <>
struct Words<CertificateFate> {
    static constexpr std::string_view name = "fate of a certificate";
    static constexpr std::array all{
        Word{"none", "there was none"},
        Word{"removed", "it is gone"},
        Word{"inactive", "it is INACTIVE, and stays for a look or for the next attempt"},
        Word{
            "unchanged",
            "a minted one, with which the board had been proven before or is queued, is as it was"},
        Word{"active", "the board is proven with it; a former certificate could not be retired"},
        Word{"unknown",
             "the registry could not be told: the ledger owes it, and the next run does it first"},
    };
};

template <>
struct Words<ErrorKind> {
    static constexpr std::string_view name = "kind of error";
    static constexpr std::array all{
        Word{"usage", "the command line"},
        Word{"config", "configuration or an input file"},
        Word{"registry", "AWS IoT, the local registry or the way there"},
        Word{"board", "the board, its port or its cable"},
        Word{"ledger", "the station's record"},
        Word{"interrupted", "asked to stop"},
        Word{"bug", "a bug in Imprint: please report it"},
    };
};

template <>
struct Words<LogLevel> {
    static constexpr std::string_view name = "level of a log line";
    static constexpr std::array all{
        Word{"debug", "for whoever looks for a fault"}, Word{"info", "what is done"},
        Word{"warning", "to be looked at"}, Word{"error", "something went wrong"}};
};

// AWS IoT's own words.
enum class RegistryStatus : std::uint8_t {
    active,
    inactive,
    revoked,
    pending_transfer,
    register_inactive,
    pending_activation,
};

template <>
struct Words<RegistryStatus> {
    static constexpr std::string_view name = "status of a certificate";
    static constexpr std::array all{
        Word{"ACTIVE", "its board may connect"},
        Word{"INACTIVE", "nobody connects with it"},
        Word{"REVOKED", "nobody connects with it any more"},
        Word{"PENDING_TRANSFER", "it is on its way to another account"},
        Word{"REGISTER_INACTIVE", "registered, and switched off"},
        Word{"PENDING_ACTIVATION", "a board has shown it, and nobody has activated it yet"},
    };
};

enum class NvsProtection : std::uint8_t { hmac, unknown, keys_partition, plain, none };

template <>
struct Words<NvsProtection> {
    static constexpr std::string_view name = "protection of NVS";
    static constexpr std::array all{
        Word{"hmac", "encrypted where the firmware uses the chip's HMAC key"},
        Word{"unknown", "the partition table is encrypted, or there is none"},
        Word{"keys_partition", "encrypted, by the keys of a partition"},
        Word{"plain", "not encrypted"},
        Word{"none", "there is no NVS partition"},
    };
};

enum class Health : std::uint8_t { ok, warning, failure };

template <>
struct Words<Health> {
    static constexpr std::string_view name = "health";
    static constexpr std::array all{Word{"ok", "as it should be"},
                                    Word{"warn", "a run would go on"},
                                    Word{"fail", "a run would end with this"}};
};

enum class PolicyOutcome : std::uint8_t { allowed, explicitly_denied, implicitly_denied };

template <>
struct Words<PolicyOutcome> {
    static constexpr std::string_view name = "outcome of a policy";
    static constexpr std::array all{
        Word{"allowed", "a statement allows it"},
        Word{"explicitly denied", "a statement denies it"},
        Word{"implicitly denied", "no statement allows it"},
    };
};

enum class PolicyChange : std::uint8_t { none, created, restored, added };

template <>
struct Words<PolicyChange> {
    static constexpr std::string_view name = "change of a policy";
    static constexpr std::array all{
        Word{"none", "the default version says it already"},
        Word{"created", "there was no such policy"},
        Word{"restored", "an older version is the default again"},
        Word{"added", "a new version is the default now"},
    };
};

enum class RotationState : std::uint8_t {
    staged,
    activated,
    finished,
    cancelled,
    asked,
    answered,
    refused
};

template <>
struct Words<RotationState> {
    static constexpr std::string_view name = "state of a rotation";
    static constexpr std::array all{
        Word{"staged", "made, INACTIVE; its image lies in a file"},
        Word{"activated", "ACTIVE, beside the former one"},
        Word{"finished", "the former ones are retired"},
        Word{"cancelled", "what was staged or activated is taken back"},
        Word{"asked", "over the air: the device has been asked to make a key"},
        Word{"answered", "over the air: it has its certificate, ACTIVE beside the former one"},
        Word{"refused", "over the air: the device stays with what it had"},
    };
};

enum class LeftoverKind : std::uint8_t {
    unused_certificate,
    loose_certificate,
    replaced_certificate,
    owed_deactivation,
    bare_thing,
};

template <>
struct Words<LeftoverKind> {
    static constexpr std::string_view name = "kind of leftover";
    static constexpr std::array all{
        Word{"unused_certificate", "INACTIVE, and of no proven board"},
        Word{"loose_certificate", "ACTIVE, and attached to no thing"},
        Word{"replaced_certificate", "ACTIVE, though its board works with another one"},
        Word{"owed_deactivation", "ACTIVE, though its board failed with it or has it no more"},
        Word{"bare_thing", "a thing without any certificate"},
    };
};

enum class LeftoverCause : std::uint8_t {
    used_elsewhere,
    replaced,
    overwritten,
    failed,
    gone,
    never_proven,
    unknown_thing,
    unknown_certificate,
    never_answered,
    attached_to_nothing,
    anothers,
    no_certificate,
};

template <>
struct Words<LeftoverCause> {
    static constexpr std::string_view name = "cause of a leftover";
    static constexpr std::array all{
        Word{"used_elsewhere", "it was our board's; a thing that is in no ledger here has it"},
        Word{"replaced", "its board works with another one"},
        Word{"overwritten", "its board's flash was overwritten, and no other one is proven there"},
        Word{"failed", "its board failed with it, and the registry was not told yet"},
        Word{"gone", "the ledger says that it is gone"},
        Word{"never_proven", "of a board that was never proven with it"},
        Word{"unknown_thing", "of a thing, and in no ledger here"},
        Word{"unknown_certificate", "it has the devices' policy, and is in no ledger here"},
        Word{"never_answered", "asked for by a run that died before the answer came"},
        Word{"attached_to_nothing", "whose it is cannot be told"},
        Word{"anothers", "somebody else's"},
        Word{"no_certificate", "a thing of the devices' type, without a certificate"},
    };
};

enum class LeftoverAction : std::uint8_t {
    to_be_removed,
    left_alone,
    in_use,
    deactivated,
    removed
};

template <>
struct Words<LeftoverAction> {
    static constexpr std::string_view name = "outcome of a sweep";
    static constexpr std::array all{
        Word{"to_be_removed", "`--apply` would"},
        Word{"left_alone", "it is not ours"},
        Word{"in_use", "it has come into use meanwhile, and is left alone"},
        Word{"deactivated", "made INACTIVE"},
        Word{"removed", "gone"},
    };
};

enum class DifferenceKind : std::uint8_t {
    missing,
    not_active,
    other_active,
    not_attached,
    without_policy,
    replaced,
    overwritten,
    failed,
    unproven,
    activated,
    staged_missing,
    staged_active,
    inactive_active,
    gone_there,
    gone_used,
    queued,
    unknown_thing,
};

template <>
struct Words<DifferenceKind> {
    static constexpr std::string_view name = "kind of difference";
    static constexpr std::array all{
        Word{"missing", "its board cannot connect: the certificate is not in the registry"},
        Word{"not_active", "its board cannot connect: somebody has switched it off"},
        Word{"other_active",
             "not in force, and its thing has another ACTIVE one, in no ledger here"},
        Word{"not_attached", "ACTIVE, and not attached to its thing"},
        Word{"without_policy", "ACTIVE, and without its policy"},
        Word{"replaced", "its board works with another one; a sweep removes it"},
        Word{"overwritten", "ACTIVE, though its board does not have it any more"},
        Word{"failed", "ACTIVE, though its board failed with it"},
        Word{"unproven", "ACTIVE, though its board was never seen to work with it"},
        Word{"activated", "a rotation in the field that is not finished"},
        Word{"staged_missing", "staged for a board in the field, and not in the registry"},
        Word{"staged_active", "staged for a board in the field, and activated by somebody"},
        Word{"inactive_active", "the ledger has it INACTIVE, the registry ACTIVE"},
        Word{"gone_there", "the ledger says that it is gone, and it is there"},
        Word{"gone_used", "the ledger says that it is gone, and it is ACTIVE on a thing"},
        Word{"queued", "its registration is owed; `registry push` does it"},
        Word{"unknown_thing", "a thing of the devices' type that no ledger here has heard of"},
    };
};

enum class AttemptOutcome : std::uint8_t {
    running,
    passed,
    failed,
    skipped,
    stopped,
    empty,
    killed,
    replaced,
};

template <>
struct Words<AttemptOutcome> {
    static constexpr std::string_view name = "outcome of an attempt";
    static constexpr std::array all{
        Word{"running", "it is at work"},
        Word{"passed", "prepared, and proven"},
        Word{"failed", "`code` and `reason` say why"},
        Word{"skipped", "it had passed in this lot before"},
        Word{"stopped", "the run was asked to end before it was finished"},
        Word{"empty", "no board answered in the bay"},
        Word{"killed", "its process died"},
        Word{"replaced", "it had passed; its certificate has been replaced or retired since"},
    };
};

// How a board stands, whatever number of attempts it took.
enum class BoardStanding : std::uint8_t { passed, failed, stopped, running, killed, retired };

template <>
struct Words<BoardStanding> {
    static constexpr std::string_view name = "standing of a board";
    static constexpr std::array all{
        Word{"passed",
             "it has a certificate in force; `certificate_state` is `proven`, or `queued` "
             "while its registration is owed"},
        Word{"failed", "its last attempt failed"},
        Word{"stopped", "its last attempt was not finished"},
        Word{"running", "it is at work"},
        Word{"killed", "the process of its last attempt died"},
        Word{"retired", "it had passed; its certificate has been taken from it since"},
    };
};

// How a board stands in a lot, or what one attempt says of it.
enum class BoardVerdict : std::uint8_t { none, running, aborted, error, failed, passed };

template <>
struct Words<BoardVerdict> {
    static constexpr std::string_view name = "verdict on a board";
    static constexpr std::array all{
        Word{"none", "nothing is said of it"},
        Word{"running", "it is at work"},
        Word{"aborted", "its work was stopped, or its process died"},
        Word{"error", "the station, its cloud or its operator was at fault, not the board"},
        Word{"failed", "the board is at fault"},
        Word{"passed", "prepared, and proven"},
    };
};

enum class LotState : std::uint8_t { open, paused, closed };

template <>
struct Words<LotState> {
    static constexpr std::string_view name = "state of a lot";
    static constexpr std::array all{
        Word{"open", "boards may be prepared in it"},
        Word{"paused", "for now, no board is prepared in it"},
        Word{"closed", "it is done: no board is prepared in it any more"},
    };
};

enum class CertificateState : std::uint8_t {
    requested,
    inactive,
    staged,
    queued,
    active,
    proven,
    overwritten,
    gone,
};

template <>
struct Words<CertificateState> {
    static constexpr std::string_view name = "state of a certificate";
    static constexpr std::array all{
        Word{"requested", "asked for; the answer never came"},
        Word{"inactive", "issued, and on no proven board"},
        Word{"staged", "made ahead for a board in the field"},
        Word{"queued", "on a verified board; its registration is owed"},
        Word{"active", "its board's flash is verified, its start not yet proven"},
        Word{"proven", "its board works with it"},
        Word{"overwritten", "its place in its board's flash is given to another"},
        Word{"gone", "deactivated, detached, deleted"},
    };
};

// Who a user of the station's page is.
enum class UserRole : std::uint8_t { operator_, engineer };

template <>
struct Words<UserRole> {
    static constexpr std::string_view name = "role of a user";
    static constexpr std::array all{
        Word{"operator", "works at the bench: bays, scans, labels; chooses and pauses lots"},
        Word{"engineer",
             "may do everything: also open, change and close lots, retire boards, set "
             "up bays"},
    };
};

enum class UserChange : std::uint8_t { none, added, removed, password };

template <>
struct Words<UserChange> {
    static constexpr std::string_view name = "change of a user";
    static constexpr std::array all{
        Word{"none", "the user is only listed"},
        Word{"added", "the user may log in from now on"},
        Word{"removed", "the user may log in no more, and is logged out"},
        Word{"password", "the user has a new password, and is logged out"},
    };
};

}  // namespace imprint::events
