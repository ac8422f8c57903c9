#include "fleet/rotate.h"

#include <algorithm>
#include <fmt/format.h>
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

// The newest of the thing in this state, of those that were made ahead.
Result<std::optional<CertificateRecord>> newest(ledger::Ledger& ledger, const std::string& thing,
                                                CertificateState state) {
    IMPRINT_TRY(const auto records, ledger.certificates_of_thing(thing));
    for (const auto& record : std::views::reverse(records))
        if (record.ahead && record.state == state) return std::optional(record);
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

Result<MacAddress> board_of(ledger::Ledger& ledger, const std::string& thing) {
    IMPRINT_TRY(const auto records, ledger.certificates_of_thing(thing));
    if (!records.empty()) return records.back().mac;
    if (const auto mac = parse_mac(thing)) return *mac;
    return fail(ErrorKind::usage, "board_unknown",
                fmt::format("the ledger has no board of the thing \"{}\"", thing),
                "use the ledger of the station that prepared it");
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
Result<std::string> lot_of(const StageTools& tools,
                           const std::map<std::string, std::string>& attributes,
                           const MacAddress& mac) {
    if (!tools.lot.empty()) return tools.lot;
    IMPRINT_TRY(std::string lot, tools.identity.ledger.last_lot(mac));
    if (!lot.empty()) return lot;
    return prepare::lot_of_attributes(tools.identity.settings, attributes);
}

class Staging {
  public:
    Staging(const StageTools& tools, std::string thing, const MacAddress& mac, std::string lot,
            std::string serial, ledger::AttemptId attempt)
        : tools_(tools),
          ledger_(tools.identity.ledger),
          thing_(std::move(thing)),
          mac_(mac),
          lot_(std::move(lot)),
          serial_(std::move(serial)),
          attempt_(attempt),
          effects_(ledger_, {tools.run, attempt}, tools.log),
          registry_(*tools.identity.registry, effects_),
          work_(tools.identity, {tools.run, attempt}, mac, thing_, lot_, tools.log, {}, serial_) {}

    [[nodiscard]] Result<Staged> run() {
        auto staged = make();
        if (!staged) {
            const events::CertificateFate left = work_.discard();
            tools_.log.info("{}: certificate {}", thing_, events::word_of(left));
            static_cast<void>(ledger_.end_attempt(attempt_, ledger::Outcome::failed,
                                                  staged.error().code, staged.error().describe(),
                                                  prepare::fault_of(staged.error())));
            return staged;
        }
        IMPRINT_CHECK(
            remove_staged(registry_, ledger_, thing_, staged->certificate_id, tools_.log));
        IMPRINT_CHECK(ledger_.end_attempt(attempt_, ledger::Outcome::passed));
        return staged;
    }

  private:
    [[nodiscard]] Result<Staged> make() {
        IMPRINT_TRY(const prepare::Identity identity, work_.make());
        const prepare::DeviceFacts facts{
            thing_, mac_.id(), tools_.cloud.endpoint, tools_.cloud.port, lot_, serial_};
        IMPRINT_TRY(const auto values,
                    tools_.form.values.of({mac_.id(), thing_, lot_, serial_, serial_}));
        IMPRINT_TRY(Bytes bytes,
                    prepare::credential_image_bytes(tools_.form, identity.certificate_pem,
                                                    identity.private_key_pem, facts, values));
        const Secret image(std::move(bytes));
        const auto path = tools_.folder / (thing_ + ".bin");
        IMPRINT_TRY(const auto effects, effects_.intend("stage", {path.string()}));
        IMPRINT_CHECK(write_file(path, image.reveal(), FileMode::secret));
        IMPRINT_CHECK(effects_.done(effects.front(), to_hex(md5(image.reveal()))));
        // Until here the next run would have removed it as a dead one's.
        IMPRINT_CHECK(work_.staged());
        const auto& partition = tools_.form.partition;
        return Staged{thing_, identity.certificate_id, path, partition.offset, partition.size};
    }

    const StageTools& tools_;
    ledger::Ledger& ledger_;
    std::string thing_;
    MacAddress mac_;
    std::string lot_;
    std::string serial_;
    ledger::AttemptId attempt_;
    ledger::EffectLog effects_;
    prepare::RecordedRegistry registry_;
    prepare::IdentityWork work_;
};

}  // namespace

Result<Staged> stage(const StageTools& tools, const std::string& thing) {
    ledger::Ledger& ledger = tools.identity.ledger;
    IMPRINT_TRY(const auto known, tools.identity.registry->find_thing(thing));
    if (!known) {
        return fail(
            ErrorKind::registry, "thing_unknown",
            fmt::format("the registry has no thing \"{}\": there is nothing to rotate", thing),
            "prepare its board first");
    }
    IMPRINT_TRY(const MacAddress mac, board_of(ledger, thing));
    IMPRINT_CHECK(keep_out_of_git({tools.folder, "the folder of staged images", true}));
    IMPRINT_CHECK(make_own_directory(tools.folder));
    IMPRINT_TRY(std::string lot, lot_of(tools, known->attributes, mac));
    IMPRINT_TRY(std::string serial, prepare::serial_in_lot(ledger, mac, lot));
    IMPRINT_TRY(const auto attempt, ledger.begin_attempt(tools.run, "staged"));
    IMPRINT_CHECK(ledger.identified(attempt, mac, "", thing));
    IMPRINT_CHECK(ledger.set_lot(attempt, lot));
    if (auto claimed = ledger.claim(attempt); !claimed) {
        static_cast<void>(ledger.end_attempt(attempt, ledger::Outcome::failed, claimed.error().code,
                                             claimed.error().describe(),
                                             prepare::fault_of(claimed.error())));
        return std::unexpected(std::move(claimed).error());
    }
    return Staging(tools, thing, mac, std::move(lot), std::move(serial), attempt).run();
}

Result<Advanced> activate_staged(prepare::RecordedRegistry& registry, ledger::Ledger& ledger,
                                 const std::string& thing) {
    IMPRINT_TRY(auto record, newest(ledger, thing, CertificateState::staged));
    if (!record) {
        // Broken off between the ledger and the registry.
        IMPRINT_TRY(record, newest(ledger, thing, CertificateState::active));
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
    IMPRINT_TRY(auto record, newest(ledger, thing, CertificateState::active));
    if (!record) {
        IMPRINT_TRY(const auto staged, newest(ledger, thing, CertificateState::staged));
        if (staged)
            return fail(ErrorKind::usage, "not_activated",
                        fmt::format("what is staged for the thing \"{}\" is not active yet", thing),
                        fmt::format("imprint registry rotate --activate {}", thing));
        // Broken off while the former ones went.
        IMPRINT_TRY(record, newest(ledger, thing, CertificateState::proven));
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
