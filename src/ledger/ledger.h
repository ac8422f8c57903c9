// The station's durable record: what was intended, done and verified. Every effect outside the
// process is written here as intended before it is tried and as done after it was answered, so that
// a rerun knows what a dead run may have left. Format: docs/ledger.md. Never a secret in it.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/mac.h"
#include "base/processes.h"

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

struct EffectRecord {
    EffectId id = 0;
    std::string kind;     // "create_thing", "activate", …
    std::string subject;  // thing name, certificate id, flash region
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

struct RunFacts {
    std::string version;  // of Imprint
    std::string lot;
    std::string endpoint;
    std::string firmware;         // as in AttemptRecord
    std::string firmware_commit;  // empty: not from git
    std::string app_name = {};
    std::string app_version = {};
    std::string app_elf_sha256 = {};
    std::vector<RunFile> files = {};
};

// What an attempt owes the registry, where it cannot be written into the ledger any more.
struct Debt {
    std::int64_t row = 0;  // of the certificate
    AttemptId attempt = 0;
};

// How long an attempt may be at work at the most. What belongs to a younger one, of which nobody
// can say whether it lives, is left alone.
constexpr std::chrono::hours longest_attempt{1};

// Safe to call from many threads, and beside other processes on the same file.
// Errors: kind ledger: ledger_unwritable, ledger_damaged, ledger_newer (made by a newer Imprint).
class Ledger {
  public:
    // processes: for a test; outlives the ledger. By default those of this machine.
    [[nodiscard]] static Result<Ledger> open(const std::filesystem::path& path, Clock& clock,
                                             const Processes* processes = nullptr);
    Ledger(Ledger&&) noexcept;
    Ledger& operator=(Ledger&&) noexcept;
    ~Ledger();

    // The clock that its records are dated by.
    [[nodiscard]] WallTime now() const;

    // Also keeps room on the disk for what an attempt of this run may come to owe.
    [[nodiscard]] Result<RunId> begin_run(const RunFacts& facts);
    [[nodiscard]] Result<void> end_run(RunId run, unsigned passed, unsigned failed);
    [[nodiscard]] Result<std::vector<RunFile>> files(RunId run);

    // The board is not known yet: one that cannot be identified has its row all the same.
    [[nodiscard]] Result<AttemptId> begin_attempt(RunId run, const std::string& bay);
    [[nodiscard]] Result<void> identified(AttemptId attempt, const MacAddress& mac,
                                          const std::string& chip, const std::string& thing);
    // Where it is not the run's.
    [[nodiscard]] Result<void> set_lot(AttemptId attempt, const std::string& lot);
    // The attempt has the board for itself until it ends: what others have left of it is a dead
    // one's. Error: board_twice (board): a living attempt has it, in this process or another.
    // over_unknown: one of which nobody can say whether it lives is taken to be dead.
    [[nodiscard]] Result<void> claim(AttemptId attempt, bool over_unknown = false);
    [[nodiscard]] Result<void> end_attempt(AttemptId attempt, Outcome outcome,
                                           const std::string& error_code = {},
                                           const std::string& error_message = {});

    // Durable when it returns: only then may the effect be tried.
    [[nodiscard]] Result<EffectId> intend(AttemptId attempt, const std::string& kind,
                                          const std::string& subject);
    [[nodiscard]] Result<void> done(EffectId effect, const std::string& result = "done");

    [[nodiscard]] Result<std::int64_t> certificate_requested(AttemptId attempt,
                                                             const std::string& public_pem,
                                                             const std::string& policy);
    [[nodiscard]] Result<void> certificate_issued(std::int64_t row, const std::string& id);
    // One that was signed here: its id is known before anybody is asked.
    [[nodiscard]] Result<std::int64_t> certificate_signed(AttemptId attempt, const std::string& id,
                                                          const std::string& pem,
                                                          const std::string& public_pem,
                                                          const std::string& policy);

    // One that was made ahead of its board: perhaps not for the first time here. A state that a
    // former attempt of the same board has left stays (active, queued, proven); else it is
    // inactive. Error: minted_in_use (board): it is another board's.
    struct Taken {
        std::int64_t row = 0;
        CertificateState state = CertificateState::inactive;
    };

    [[nodiscard]] Result<Taken> certificate_taken(AttemptId attempt, const std::string& id,
                                                  const std::string& pem,
                                                  const std::string& public_pem,
                                                  const std::string& policy);
    [[nodiscard]] Result<void> certificate_state(std::int64_t row, CertificateState state);
    [[nodiscard]] Result<void> certificate_staged(std::int64_t row);
    [[nodiscard]] Result<void> certificate_gone(const MacAddress& mac, const std::string& id);

    // Before the first sector is written where the board has its former certificates: from now on
    // their deactivation is owed, unless this attempt retires them. One that the ledger does not
    // know yet is adopted.
    [[nodiscard]] Result<void> overwriting(AttemptId attempt,
                                           const std::vector<std::string>& certificate_ids);
    // Written beside the ledger, where it cannot be written into it: room for that is kept.
    [[nodiscard]] Result<void> owe_deactivation(const Debt& debt);
    // It is INACTIVE now, or was gone already.
    [[nodiscard]] Result<void> deactivated(std::int64_t row);
    // The board works with another one: this one is to go, and has not wholly gone yet. With the
    // attempt, one that the ledger does not know is adopted.
    [[nodiscard]] Result<void> owe_retirement(std::optional<AttemptId> attempt,
                                              const std::string& certificate_id);

    // Everything of one board that a dead run may have left: requested, inactive and active.
    [[nodiscard]] Result<std::vector<CertificateRecord>> unfinished(const MacAddress& mac);
    // Of all boards that no living attempt has in hand: what the next run settles before it starts.
    [[nodiscard]] Result<std::vector<CertificateRecord>> owed_deactivations();
    [[nodiscard]] Result<std::vector<CertificateRecord>> owed_retirements();

    // --- registrations that are owed
    [[nodiscard]] Result<void> queue_registration(std::int64_t row, const std::string& facts);
    // In the order of their making, at most `most` of those after row `after`.
    [[nodiscard]] Result<std::vector<QueuedRegistration>> queued_registrations(
        std::int64_t after = 0, std::size_t most = 1000);
    [[nodiscard]] Result<std::int64_t> count_queued();

    // --- after the factory
    [[nodiscard]] Result<std::int64_t> begin_retirement(const std::string& thing,
                                                        const std::string& reason);
    [[nodiscard]] Result<void> end_retirement(std::int64_t id, const std::string& result);
    // Newest first; thing empty: of all.
    [[nodiscard]] Result<std::vector<RetirementRecord>> retirements(const std::string& thing = {});
    // As certificate_gone, where the board is not known.
    [[nodiscard]] Result<void> certificate_gone(const std::string& id);
    [[nodiscard]] Result<std::vector<CertificateRecord>> certificates_of_thing(
        const std::string& thing);
    // All that the certificate's board has been: none of them is another's.
    [[nodiscard]] Result<std::set<std::string>> things_of_board(const std::string& certificate_id);
    // All there are, in the order of their making, a thousand at a time; false stops it.
    [[nodiscard]] Result<void> each_certificate(
        const std::function<bool(const CertificateRecord&)>& visit);

    [[nodiscard]] Result<std::vector<AttemptRecord>> attempts(
        const std::optional<MacAddress>& mac = {}, std::size_t most = 1000);  // newest first
    // The lot that the board last passed in; empty: none, or never.
    [[nodiscard]] Result<std::string> last_lot(const MacAddress& mac);

    // When somebody last worked on the thing, and whether somebody does now. Nothing: the ledger
    // has not heard of it.
    struct LastWork {
        WallTime at;
        bool in_hand = false;
    };

    [[nodiscard]] Result<std::optional<LastWork>> last_work_on(const std::string& thing);
    [[nodiscard]] Result<std::vector<EffectRecord>> effects(AttemptId attempt);
    [[nodiscard]] Result<std::vector<CertificateRecord>> certificates(const MacAddress& mac);

  private:
    class Store;
    explicit Ledger(std::unique_ptr<Store> store);
    std::unique_ptr<Store> store_;
};

}  // namespace imprint::ledger
