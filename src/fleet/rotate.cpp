#include "fleet/rotate.h"

#include <algorithm>
#include <fmt/format.h>
#include <initializer_list>
#include <map>
#include <optional>
#include <ranges>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/files.h"
#include "base/git.h"
#include "fleet/former.h"
#include "prepare/lot_rules.h"
#include "prepare/outcomes.h"
#include "prepare/retirement.h"

namespace imprint::fleet {

namespace {

using ledger::CertificateRecord;
using ledger::CertificateState;
using registry::CertificateStatus;

// The newest of the thing in one of these states, of those that were made ahead.
Result<std::optional<CertificateRecord>> newest(ledger::Ledger& ledger, const std::string& thing,
                                                std::initializer_list<CertificateState> states) {
    IMPRINT_TRY(const auto records, ledger.certificates_of_thing(thing));
    for (const auto& record : std::views::reverse(records))
        if (record.ahead && std::ranges::find(states, record.state) != states.end())
            return std::optional(record);
    return std::optional<CertificateRecord>{};
}

// The row may have changed since it was read: its board was retired, or is in a bay, which writes
// over what the board had.
Result<bool> is_still_in_use(ledger::Ledger& ledger, const CertificateRecord& record) {
    IMPRINT_TRY(const auto records, ledger.certificates(record.mac));
    return std::ranges::any_of(records, [&](const auto& now) {
        return now.row == record.row &&
               (now.state == CertificateState::active || now.state == CertificateState::proven);
    });
}

std::unexpected<Error> lost_meanwhile(const CertificateRecord& record) {
    return fail(ErrorKind::usage, "not_staged",
                fmt::format("certificate {} of the thing \"{}\" was retired, or overwritten in a "
                            "bay, meanwhile",
                            record.id, record.thing),
                fmt::format("imprint registry rotate --stage DIR {}", record.thing));
}

Result<void> remove(prepare::RecordedRegistry& registry, ledger::Ledger& ledger,
                    const CertificateRecord& record, const Log& log) {
    IMPRINT_CHECK(prepare::retire_and_record(registry, ledger, record.thing, record.id, log));
    return {};
}

// Each earlier one that was staged and never activated.
Result<void> remove_staged(prepare::RecordedRegistry& registry, ledger::Ledger& ledger,
                           const std::string& thing, const std::string& keep, const Log& log) {
    IMPRINT_TRY(const auto records, ledger.certificates_of_thing(thing));
    for (const auto& record : records)
        if (record.state == CertificateState::staged && record.id != keep)
            IMPRINT_CHECK(remove(registry, ledger, record, log));
    return {};
}

// The one that is said, else the ledger's, else the thing's.
Result<std::string> lot_of(const SigningTools& tools,
                           const std::map<std::string, std::string>& attributes,
                           const MacAddress& mac) {
    if (!tools.lot.empty()) return tools.lot;
    IMPRINT_TRY(std::string lot, tools.identity.ledger.last_lot(mac));
    if (!lot.empty()) return lot;
    return prepare::lot_of_attributes(tools.identity.settings, attributes);
}

// A thing's board, and the attempt of the ledger that works on it.
struct Board {
    MacAddress mac;
    std::string lot;
    std::string serial;
    ledger::AttemptId attempt = 0;  // once it is claimed
};

// Reads alone.
Result<Board> find_board(const SigningTools& tools, const std::string& thing) {
    ledger::Ledger& ledger = tools.identity.ledger;
    IMPRINT_TRY(const auto known, tools.identity.registry->find_thing(thing));
    if (!known) {
        return fail(
            ErrorKind::registry, "thing_unknown",
            fmt::format("the registry has no thing \"{}\": there is nothing to rotate", thing),
            "prepare its board first");
    }
    Board board;
    IMPRINT_TRY(board.mac, board_of(ledger, thing));
    IMPRINT_TRY(board.lot, lot_of(tools, known->attributes, board.mac));
    IMPRINT_TRY(board.serial, prepare::serial_in_lot(ledger, board.mac, board.lot));
    return board;
}

Result<void> claim(const SigningTools& tools, const std::string& thing, Board& board) {
    ledger::Ledger& ledger = tools.identity.ledger;
    IMPRINT_TRY(board.attempt, ledger.begin_attempt(tools.run, "staged"));
    IMPRINT_CHECK(ledger.identified(board.attempt, board.mac, "", thing));
    IMPRINT_CHECK(ledger.set_lot(board.attempt, board.lot));
    auto claimed = ledger.claim(board.attempt);
    if (!claimed)
        static_cast<void>(ledger.end_attempt(board.attempt, ledger::Outcome::failed,
                                             claimed.error().code, claimed.error().describe(),
                                             prepare::fault_of(claimed.error())));
    return claimed;
}

// A new identity of a claimed board, INACTIVE, for whatever carries it to the device.
class Staging {
  public:
    // request: none: the key is made here.
    Staging(const SigningTools& tools, std::string thing, Board board,
            std::optional<pki::RequestInfo> request = {})
        : tools_(tools),
          ledger_(tools.identity.ledger),
          thing_(std::move(thing)),
          board_(std::move(board)),
          effects_(ledger_, {tools.run, board_.attempt}, tools.log),
          registry_(*tools.identity.registry, effects_),
          work_(tools.identity, {tools.run, board_.attempt}, board_.mac, thing_, board_.lot,
                tools.log, {}, board_.serial, std::move(request)) {}

    // carry: what has to be done with it before it counts.
    template <typename Carry>
    [[nodiscard]] Result<prepare::Identity> run(const Carry& carry) {
        auto identity = make(carry);
        if (!identity) {
            const events::CertificateFate left = work_.discard();
            tools_.log.info("{}: certificate {}", thing_, events::word_of(left));
            const auto ended = ledger_.end_attempt(
                board_.attempt, ledger::Outcome::failed, identity.error().code,
                identity.error().describe(), prepare::fault_of(identity.error()));
            if (!ended) tools_.log.warning("{}: {}", thing_, ended.error().describe());
            return identity;
        }
        IMPRINT_CHECK(
            remove_staged(registry_, ledger_, thing_, identity->certificate_id, tools_.log));
        IMPRINT_CHECK(ledger_.end_attempt(board_.attempt, ledger::Outcome::passed));
        return identity;
    }

    [[nodiscard]] ledger::EffectLog& effects() { return effects_; }

    [[nodiscard]] const Board& board() const { return board_; }

  private:
    template <typename Carry>
    [[nodiscard]] Result<prepare::Identity> make(const Carry& carry) {
        IMPRINT_TRY(prepare::Identity identity, work_.make());
        IMPRINT_CHECK(carry(std::as_const(identity)));
        // Until here the next run would have removed it as a dead one's.
        IMPRINT_CHECK(work_.staged());
        return identity;
    }

    const SigningTools& tools_;
    ledger::Ledger& ledger_;
    std::string thing_;
    Board board_;
    ledger::EffectLog effects_;
    prepare::RecordedRegistry registry_;
    prepare::IdentityWork work_;
};

}  // namespace

Result<MacAddress> board_of(ledger::Ledger& ledger, const std::string& thing) {
    IMPRINT_TRY(const auto records, ledger.certificates_of_thing(thing));
    if (!records.empty()) return records.back().mac;
    if (const auto mac = parse_mac(thing)) return *mac;
    return fail(ErrorKind::usage, "board_unknown",
                fmt::format("the ledger has no board of the thing \"{}\"", thing),
                "use the ledger of the station that prepared it");
}

Result<Staged> stage(const StageTools& tools, const std::string& thing) {
    const SigningTools signing{tools.identity, tools.lot, tools.run, tools.log};
    IMPRINT_TRY(auto board, find_board(signing, thing));
    IMPRINT_TRY(const auto values, tools.form.values.of({board.mac.id(), thing, board.lot,
                                                         board.serial, board.serial}));
    IMPRINT_CHECK(keep_out_of_git({tools.folder, "the folder of staged images", true}));
    IMPRINT_CHECK(make_own_directory(tools.folder));
    IMPRINT_CHECK(claim(signing, thing, board));
    Staging staging(signing, thing, std::move(board));
    const auto path = tools.folder / (thing + ".bin");
    const auto write_image = [&](const prepare::Identity& identity) -> Result<void> {
        const Board& of = staging.board();
        const prepare::DeviceFacts facts{
            thing, of.mac.id(), tools.cloud.endpoint, tools.cloud.port, of.lot, of.serial};
        IMPRINT_TRY(Bytes bytes,
                    prepare::credential_image_bytes(tools.form, identity.certificate_pem,
                                                    identity.private_key_pem, facts, values));
        const Secret image(std::move(bytes));
        IMPRINT_TRY(const auto effects, staging.effects().intend("stage", {path.string()}));
        IMPRINT_CHECK(write_file(path, image.reveal(), FileMode::secret));
        return staging.effects().done(effects.front(), to_hex(md5(image.reveal())));
    };
    IMPRINT_TRY(const auto identity, staging.run(write_image));
    const auto& partition = tools.form.partition;
    return Staged{thing, identity.certificate_id, path, partition.offset, partition.size};
}

Result<Signed> sign(const SigningTools& tools, const std::string& thing,
                    const pki::RequestInfo& request) {
    IMPRINT_TRY(auto board, find_board(tools, thing));
    IMPRINT_CHECK(claim(tools, thing, board));
    Staging staging(tools, thing, std::move(board), request);
    IMPRINT_TRY(auto identity, staging.run([](const prepare::Identity&) -> Result<void> {
        return {};  // whoever asked finds it in the ledger
    }));
    return Signed{std::move(identity.certificate_id), std::move(identity.certificate_pem)};
}

Result<Advanced> activate_staged(prepare::RecordedRegistry& registry, ledger::Ledger& ledger,
                                 const std::string& thing) {
    IMPRINT_TRY(auto record, newest(ledger, thing, {CertificateState::staged}));
    if (!record) {
        // Broken off between the ledger and the registry.
        IMPRINT_TRY(record, newest(ledger, thing, {CertificateState::active}));
    }
    if (!record)
        return fail(ErrorKind::usage, "not_staged",
                    fmt::format("nothing is staged for the thing \"{}\"", thing),
                    fmt::format("imprint registry rotate --stage DIR {}", thing));
    IMPRINT_CHECK(ledger.certificate_state(record->row, CertificateState::active));
    IMPRINT_CHECK(registry.activate(record->id));
    IMPRINT_TRY(const bool in_use, is_still_in_use(ledger, *record));
    if (!in_use) {
        IMPRINT_CHECK(registry.for_rollback().make_inactive(record->id));
        return lost_meanwhile(*record);
    }
    return Advanced{record->id, 0};
}

Result<Advanced> finish_rotation(prepare::RecordedRegistry& registry, ledger::Ledger& ledger,
                                 const std::string& thing, const prepare::RivalRules& rivals,
                                 const Log& log) {
    // A proven one was broken off while the former ones went; one that was activated before it is
    // one of those.
    IMPRINT_TRY(const auto record,
                newest(ledger, thing, {CertificateState::active, CertificateState::proven}));
    if (!record || record->state == CertificateState::proven) {
        IMPRINT_TRY(const auto staged, newest(ledger, thing, {CertificateState::staged}));
        if (staged)
            return fail(ErrorKind::usage, "not_activated",
                        fmt::format("what is staged for the thing \"{}\" is not active yet", thing),
                        fmt::format("imprint registry rotate --activate {}", thing));
    }
    if (!record)
        return fail(ErrorKind::usage, "not_staged",
                    fmt::format("nothing is staged for the thing \"{}\"", thing),
                    fmt::format("imprint registry rotate --stage DIR {}", thing));
    IMPRINT_TRY(const auto there, registry.find_certificate(record->id));
    if (!there || there->status != CertificateStatus::active)
        return fail(ErrorKind::registry, "not_activated",
                    fmt::format("certificate {} of the thing \"{}\" is {}", record->id, thing,
                                there ? registry::to_string(there->status) : "missing"),
                    fmt::format("imprint registry rotate --activate {}", thing));
    IMPRINT_TRY(const auto others, look_for_rivals(registry, ledger, *record, rivals, log));
    IMPRINT_TRY(const auto records, ledger.certificates(record->mac));
    IMPRINT_CHECK(others.settle(record->id, prepare::known_of(records)));
    IMPRINT_TRY(const bool in_use, is_still_in_use(ledger, *record));
    if (!in_use) return lost_meanwhile(*record);
    IMPRINT_CHECK(ledger.certificate_state(record->row, CertificateState::proven));
    Advanced advanced{record->id, 0};
    IMPRINT_TRY(advanced.retired, retire_former(registry, ledger, *record, others, log));
    IMPRINT_CHECK(registry.await_in_force(thing, record->id, rivals.confirm));
    return advanced;
}

Result<Advanced> cancel_rotation(prepare::RecordedRegistry& registry, ledger::Ledger& ledger,
                                 const std::string& thing, const Log& log) {
    IMPRINT_TRY(const auto records, ledger.certificates_of_thing(thing));
    if (records.empty())
        return fail(
            ErrorKind::usage, "not_staged",
            fmt::format("the ledger knows no thing \"{}\": there is nothing to cancel", thing),
            "imprint ledger list shows the things; or name another ledger with --ledger");
    // The one that the board goes on with has to be in force.
    bool has_proven = false;
    for (const auto& record : records) {
        if (record.state != CertificateState::proven) continue;
        IMPRINT_TRY(const auto there, registry.find_certificate(record.id));
        has_proven |= there && there->status == CertificateStatus::active;
    }
    Advanced advanced;
    for (const auto& record : records) {
        const bool active = record.ahead && record.state == CertificateState::active;
        if (record.state != CertificateState::staged && !active) continue;
        if (active && !has_proven)
            return fail(
                ErrorKind::usage, "no_former_certificate",
                fmt::format("certificate {} is the only one of the thing \"{}\"", record.id, thing),
                "retire the thing, if it is to have none");
        IMPRINT_CHECK(remove(registry, ledger, record, log));
        advanced.certificate_id = record.id;
        ++advanced.retired;
    }
    return advanced;
}

}  // namespace imprint::fleet
