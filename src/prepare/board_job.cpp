#include "prepare/board_job.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>
#include <utility>

#include "base/files.h"
#include "base/text.h"
#include "base/threads.h"
#include "console/await_line.h"
#include "flash_files/checks.h"
#include "ledger/serial_template.h"
#include "prepare/lot_rules.h"
#include "prepare/outcomes.h"
#include "prepare/shared_values.h"

namespace imprint::prepare {

namespace {

using events::CertificateFate;
using events::Step;

// A state in which writing would brick the board or silently fail.
// The loader refuses such a board as well, with what a command has that writes to one on purpose.
Result<void> check_security(const loader::SecurityState& state) {
    const char* what = nullptr;
    const char* hint = "";
    if (state.flash_encryption) {
        what = "encrypts its flash; plain firmware and SPIFFS credentials would not be readable";
        hint = "use a board without flash encryption";
    } else if (state.secure_boot) {
        what = "has secure boot on; firmware that is not signed for it would never start";
        hint = "use a board without secure boot";
    }
    if (what == nullptr) return {};
    return fail(ErrorKind::board, "chip_secured", fmt::format("the board {}", what), hint);
}

class BoardJob {
  public:
    BoardJob(const Bay& bay, transport::Port& port, Tools& tools, const std::stop_token& stop)
        : bay_(bay),
          port_(port),
          tools_(tools),
          stop_(stop),
          log_(tools.log.with_prefix(bay.name)) {}

    [[nodiscard]] Result<PreparedBoard> run() {
        started_ = tools_.clock.now();
        tell(events::BoardStarted{.port = bay_.port});
        // An exception must not leave a certificate behind that nobody takes back.
        auto passed = run_guarded("preparing the board", [this] { return prepare(); });
        if (passed) return passed;
        // A board that was heard once is no empty bay.
        if (mac_ && passed.error().is("board_silent"))
            passed.error().code = ErrorCode("board_lost").text();
        give_up(passed.error());
        return passed;
    }

    [[nodiscard]] const std::optional<MacAddress>& mac() const { return mac_; }

  private:
    void tell(events::Body body) const {
        tools_.events({tools_.clock.wall(), bay_.name, mac_, std::move(body)});
    }

    void step(Step which) const { tell(events::BoardStep{.step = which}); }

    [[nodiscard]] loader::Progress progress(Step which, std::uint64_t before, std::uint64_t all) {
        return [this, which, before, all](std::uint64_t done, std::uint64_t) {
            tell(events::BoardProgress{.step = which, .done = before + done, .total = all});
        };
    }

    // While it writes, the loader hears a stop.
    [[nodiscard]] Result<void> not_stopped() const {
        if (!stop_.stop_requested()) return {};
        return fail(ErrorKind::interrupted, "interrupted", "stopped before the board was finished");
    }

    [[nodiscard]] Result<PreparedBoard> prepare() {
        // Also a board that is never identified, or refused, has its row.
        IMPRINT_TRY(attempt_, tools_.ledger.begin_attempt(tools_.run, bay_.name));
        in_ledger_ = true;
        IMPRINT_CHECK(identify());
        if (passed_before_) return skip(*passed_before_);
        if (tools_.identity.minted != nullptr) {
            IMPRINT_TRY(minted_, take_minted(tools_.identity, *mac_));
            thing_ = minted_->thing;
            IMPRINT_CHECK(tools_.ledger.identified(attempt_, *mac_,
                                                   std::string(board_->info().chip->key), thing_));
        }
        IMPRINT_TRY(values_, values_of_board());
        effects_.emplace(tools_.ledger, ledger::Doer{tools_.run, attempt_}, log_);
        work_.emplace(tools_.identity, AttemptOfRun{tools_.run, attempt_}, *mac_, thing_, lot_,
                      log_, std::move(minted_), serial_);
        IMPRINT_TRY(const Identity identity,
                    tools_.identity_only ? replace_identity() : write_firmware());
        IMPRINT_CHECK(write_credentials(identity));
        IMPRINT_CHECK(prove(identity));
        IMPRINT_TRY(const auto former, finish(identity));
        IMPRINT_CHECK(tools_.ledger.end_attempt(attempt_, ledger::Outcome::passed));
        const std::chrono::duration<double> took = tools_.clock.now() - started_;
        tell(events::BoardPassed{.thing = thing_,
                                 .certificate_id = identity.certificate_id,
                                 .seconds = took.count(),
                                 .retired = former.retired,
                                 .retirement_owed = former.owed,
                                 .queued = work_->queued(),
                                 .bytes_written = bytes_written_,
                                 .serial = told_serial()});
        return PreparedBoard{*mac_, thing_, identity.certificate_id, baud_, false, serial_};
    }

    // Reset into the loader, and everything that can be wrong with the board as such.
    [[nodiscard]] Result<void> identify() {
        step(Step::identify);
        loader::ConnectOptions connect = tools_.connect;
        if (bay_.baud != 0) connect.baud = bay_.baud;
        connect.climb_to = bay_.climb_to;
        IMPRINT_TRY(loader::Board board,
                    loader::Board::connect(port_, connect, tools_.clock, log_, stop_));
        board_.emplace(std::move(board));
        const loader::BoardInfo& info = board_->info();
        mac_ = info.mac;
        IMPRINT_TRY(lot_, lot_of_board());
        thing_ = fill_in(tools_.settings.identity.thing_name, *mac_, lot_);
        IMPRINT_CHECK(
            tools_.ledger.identified(attempt_, *mac_, std::string(info.chip->key), thing_));
        auto admitted = admit(info);
        tell(events::BoardIdentified{.chip = std::string(info.chip->name),
                                     .revision = revision_text(info.revision),
                                     .flash_size = info.flash_size,
                                     .port = bay_.port,
                                     .serial = told_serial()});
        return admitted;
    }

    // The board as such, and then its lot: only one that can be prepared takes a place and a
    // number.
    [[nodiscard]] Result<void> admit(const loader::BoardInfo& info) {
        IMPRINT_CHECK(tools_.ledger.claim(attempt_, tools_.identity.rivals.take_over));
        IMPRINT_CHECK(flash_files::check_board(tools_.firmware, info));
        IMPRINT_CHECK(check_security(info.security));
        if (info.flash_size == 0)
            log_.warning("flash id {:06x} tells no size; taking it to be large enough",
                         info.flash_id);
        IMPRINT_TRY(regions_, tools_.firmware.regions_for(info));
        for (const auto& region : regions_)
            IMPRINT_CHECK(board_->check_write(region));
        IMPRINT_CHECK(board_->check_range(tools_.firmware.credentials.offset,
                                          tools_.firmware.credentials.size));
        return tools_.identity_only ? keep_serial() : enter_lot(info);
    }

    [[nodiscard]] Result<void> enter_lot(const loader::BoardInfo& info) {
        IMPRINT_TRY(const LotRules rules, LotRules::read(tools_.ledger, lot_));
        // One that stays in the lot that it has is mended, whatever has become of its lot.
        if (tools_.lot.empty()) return stay_in_lot(rules);
        IMPRINT_CHECK(rules.check_open());
        IMPRINT_CHECK(rules.check_firmware(tools_.firmware.digest));
        IMPRINT_CHECK(rules.check_board(info));
        if (rules.is_golden(*mac_)) return tools_.ledger.mark_golden(attempt_);
        IMPRINT_TRY(passed_before_, passed_in_a_lot());
        if (passed_before_) return keep_serial();
        const auto& station = tools_.settings.station;
        IMPRINT_CHECK(
            rules.check_golden(tools_.ledger, station.name,
                               tools_.ledger.now() - std::chrono::hours(station.shift_hours)));
        if (!rules.lot() && label().empty()) return {};
        return take_serial();
    }

    [[nodiscard]] Result<void> stay_in_lot(const LotRules& rules) {
        if (rules.is_golden(*mac_)) return tools_.ledger.mark_golden(attempt_);
        IMPRINT_TRY(passed_before_, passed_in_a_lot());
        if (passed_before_) return keep_serial();
        return label().empty() ? keep_serial() : take_serial();
    }

    [[nodiscard]] const std::string& label() const { return tools_.scanned_serial; }

    // A board that is only rotated keeps what was on its label: its serial number.
    [[nodiscard]] Result<std::vector<Extra>> values_of_board() const {
        return tools_.credentials.values.of(
            {mac_->id(), thing_, lot_, serial_,
             label().empty() && tools_.identity_only ? serial_ : label()});
    }

    [[nodiscard]] Result<void> take_serial() {
        if (!label().empty()) IMPRINT_CHECK(check_label(label()));
        IMPRINT_TRY(serial_, tools_.ledger.enter_lot(attempt_, label()));
        return check_serial_value(tools_.settings.identity, serial_);
    }

    [[nodiscard]] Result<void> check_label(const std::string& scanned) const {
        IMPRINT_CHECK(ledger::check_serial(scanned));
        if (const std::string fault = record_name_fault(scanned); !fault.empty())
            return fail(ErrorKind::board, "serial_bad",
                        fmt::format("what was scanned is no serial number: {}", fault),
                        "scan the label again");
        return check_serial_value(tools_.settings.identity, scanned);
    }

    [[nodiscard]] Result<void> keep_serial() {
        IMPRINT_TRY(serial_, serial_in_lot(tools_.ledger, *mac_, lot_));
        return {};
    }

    [[nodiscard]] std::optional<std::string> told_serial() const {
        return serial_.empty() ? std::nullopt : std::optional(serial_);
    }

    // How the board passed in this lot; nothing: it has not, or it is to be done anew. Without a
    // lot nobody has said which boards belong together: each is prepared.
    [[nodiscard]] Result<std::optional<ledger::BoardRecord>> passed_in_a_lot() {
        const bool in_named_lot = !tools_.lot.empty();
        if (tools_.again.of(*mac_) || tools_.identity_only ||
            (!in_named_lot && !tools_.again.once_a_run))
            return std::optional<ledger::BoardRecord>{};
        IMPRINT_TRY(auto board, tools_.ledger.board(*mac_));
        if (!board || board->state != ledger::BoardState::passed)
            return std::optional<ledger::BoardRecord>{};
        // It works, but its process died before the pass was written down: nobody has counted it.
        if (board->attempt.outcome != ledger::Outcome::passed)
            return std::optional<ledger::BoardRecord>{};
        if (in_named_lot ? board->attempt.lot.empty() : board->attempt.run != tools_.run)
            return std::optional<ledger::BoardRecord>{};
        if (!in_named_lot || board->attempt.lot == lot_) {
            IMPRINT_TRY(const bool in_force, is_in_force(*board->certificate));
            return in_force ? board : std::nullopt;
        }
        return fail(
            ErrorKind::board, "other_lot",
            fmt::format("board {} has passed in lot {} at {}, and this is lot {}", mac_->id(),
                        board->attempt.lot,
                        to_iso8601(board->attempt.ended.value_or(board->attempt.started)), lot_),
            "put it aside; or --again prepares it anew, for this lot");
    }

    // Another station, or a person, may have taken it away; what is queued is not known there yet.
    [[nodiscard]] Result<bool> is_in_force(const ledger::CertificateRecord& certificate) {
        if (tools_.identity.registry == nullptr ||
            certificate.state == ledger::CertificateState::queued)
            return true;
        IMPRINT_TRY(const auto found, tools_.identity.registry->find_certificate(certificate.id));
        if (found && found->status == registry::CertificateStatus::active) return true;
        log_.warning("board {} passed in this lot, but its certificate is no more in force",
                     mac_->id());
        return false;
    }

    // The board goes on with what it has.
    [[nodiscard]] Result<PreparedBoard> skip(const ledger::BoardRecord& board) {
        IMPRINT_CHECK(board_->run());
        IMPRINT_CHECK(tools_.ledger.end_attempt(attempt_, ledger::Outcome::skipped));
        const auto& attempt = board.attempt;
        tell(events::BoardSkipped{.thing = board.certificate->thing,
                                  .certificate_id = board.certificate->id,
                                  .lot = attempt.lot,
                                  .passed = attempt.ended.value_or(attempt.started),
                                  .firmware = attempt.firmware,
                                  .other_firmware = attempt.firmware != tools_.firmware.digest});
        return PreparedBoard{*mac_,  board.certificate->thing, board.certificate->id, 0, true,
                             serial_};
    }

    // Where no lot is named, a board stays in the one that it has: neither a rotation nor a second
    // preparing takes it out of its order.
    [[nodiscard]] Result<std::string> lot_of_board() {
        if (!tools_.lot.empty()) return tools_.lot;
        IMPRINT_TRY(auto lot, tools_.identity_only ? known_lot(tools_.identity, *mac_)
                                                   : tools_.ledger.last_lot(*mac_));
        if (lot.empty() && !tools_.identity_only) return lot;
        IMPRINT_CHECK(tools_.ledger.set_lot(attempt_, lot));
        if (!tools_.identity_only)
            tell(
                events::Note{.text = fmt::format("board {} stays in lot {}; --lot gives it another",
                                                 mac_->id(), lot)});
        return lot;
    }

    // Only where the credentials have the place in flash that this firmware gives them, and where
    // there is an identity to replace.
    [[nodiscard]] Result<Identity> replace_identity() {
        step(Step::identity);
        const auto table = std::ranges::find(tools_.firmware.regions, tools_.firmware.table_offset,
                                             &loader::FlashData::offset);
        IMPRINT_TRY(const Md5 there, board_->flash_md5(table->offset(), table->size()));
        if (there != table->md5())
            return fail(ErrorKind::board, "other_partition_table",
                        "the board's partition table is not this firmware's",
                        "name the firmware that it runs, or prepare the board wholly");
        IMPRINT_TRY(const auto known, tools_.identity.registry->find_thing(thing_));
        if (!known)
            return fail(
                ErrorKind::board, "thing_unknown",
                fmt::format("the registry has no thing \"{}\": there is nothing to rotate", thing_),
                "prepare the board: imprint prepare");
        return work_->make();
    }

    // The firmware goes to the board while the cloud makes the identity.
    [[nodiscard]] Result<Identity> write_firmware() {
        step(Step::firmware);
        std::future<Result<Identity>> making = tools_.alongside([this] { return work_->make(); });
        auto written = run_guarded("writing the firmware", [this] { return write_regions(); });
        // From here on the bay waits for the cloud alone: whoever looks at it has to see that.
        if (making.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
            step(Step::identity);
        // Also after a failure: the job must not end while the other side still works on it.
        auto identity = making.get();
        if (!written) return std::unexpected(std::move(written).error());
        return identity;
    }

    [[nodiscard]] Result<void> write_regions() {
        std::uint64_t all = 0;
        std::vector<std::string> labels;
        for (const auto& region : regions_) {
            all += region.size();
            labels.push_back(region.label());
        }
        IMPRINT_TRY(const auto intended, effects_->intend("flash", labels));
        std::uint64_t before = 0;
        for (std::size_t i = 0; i < regions_.size(); ++i) {
            IMPRINT_CHECK(
                write_region(regions_[i], intended[i], progress(Step::firmware, before, all)));
            before += regions_[i].size();
        }
        return {};
    }

    [[nodiscard]] Result<void> write_region(const loader::FlashData& region,
                                            ledger::EffectId effect, const loader::Progress& told) {
        auto written = board_->write_difference(region, told);
        if (!written) return with_context(std::move(written).error(), "writing " + region.label());
        bytes_written_ += written->written;
        flashed_.emplace_back(effect, to_hex(region.md5()));
        return {};
    }

    [[nodiscard]] Result<void> write_credentials(const Identity& identity) {
        step(Step::credentials);
        const DeviceFacts facts{thing_, mac_->id(), tools_.cloud.endpoint, tools_.cloud.port,
                                lot_,   serial_};
        IMPRINT_TRY(const loader::FlashData image,
                    build_credential_image(tools_.credentials, identity.certificate_pem,
                                           identity.private_key_pem, facts, values_));
        // Somebody may have moved the cable while the firmware was written.
        IMPRINT_TRY(const MacAddress now, board_->read_mac());
        if (now != *mac_)
            return fail(
                ErrorKind::board, "board_swapped",
                fmt::format("board {} was exchanged for {} while it was being prepared", mac_->id(),
                            now.id()),
                "leave a board in its bay until it has passed or failed; prepare both again");
        IMPRINT_CHECK(work_->overwriting());
        IMPRINT_TRY(const auto intended, effects_->intend("flash", {image.label()}));
        IMPRINT_CHECK(
            write_region(image, intended.front(), progress(Step::credentials, 0, image.size())));
        return prove_flash();
    }

    // After the last write: one region may undo another, where a flash is smaller than it tells.
    [[nodiscard]] Result<void> prove_flash() {
        auto rewritten = board_->prove();
        if (!rewritten)
            return with_context(std::move(rewritten).error(), "proving what was written");
        bytes_written_ += *rewritten;
        // What was blank may show now that the flash has less than it tells.
        IMPRINT_CHECK(check_board(tools_.firmware, board_->info()));
        for (const auto& [effect, digest] : flashed_)
            IMPRINT_CHECK(effects_->done(effect, digest));
        return {};
    }

    // From here the certificate is ACTIVE: the board's flash is verified, its boot is to follow.
    [[nodiscard]] Result<void> prove(const Identity& identity) {
        IMPRINT_CHECK(not_stopped());
        step(work_->queued() ? Step::queue : Step::activate);
        IMPRINT_CHECK(work_->activate(identity));
        if (tools_.proof && !work_->queued()) {
            step(Step::proof);
            auto proven = tools_.proof(identity, *mac_, lot_, stop_);
            if (!proven) return with_context(std::move(proven).error(), "proving the identity");
        }
        const VerifySettings& verify = tools_.settings.verify;
        step(Step::verify);
        baud_ = board_->baud();
        IMPRINT_CHECK(board_->run());
        // One that the registry has not heard of yet cannot connect.
        if (!verify.console.empty() && !work_->queued()) {
            const std::string expected = fill_in(verify.console, *mac_, lot_);
            auto seen = console::await_line(
                port_, expected, std::chrono::duration_cast<Milliseconds>(verify.timeout),
                tools_.clock,
                [this](std::string_view line) {
                    tell(events::BoardConsole{.line = std::string(line)});
                },
                stop_);
            if (!seen) return std::unexpected(std::move(seen).error());
            return {};
        }
        IMPRINT_TRY(const loader::StartSeen seen, board_->look_started());
        if (seen == loader::StartSeen::in_loader) return std::unexpected(console::in_loader());
        return {};
    }

    [[nodiscard]] Result<IdentityWork::Former> finish(const Identity& identity) {
        IMPRINT_CHECK(archive(identity));
        IMPRINT_CHECK(work_->proven());
        proven_ = true;
        step(Step::retire);
        IMPRINT_TRY(const auto former, work_->retire_former());
        if (auto confirmed = work_->confirm(); !confirmed) {
            proven_ = false;
            return std::unexpected(std::move(confirmed).error());
        }
        return former;
    }

    // <archive>/<mac>.certificate.pem.crt, .private.pem.key, .public.pem.key: the layout that the
    // scripts before Imprint kept.
    [[nodiscard]] Result<void> archive(const Identity& identity) {
        const auto& folder = tools_.settings.credentials.archive;
        if (folder.empty()) return {};
        IMPRINT_CHECK(make_own_directory(folder));
        const auto file = [&](const char* ending) { return folder / (mac_->id() + ending); };
        return effects_->record("archive", mac_->id(), [&]() -> Result<void> {
            IMPRINT_CHECK(write_file(file(".private.pem.key"), identity.private_key_pem.reveal(),
                                     FileMode::secret));
            IMPRINT_CHECK(write_file(file(".certificate.pem.crt"), identity.certificate_pem,
                                     FileMode::secret));
            return write_file(file(".public.pem.key"), identity.public_pem, FileMode::secret);
        });
    }

    void give_up(const Error& error) {
        CertificateFate certificate = CertificateFate::none;
        // A proven board keeps its certificate, even if a former one could not be retired.
        if (proven_)
            certificate = CertificateFate::active;
        else if (work_)
            certificate = work_->discard();
        const ledger::Outcome outcome = outcome_of(error);
        if (in_ledger_)
            static_cast<void>(tools_.ledger.end_attempt(attempt_, outcome, error.code,
                                                        error.describe(), fault_of(error)));
        if (outcome == ledger::Outcome::failed && carries_nothing(certificate) &&
            fault_of(error) == ledger::Fault::board)
            free_serial();
        if (outcome == ledger::Outcome::stopped)
            return tell(events::BoardStopped{.certificate_state = certificate});
        if (outcome == ledger::Outcome::empty)
            return tell(events::BayEmpty{.reason = error.reason(), .hint = error.shown_hint()});
        tell(events::BoardFailed::of(error, certificate));
    }

    // Nobody will ever hear from this board under its serial number.
    [[nodiscard]] static bool carries_nothing(CertificateFate certificate) {
        return certificate == CertificateFate::none || certificate == CertificateFate::removed ||
               certificate == CertificateFate::inactive;
    }

    void free_serial() {
        if (serial_.empty()) return;
        if (auto freed = tools_.ledger.free_serial(attempt_); !freed)
            log_.warning("serial number {} stays with board {}: {}", serial_, mac_->id(),
                         freed.error().describe());
    }

    const Bay& bay_;
    transport::Port& port_;
    Tools& tools_;
    std::stop_token stop_;
    Log log_;
    Instant started_;
    std::optional<loader::Board> board_;
    std::optional<MacAddress> mac_;
    std::string thing_;
    std::string lot_;
    std::string serial_;
    std::vector<Extra> values_;                         // beside its credentials
    std::optional<ledger::BoardRecord> passed_before_;  // in this lot
    ledger::AttemptId attempt_ = 0;
    std::optional<minted::MintedIdentity> minted_;  // until the work has it
    std::optional<ledger::EffectLog> effects_;
    std::optional<IdentityWork> work_;
    std::vector<loader::FlashData> regions_;  // of the firmware, as this board gets them
    std::uint64_t bytes_written_ = 0;
    std::vector<std::pair<ledger::EffectId, std::string>> flashed_;  // to be done once proven
    std::uint32_t baud_ = 0;
    bool in_ledger_ = false;
    bool proven_ = false;
};

}  // namespace

Result<PreparedBoard> prepare_board(const Bay& bay, transport::Port& port, Tools& tools,
                                    const std::stop_token& stop, std::optional<MacAddress>* seen) {
    BoardJob job(bay, port, tools, stop);
    auto prepared = job.run();
    if (seen != nullptr) *seen = job.mac();
    return prepared;
}

}  // namespace imprint::prepare
