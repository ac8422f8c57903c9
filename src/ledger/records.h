// What the station's durable record consists of. Format of the file: docs/ledger.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/mac.h"

namespace imprint::ledger {

using RunId = std::int64_t;
using AttemptId = std::int64_t;
using EffectId = std::int64_t;

// What a certificate of ours has come to. The order is that of its life.
enum class CertificateState {
    requested,  // asked for; the answer never came: it may exist, INACTIVE, under an unknown id
    inactive,   // issued, not on a proven board
    staged,     // made ahead for a board in the field: INACTIVE, its image lies in a file
    queued,  // signed by the owner's CA, on a board whose flash is verified; registration is owed
    active,  // activated: its board's flash is verified, its boot not yet proven
    proven,  // the board booted and connected with it, or was prepared offline and registered
    overwritten,  // was active or proven; its place in its board's flash is given to another. It
                  // is INACTIVE, or its deactivation is owed; it goes once another one is proven
    gone,         // retired: deactivated, detached, deleted
};
[[nodiscard]] std::string_view to_string(CertificateState state);

struct CertificateRecord {
    std::int64_t row = 0;
    MacAddress mac;
    std::string thing;
    std::string id;          // empty while requested
    std::string public_pem;  // how a requested one is found again
    std::string policy;
    CertificateState state = CertificateState::requested;
    WallTime requested_at;
    std::optional<WallTime> proven_at;  // last
    // The board failed after its activation, or it was overwritten, and the registry has not been
    // told yet: the next run does it first, and so does a sweep.
    bool deactivation_owed = false;
    // Replaced on its board by a proven one, and not all gone from the registry yet: likewise.
    bool retirement_owed = false;
    bool ahead = false;    // made for a board that was not on the bench (certificate_staged)
    bool adopted = false;  // found on the thing: nobody made it with this ledger
    // A living attempt is at work on this board, or on this very certificate.
    bool in_hand = false;
};

// A registration that is owed, with all that it takes.
struct QueuedRegistration {
    CertificateRecord certificate;
    std::string pem;
    std::string facts;  // JSON: what the thing is to be (prepare/registration.h)
    // The board has a later certificate, or its flash was overwritten by an attempt that failed.
    bool superseded = false;
};

// Adds the ids of those that are not gone, but for `keep` and what is in `ids` already: what a
// registry that was asked for a thing's certificates may have lost sight of.
void add_living(std::vector<std::string>& ids, const std::vector<CertificateRecord>& records,
                const std::string& keep = {});

enum class Outcome {
    running,
    passed,
    failed,
    killed,  // never written: what a running one is shown as whose process is dead
};
[[nodiscard]] std::string_view to_string(Outcome outcome);

struct AttemptRecord {
    AttemptId id = 0;
    RunId run = 0;
    std::optional<MacAddress> mac;  // none: the board was never identified
    std::string bay;
    std::string lot;
    std::string chip;
    std::string thing;
    std::string certificate_id;
    std::string firmware;         // SHA-256 over all files and their offsets
    std::string firmware_commit;  // of the source, at that time
    std::string app_version;      // as the app itself says
    WallTime started;
    std::optional<WallTime> ended;  // none: running, or its process died
    Outcome outcome = Outcome::running;
    std::string error_code;
    std::string error_message;
};

// Whose doing an effect is: a command's, or that of one attempt of it.
struct Doer {
    RunId run = 0;
    std::optional<AttemptId> attempt = {};
};

struct EffectRecord {
    EffectId id = 0;
    RunId run = 0;
    std::optional<AttemptId> attempt;  // none: the command's own
    std::string kind;                  // "create_thing", "activate", …
    std::string subject;               // thing name, certificate id, flash region
    WallTime intended;
    std::optional<WallTime> done;
    std::string result;  // empty: not known
};

// A thing that was taken out of service: lost, returned, scrapped.
struct RetirementRecord {
    std::int64_t id = 0;
    std::string thing;
    std::string reason;
    WallTime intended;
    std::optional<WallTime> done;  // none: begun, and not finished
    std::string result;            // the certificates that went with it, blanks between
};

// One file that each board of a run gets.
struct RunFile {
    std::string path;
    std::uint32_t offset = 0;
    std::uint32_t size = 0;  // bytes
    std::string sha256;      // lower-case hex
};

// One command that acts on something outside: a run of `imprint prepare`, or one after the factory.
struct RunFacts {
    std::string version;              // of Imprint
    std::string command = "prepare";  // "registry push", as it is typed
    std::string lot;
    std::string endpoint;
    std::string firmware;         // as in AttemptRecord
    std::string firmware_commit;  // empty: not from git
    std::string app_name = {};
    std::string app_version = {};
    std::string app_elf_sha256 = {};
    std::vector<RunFile> files = {};
};

struct RunRecord {
    RunId id = 0;
    std::string command;
    std::string version;
    std::string lot;
    WallTime started;
    std::optional<WallTime> ended;  // none: running, or its process died
    bool running = false;           // its process may be alive
    std::int64_t passed = 0;        // boards
    std::int64_t failed = 0;
    std::int64_t effects = 0;
};

// When somebody last worked on a thing, and whether somebody does now.
struct LastWork {
    WallTime at;
    bool in_hand = false;
};

// A certificate that was made ahead of its board, as the ledger has it now.
struct Taken {
    std::int64_t row = 0;
    CertificateState state = CertificateState::inactive;
};

// What an attempt owes the registry, where it cannot be written into the ledger any more.
struct Debt {
    std::int64_t row = 0;  // of the certificate
    AttemptId attempt = 0;
};

// How long an attempt may be at work at the most. What belongs to a younger one, of which nobody
// can say whether it lives, is left alone.
constexpr std::chrono::hours longest_attempt{1};

}  // namespace imprint::ledger
