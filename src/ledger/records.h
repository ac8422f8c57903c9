// The records of the station's ledger. Format of the file: docs/ledger.md.
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

// The state of one of our certificates, in the order of its life.
enum class CertificateState {
    requested,  // the request was never answered: it may exist, INACTIVE, with an unknown id
    inactive,   // issued, not on a proven board
    staged,     // made ahead for a board in the field: INACTIVE, its image is in a file
    queued,  // signed by the owner's CA, on a board whose flash is verified; registration is owed
    active,  // activated: its board's flash is verified, its boot not yet proven
    proven,  // the board booted and connected with it, or was prepared offline and registered
    overwritten,  // was active or proven; its sectors in the board's flash went to another one. It
                  // is INACTIVE, or its deactivation is owed; it is retired once another one is
                  // proven
    gone,         // retired: deactivated, detached, deleted
};
[[nodiscard]] std::string_view to_string(CertificateState state);

struct CertificateRecord {
    std::int64_t row = 0;
    AttemptId attempt = 0;  // that asked for it, or took it last
    MacAddress mac;
    std::string thing;
    std::string id;          // empty while requested
    std::string public_pem;  // used to find a requested one again
    std::string policy;
    CertificateState state = CertificateState::requested;
    WallTime requested_at;
    std::optional<WallTime> proven_at;  // last time
    // The board failed after its activation, or it was overwritten, and the registry has not been
    // told yet: the next run does that first, and so does a sweep.
    bool deactivation_owed = false;
    // Replaced on its board by a proven one, and not fully retired yet: settled in the same way.
    bool retirement_owed = false;
    bool ahead = false;    // made for a board that was not on the bench (certificate_staged)
    bool adopted = false;  // found on the thing; not made with this ledger
    // A living attempt is working on this board, or on this certificate.
    bool in_hand = false;
};

// An owed registration, with all the data for it.
struct QueuedRegistration {
    CertificateRecord certificate;
    std::string pem;
    std::string facts;  // JSON: the thing's settings (prepare/registration.h)
    // The board has a later certificate, or its flash was overwritten by an attempt that failed.
    bool superseded = false;
};

// Adds the ids of all that are not gone, except `keep` and those already in `ids`: a registry's
// list of a thing's certificates may lack some of them.
void add_living(std::vector<std::string>& ids, const std::vector<CertificateRecord>& records,
                const std::string& keep = {});

enum class Outcome {
    running,
    passed,
    failed,
    skipped,   // the board had passed in this lot before, and was left as it was
    stopped,   // by ^C, or because the station was asked to end
    empty,     // no board answered in the bay
    killed,    // never stored: shown for a running attempt whose process is dead
    replaced,  // never stored: shown for a passed one whose certificate is no more in force
};
[[nodiscard]] std::string_view to_string(Outcome outcome);

// A passed attempt as it is to be shown, by the state of its certificate now.
[[nodiscard]] Outcome shown_outcome(Outcome stored, std::optional<CertificateState> certificate);

// Whose a failure was: the board's, or the station's with its cables, its cloud and its operator.
enum class Fault { none, board, station };
[[nodiscard]] std::string_view to_string(Fault fault);

struct AttemptRecord {
    AttemptId id = 0;
    RunId run = 0;
    std::optional<MacAddress> mac;  // none: the board was never identified
    std::string bay;
    std::string lot;
    std::string chip;
    std::string thing;
    std::string certificate_id;
    std::optional<CertificateState> certificate_state;  // now; none: it has no certificate
    std::string firmware;                               // SHA-256 over all files and their offsets
    std::string firmware_commit;                        // of the source at that time
    std::string app_version;                            // as stated in the app itself
    std::string app_elf_sha256;
    std::string station;  // its configured name
    std::string host;     // name of the station's computer
    std::string operator_name;
    std::string account;  // of AWS; with the region, empty: not known
    std::string region;
    std::string endpoint;  // broker that the board was given
    WallTime started;
    std::optional<WallTime> ended;  // none: running, or its process died
    Outcome outcome = Outcome::running;
    std::string error_code;
    std::string error_message;
    Fault fault = Fault::none;  // of a failed one
    std::string serial;         // that it gave the board; empty: none
    bool golden = false;        // of a golden sample of its lot: it counts for nothing there
    bool merged = false;        // from another station's ledger
};

// How a board stands, whatever number of attempts it took.
enum class BoardState {
    passed,   // it has a living certificate, of a passed attempt
    failed,   // its last attempt failed, and it has no living certificate
    stopped,  // likewise
    running,
    killed,
    retired,  // it passed once; its certificate has been taken from it since
};
[[nodiscard]] std::string_view to_string(BoardState state);

struct BoardRecord {
    BoardState state = BoardState::failed;
    // The one that gave the board its living certificate; without one, the last that identified it.
    AttemptRecord attempt;
    std::optional<CertificateRecord> certificate;  // the living one: proven or queued
    std::string certificate_pem;                   // of that; empty: the ledger does not have it
    std::size_t attempts = 0;                      // that identified the board
};

// A living certificate with its text.
struct LivingCertificate {
    CertificateRecord record;
    std::string pem;
};

// attempts: all of one board, oldest first, at least one. living: its proven and queued ones.
[[nodiscard]] BoardRecord board_of(std::vector<AttemptRecord> attempts,
                                   std::vector<LivingCertificate> living);

// Who caused an effect: a command, or one of its attempts.
struct Doer {
    RunId run = 0;
    std::optional<AttemptId> attempt = {};
};

struct EffectRecord {
    EffectId id = 0;
    RunId run = 0;
    std::optional<AttemptId> attempt;  // none: the command itself
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
    std::optional<WallTime> done;  // none: begun but not finished
    std::string result;            // the certificates retired with it, separated by blanks
};

// A file that every board of a run gets.
struct RunFile {
    std::string path;
    std::uint32_t offset = 0;
    std::uint32_t size = 0;  // bytes
    std::string sha256;      // lower-case hex
};

// A command that changes something outside: a run of `imprint prepare`, or a later command.
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
    std::string station = {};  // its configured name
    std::string operator_name = {};
    std::string account = {};  // of AWS; with the region, empty: not known yet
    std::string region = {};
};

struct RunRecord {
    RunId id = 0;
    std::string command;
    std::string version;
    std::string lot;
    std::string station;
    std::string host;
    std::string operator_name;
    std::string account;
    std::string region;
    WallTime started;
    std::optional<WallTime> ended;  // none: running, or its process died
    bool merged = false;            // from another station's ledger
    bool running = false;           // its process may be alive
    std::int64_t passed = 0;        // boards
    std::int64_t failed = 0;
    std::int64_t effects = 0;
};

// When somebody last worked on a thing, and whether somebody is working on it now.
struct LastWork {
    WallTime at;
    bool in_hand = false;
};

// The ledger's data of a certificate that was made before its board was known.
struct Taken {
    std::int64_t row = 0;
    CertificateState state = CertificateState::inactive;
};

// What an attempt owes the registry, if it can no longer be written into the ledger.
struct Debt {
    std::int64_t row = 0;  // of the certificate
    AttemptId attempt = 0;
};

// The longest time that an attempt may take. What a younger attempt has made is left alone if
// nobody can say whether its process lives.
constexpr std::chrono::hours longest_attempt{1};

}  // namespace imprint::ledger
