// The order of effects of one board, and each guard in it: what is never done, and what is done
// when something fails.
#include "prepare/board_job.h"

#include <gmock/gmock.h>

#include "base/digest.h"
#include "prepare/bench_world.h"

namespace imprint::prepare {
namespace {

using events::CertificateFate;
using ledger::CertificateState;
using registry::CertificateStatus;
using registry::testing::Strike;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class BoardJobTest : public testing::BenchWorld {
  protected:
    // The code of its error; empty: it passed.
    std::string failure(const std::stop_token& stop = {}) {
        const auto passed = prepare(stop);
        return passed ? "" : passed.error().code;
    }

    // This call, and no other, is met so.
    void strike(const std::string& name, Strike what) {
        registry_.strike = [name, what](const std::string& call) {
            return call == name ? what : Strike::none;
        };
    }

    // The ledger refuses this write, once it is due.
    void refuse(const std::string& name, const bool& due) {
        ledger_.refuse = [name, &due](const char* write) -> Result<void> {
            if (!due || write != name) return {};
            return fail(ErrorKind::ledger, "ledger_unwritable", "full");
        };
    }

    Bytes flash() const {
        const auto flash = board_->flash();
        return {flash.begin(), flash.end()};
    }
};

TEST_F(BoardJobTest, a_board_passes_with_its_certificate_active_on_its_thing_and_in_its_flash) {
    const auto passed = prepare();
    ASSERT_TRUE(passed) << passed.error().describe();
    EXPECT_THAT(registry_.active(), ElementsAre(passed->certificate_id));
    EXPECT_TRUE(is_in_flash(passed->certificate_id));
    EXPECT_THAT(registry_.certificates.at(passed->certificate_id).things, ElementsAre(thing()));
    EXPECT_EQ(records().front().state, CertificateState::proven);
    EXPECT_EQ(last_attempt().outcome, ledger::Outcome::passed);
    const auto effects = ledger_.effects(last_attempt().id).value();
    EXPECT_TRUE(std::ranges::all_of(effects, [](const auto& one) { return one.done.has_value(); }));
    const auto credentials = std::ranges::find_if(effects, [](const auto& one) {
        return one.kind == "flash" && one.subject == "credentials";
    });
    ASSERT_NE(credentials, effects.end());
    EXPECT_EQ(credentials->result, to_hex(md5(credentials_in_flash())));
}

TEST_F(BoardJobTest, one_that_is_prepared_again_has_its_new_certificate_alone) {
    const std::string first = prepare()->certificate_id;
    const std::string second = prepare()->certificate_id;
    EXPECT_NE(first, second);
    EXPECT_THAT(registry_.statuses(), ElementsAre(std::pair(second, std::string("ACTIVE"))));
    EXPECT_EQ(records().front().state, CertificateState::gone);
}

// --- before anything is written

// A cloud that stands still shows as such, and not as firmware that is written for ever.
TEST_F(BoardJobTest, it_is_told_that_the_identity_is_waited_for_once_the_firmware_is_written) {
    const auto steps = [this] {
        std::vector<events::Step> begun;
        for (const auto& event : told_)
            if (const auto* step = events::as<events::BoardStep>(event))
                begun.push_back(step->step);
        return begun;
    };
    using events::Step;
    ASSERT_TRUE(prepare());
    EXPECT_THAT(steps(),
                ElementsAre(Step::identify, Step::firmware, Step::identity, Step::credentials,
                            Step::activate, Step::verify, Step::retire));
    is_made_at_once_ = true;
    ASSERT_TRUE(prepare());
    EXPECT_THAT(steps(), ElementsAre(Step::identify, Step::firmware, Step::credentials,
                                     Step::activate, Step::verify, Step::retire));
}

TEST_F(BoardJobTest, one_mac_in_two_bays_is_prepared_in_one) {
    const auto run = ledger_.begin_run({}).value();
    const auto other = ledger_.begin_attempt(run, "bay1").value();
    ASSERT_TRUE(ledger_.identified(other, mac_, "esp32", thing()));
    ASSERT_TRUE(ledger_.claim(other));
    processes_.also_alive = processes_.current;
    const Bytes before = flash();
    EXPECT_EQ(failure(), "board_twice");
    EXPECT_EQ(flash(), before);
    EXPECT_THAT(registry_.certificates, IsEmpty());
    EXPECT_EQ(last_attempt().error_code, "board_twice");
}

TEST_F(BoardJobTest, a_board_that_falls_silent_is_no_empty_bay) {
    after_identity_ = [this] { socket_.silent = true; };
    EXPECT_EQ(failure(), "board_lost");
    EXPECT_NE(events::as<events::BoardFailed>(told_.back()), nullptr);
    EXPECT_EQ(last_attempt().outcome, ledger::Outcome::failed);
}

TEST_F(BoardJobTest, a_secured_board_is_never_written_to) {
    for (const auto& fuses :
         {simulator::Fuses{.secure_boot = true},
          simulator::Fuses{.flash_encryption = simulator::FlashEncryption::development},
          simulator::Fuses{.flash_encryption = simulator::FlashEncryption::release}}) {
        simulated_.fuses = fuses;
        plug();
        const Bytes before = flash();
        const auto passed = prepare();
        ASSERT_FALSE(passed);
        EXPECT_EQ(passed.error().code, "chip_secured");
        EXPECT_THAT(passed.error().hint, ::testing::HasSubstr("use a board without"))
            << "and not a flag of another command";
        EXPECT_EQ(flash(), before);
        EXPECT_THAT(registry_.certificates, IsEmpty());
    }
}

TEST_F(BoardJobTest, a_firmware_for_another_chip_is_not_written) {
    simulated_.chip = "esp32c3";
    plug();
    const Bytes before = flash();
    EXPECT_EQ(failure(), "wrong_chip");
    EXPECT_EQ(flash(), before);
    EXPECT_THAT(registry_.certificates, IsEmpty());
}

TEST_F(BoardJobTest, another_stations_board_of_a_moment_ago_is_left_to_it) {
    const std::string theirs = registry_.put(CertificateStatus::active, {thing()});
    EXPECT_EQ(failure(), "board_at_another_station");
    EXPECT_THAT(registry_.active(), ElementsAre(theirs));
    rivals_.take_over = true;
    const std::string ours = prepare()->certificate_id;
    EXPECT_THAT(registry_.active(), ElementsAre(ours));
}

// --- between the first sector and the activation

TEST_F(BoardJobTest, a_board_whose_firmware_was_not_written_gets_no_credentials) {
    const Bytes before = credentials_in_flash();
    // The first of them is the firmware's.
    int intended = 0;
    ledger_.refuse = [&](const char* write) -> Result<void> {
        if (std::string_view(write) != "intend" || ++intended != 1) return {};
        return fail(ErrorKind::ledger, "ledger_unwritable", "full");
    };
    EXPECT_EQ(failure(), "ledger_unwritable");
    EXPECT_EQ(credentials_in_flash(), before);
    EXPECT_THAT(registry_.certificates, IsEmpty()) << "what was made meanwhile is taken back";
}

TEST_F(BoardJobTest, a_flash_that_shows_only_now_that_it_is_too_small_gets_no_active_certificate) {
    // Blank, it contradicts nothing that its id tells; the credentials end where the flash does.
    simulated_.flash_size = 2U << 20;
    simulated_.flash_told = 4U << 20;
    plug();
    bool activated = false;
    registry_.after = [&](const std::string& call) { activated |= call == "activate"; };
    EXPECT_EQ(failure(), "flash_too_small");
    EXPECT_FALSE(activated);
    EXPECT_THAT(registry_.certificates, IsEmpty());
}

TEST_F(BoardJobTest, credentials_do_not_go_into_another_board) {
    // The other one waits in its loader, as one does that was being prepared there.
    simulator::BoardOptions other = simulated_;
    other.mac = *parse_mac("240ac4010204");
    const auto stranger = simulator::VirtualBoard::create(other).value();
    std::optional<loader::Board> connected;
    after_identity_ = [&] {
        connected.emplace(
            loader::Board::connect(*stranger, connect_options(), *stranger, {}).value());
        socket_.put(*stranger);
    };
    EXPECT_EQ(failure(), "board_swapped");
    EXPECT_TRUE(std::ranges::all_of(stranger->flash(), [](auto byte) { return byte == 0xff; }));
    EXPECT_THAT(registry_.active(), IsEmpty());
}

TEST_F(BoardJobTest, a_certificate_of_another_key_goes_into_no_board) {
    registry_.issues_for_another_key = true;
    EXPECT_EQ(failure(), "certificate_of_another_key");
    EXPECT_THAT(registry_.certificates, IsEmpty()) << "and is taken back";
    EXPECT_EQ(told_fate(), CertificateFate::removed);
}

TEST_F(BoardJobTest, what_cannot_be_written_down_is_not_begun) {
    for (const std::string at : {"claim", "certificate_requested", "overwriting", "intend"}) {
        plug();
        ledger_.refuse = [at](const char* write) -> Result<void> {
            if (write != at) return {};
            return fail(ErrorKind::ledger, "ledger_unwritable", "full");
        };
        EXPECT_EQ(failure(), "ledger_unwritable") << at;
        EXPECT_THAT(registry_.active(), IsEmpty()) << at;
    }
}

TEST_F(BoardJobTest, credentials_are_not_flashed_before_that_is_written_down) {
    const Bytes before = credentials_in_flash();
    bool overwriting = false;
    ledger_.refuse = [&](const char* write) -> Result<void> {
        const std::string_view what = write;
        if (overwriting && what == "intend")
            return fail(ErrorKind::ledger, "ledger_unwritable", "full");
        overwriting |= what == "overwriting";
        return {};
    };
    EXPECT_EQ(failure(), "ledger_unwritable");
    EXPECT_EQ(credentials_in_flash(), before);
}

TEST_F(BoardJobTest, the_former_one_is_owed_from_before_its_place_is_overwritten) {
    const std::string former = prepare()->certificate_id;
    bool owed = false;
    registry_.strike = [&](const std::string& call) {
        if (call == "activate")
            for (const auto& one : records())
                owed |= one.id == former && one.state == CertificateState::overwritten &&
                        one.deactivation_owed;
        return Strike::none;
    };
    ASSERT_TRUE(prepare());
    EXPECT_TRUE(owed);
}

TEST_F(BoardJobTest, the_ledger_knows_of_the_activation_before_the_registry) {
    std::vector<CertificateState> states;
    registry_.strike = [&](const std::string& call) {
        if (call == "activate") states.push_back(records().back().state);
        return Strike::none;
    };
    ASSERT_TRUE(prepare());
    EXPECT_THAT(states, ElementsAre(CertificateState::active));
}

TEST_F(BoardJobTest, a_certificate_is_not_active_before_its_board_holds_it) {
    registry_.after = [&](const std::string& call) {
        for (const auto& id : registry_.active())
            EXPECT_TRUE(is_in_flash(id)) << "after " << call;
    };
    ASSERT_TRUE(prepare());
}

TEST_F(BoardJobTest, a_stop_before_the_credentials_leaves_nothing) {
    std::stop_source stop;
    after_identity_ = [&] { stop.request_stop(); };
    EXPECT_EQ(failure(stop.get_token()), "interrupted");
    EXPECT_THAT(registry_.certificates, IsEmpty());
    EXPECT_EQ(last_attempt().error_code, "interrupted");
}

TEST_F(BoardJobTest, a_stop_before_the_credentials_leaves_the_board_with_what_it_had) {
    const std::string former = prepare()->certificate_id;
    std::stop_source stop;
    after_identity_ = [&] { stop.request_stop(); };
    EXPECT_EQ(failure(stop.get_token()), "interrupted");
    EXPECT_TRUE(is_in_flash(former));
    EXPECT_THAT(registry_.statuses(), ElementsAre(std::pair(former, std::string("ACTIVE"))));
    EXPECT_EQ(records().front().state, CertificateState::proven);
}

TEST_F(BoardJobTest, a_stop_after_the_credentials_activates_nothing) {
    std::stop_source stop;
    bool overwriting = false;
    ledger_.refuse = [&](const char* write) -> Result<void> {
        overwriting |= std::string_view(write) == "overwriting";
        // The flash is proven.
        if (overwriting && std::string_view(write) == "done") stop.request_stop();
        return {};
    };
    bool activated = false;
    registry_.after = [&](const std::string& call) { activated |= call == "activate"; };
    EXPECT_EQ(failure(stop.get_token()), "interrupted");
    EXPECT_FALSE(activated);
    EXPECT_THAT(registry_.certificates, IsEmpty());
}

// --- when it fails after that

TEST_F(BoardJobTest, a_board_that_is_not_seen_to_work_has_an_inactive_certificate) {
    settings_.verify.console = "never printed";
    settings_.verify.timeout = std::chrono::seconds(1);
    EXPECT_EQ(failure(), "console_unexpected");
    EXPECT_THAT(registry_.active(), IsEmpty());
    EXPECT_EQ(told_fate(), CertificateFate::inactive);
    EXPECT_EQ(last_attempt().outcome, ledger::Outcome::failed);
    EXPECT_EQ(last_attempt().error_code, "console_unexpected");
    EXPECT_THAT(ledger_.owed_deactivations().value(), IsEmpty());
}

TEST_F(BoardJobTest, and_so_has_the_one_before_which_its_flash_has_no_more) {
    ASSERT_TRUE(prepare());
    settings_.verify.console = "never printed";
    settings_.verify.timeout = std::chrono::seconds(1);
    EXPECT_EQ(failure(), "console_unexpected");
    EXPECT_THAT(registry_.active(), IsEmpty());
    EXPECT_THAT(registry_.certificates, SizeIs(2)) << "both stay for a look";
}

TEST_F(BoardJobTest, a_board_that_cannot_be_reset_into_its_program_fails) {
    registry_.after = [&](const std::string& call) {
        socket_.refuse_lines |= call == "await_in_force";
    };
    ASSERT_EQ(failure(), "port_io");
    EXPECT_THAT(registry_.active(), IsEmpty());
    EXPECT_EQ(told_fate(), CertificateFate::inactive);
}

TEST_F(BoardJobTest, one_that_never_was_active_and_cannot_be_deleted_yet_goes_with_the_next_run) {
    strike("attach", Strike::refused);
    registry_.deletes_later = true;
    EXPECT_EQ(failure(), "InternalFailureException");
    EXPECT_EQ(told_fate(), CertificateFate::inactive) << "it is still there";
    ASSERT_THAT(registry_.certificates, SizeIs(1));
    EXPECT_EQ(records().back().state, CertificateState::inactive);
    registry_.strike = {};
    registry_.deletes_later = false;
    const std::string next = prepare()->certificate_id;
    EXPECT_THAT(registry_.statuses(), ElementsAre(std::pair(next, std::string("ACTIVE"))));
}

TEST_F(BoardJobTest, a_deactivation_that_cannot_be_done_is_owed_and_done_by_the_next_run) {
    settings_.verify.console = "never printed";
    settings_.verify.timeout = std::chrono::seconds(1);
    strike("make_inactive", Strike::refused);
    EXPECT_EQ(failure(), "console_unexpected");
    EXPECT_EQ(told_fate(), CertificateFate::unknown);
    EXPECT_THAT(registry_.active(), SizeIs(1));
    ASSERT_THAT(ledger_.owed_deactivations().value(), SizeIs(1));
    registry_.strike = {};
    settings_.verify.console = "";
    const std::string next = prepare()->certificate_id;
    EXPECT_THAT(registry_.active(), ElementsAre(next));
}

TEST_F(BoardJobTest, a_full_disk_does_not_keep_a_certificate_active) {
    settings_.verify.console = "never printed";
    settings_.verify.timeout = std::chrono::seconds(1);
    registry_.after = [&](const std::string& call) { full_ |= call == "activate"; };
    EXPECT_NE(failure(), "");
    EXPECT_THAT(registry_.active(), IsEmpty());
}

TEST_F(BoardJobTest, a_proven_board_keeps_its_certificate_though_the_former_one_stays) {
    const std::string former = prepare()->certificate_id;
    strike("retire", Strike::refused);
    EXPECT_EQ(failure(), "InternalFailureException");
    EXPECT_EQ(told_fate(), CertificateFate::active);
    EXPECT_THAT(registry_.active(), SizeIs(2));
    EXPECT_EQ(records().back().state, CertificateState::proven);
    registry_.strike = {};
    const std::string next = prepare()->certificate_id;
    EXPECT_THAT(registry_.statuses(), ElementsAre(std::pair(next, std::string("ACTIVE"))));
    EXPECT_NE(next, former);
}

TEST_F(BoardJobTest, a_former_one_that_cannot_be_deleted_yet_is_owed_and_goes_with_the_next_run) {
    const std::string former = prepare()->certificate_id;
    registry_.deletes_later = true;
    const auto passed = prepare();
    ASSERT_TRUE(passed) << passed.error().describe();
    EXPECT_THAT(registry_.active(), ElementsAre(passed->certificate_id));
    const auto owed = ledger_.owed_retirements().value();
    ASSERT_THAT(owed, SizeIs(1));
    EXPECT_EQ(owed.front().id, former);
    registry_.deletes_later = false;
    EXPECT_EQ(settle(), 1U);
    EXPECT_FALSE(registry_.certificates.contains(former));
    EXPECT_THAT(ledger_.owed_retirements().value(), IsEmpty());
}

TEST_F(BoardJobTest, one_whose_certificate_somebody_has_taken_away_does_not_pass) {
    registry_.strike = [&](const std::string& call) {
        static int asked = 0;
        if (call == "await_in_force" && ++asked == 2)
            for (auto& [id, held] : registry_.certificates)
                held.certificate.status = CertificateStatus::inactive;
        return Strike::none;
    };
    EXPECT_EQ(failure(), "identity_lost");
}

TEST_F(BoardJobTest, one_that_somebody_took_from_its_thing_at_the_last_moment_is_made_inactive) {
    int asked = 0;
    registry_.strike = [&](const std::string& call) {
        if (call == "await_in_force" && ++asked == 2)
            for (auto& [id, held] : registry_.certificates)
                held.things.clear();
        return Strike::none;
    };
    EXPECT_EQ(failure(), "identity_lost");
    EXPECT_THAT(registry_.active(), IsEmpty()) << "no thing would lead to it any more";
    EXPECT_EQ(told_fate(), CertificateFate::inactive);
    EXPECT_EQ(records().back().state, CertificateState::inactive);
}

TEST_F(BoardJobTest, a_board_whose_passing_cannot_be_written_down_does_not_pass) {
    const bool always = true;
    refuse("end_attempt", always);
    ASSERT_EQ(failure(), "ledger_unwritable");
    EXPECT_EQ(told_fate(), CertificateFate::active) << "it is proven, and keeps its certificate";
    EXPECT_THAT(registry_.active(), SizeIs(1));
}

TEST_F(BoardJobTest, no_former_one_is_retired_before_the_new_one_is_recorded_as_proven) {
    const std::string former = prepare()->certificate_id;
    bool in_force = false;
    registry_.after = [&](const std::string& call) { in_force |= call == "await_in_force"; };
    refuse("certificate_state", in_force);
    ASSERT_EQ(failure(), "ledger_unwritable");
    EXPECT_TRUE(registry_.certificates.contains(former)) << "it stays for a look";
    EXPECT_THAT(registry_.active(), IsEmpty());
    EXPECT_EQ(told_fate(), CertificateFate::inactive);
}

TEST_F(BoardJobTest, a_board_whose_identity_cannot_be_archived_does_not_pass) {
    const auto folder = TemporaryDirectory::create().value();
    ASSERT_TRUE(write_file(folder.path() / "file", std::string_view("no folder")));
    settings_.credentials.archive = folder.path() / "file" / "archive";
    EXPECT_NE(failure(), "") << "where the folder cannot be made";
    EXPECT_THAT(registry_.active(), IsEmpty());
    settings_.credentials.archive = folder.path() / "archive";
    std::filesystem::create_directories(folder.path() / "archive" /
                                        (mac_.id() + ".certificate.pem.crt"));
    ASSERT_NE(failure(), "") << "where a file cannot be written";
    EXPECT_THAT(registry_.active(), IsEmpty());
    EXPECT_EQ(told_fate(), CertificateFate::inactive);
}

TEST_F(BoardJobTest, a_new_identity_that_does_not_connect_does_not_ship) {
    proof_ = [](const auto&, const auto&, const auto&, const auto&) -> Result<void> {
        return fail(ErrorKind::registry, "proof_connect_refused", "refused");
    };
    EXPECT_EQ(failure(), "proof_connect_refused");
    EXPECT_THAT(registry_.active(), IsEmpty());
}

TEST_F(BoardJobTest, an_exception_takes_back_what_was_begun) {
    proof_ = [](const auto&, const auto&, const auto&, const auto&) -> Result<void> {
        throw std::logic_error("a bug");
    };
    const auto passed = prepare();
    ASSERT_FALSE(passed);
    EXPECT_EQ(passed.error().kind, ErrorKind::bug);
    EXPECT_THAT(registry_.active(), IsEmpty());
}

// --- what others have, or a dead run has left

TEST_F(BoardJobTest, a_certificate_that_other_things_use_is_taken_from_this_thing_alone) {
    const std::string shared = registry_.put(CertificateStatus::active, {thing(), "another"});
    const std::string ours = prepare()->certificate_id;
    EXPECT_THAT(registry_.active(), ::testing::UnorderedElementsAre(shared, ours));
    EXPECT_THAT(registry_.certificates.at(shared).things, ElementsAre("another"));
}

TEST_F(BoardJobTest, and_nothing_is_owed_for_it_when_the_board_fails) {
    const std::string shared = registry_.put(CertificateStatus::active, {thing(), "another"});
    settings_.verify.console = "never printed";
    settings_.verify.timeout = std::chrono::seconds(1);
    EXPECT_EQ(failure(), "console_unexpected");
    EXPECT_THAT(registry_.active(), ElementsAre(shared));
    EXPECT_THAT(registry_.certificates.at(shared).things, ElementsAre(thing(), "another"));
    EXPECT_THAT(records(), SizeIs(1)) << "it is not this board's";
}

TEST_F(BoardJobTest, one_that_may_be_in_the_board_in_hand_stays_until_another_is_proven) {
    // The power goes between activation and proof.
    registry_.after = [&](const std::string& call) { dead_ |= call == "activate"; };
    registry_.strike = [&](const std::string&) { return dead_ ? Strike::refused : Strike::none; };
    EXPECT_FALSE(prepare());
    const auto left = registry_.active();
    ASSERT_THAT(left, SizeIs(1));
    registry_.after = [&](const std::string& call) {
        if (call != "activate" && !registry_.certificates.contains(*left.begin())) {
            EXPECT_TRUE(records().back().state == CertificateState::proven) << call;
        }
    };
    const std::string next = prepare()->certificate_id;
    EXPECT_THAT(registry_.statuses(), ElementsAre(std::pair(next, std::string("ACTIVE"))));
}

TEST_F(BoardJobTest, and_so_does_one_that_is_not_seen_to_be_active_yet) {
    // The power goes when the activation is in the ledger and on its way.
    registry_.strike = [&](const std::string& call) {
        dead_ |= call == "activate";
        return dead_ ? Strike::refused : Strike::none;
    };
    EXPECT_FALSE(prepare());
    ASSERT_THAT(registry_.certificates, SizeIs(1));
    const std::string left = registry_.certificates.begin()->first;
    EXPECT_TRUE(is_in_flash(left));
    strike("issue", Strike::refused);
    EXPECT_EQ(failure(), "InternalFailureException");
    EXPECT_TRUE(registry_.certificates.contains(left)) << "its board may work with it";
    registry_.strike = {};
    clock_.sleep(std::chrono::minutes(2));
    const std::string next = prepare()->certificate_id;
    EXPECT_THAT(registry_.statuses(), ElementsAre(std::pair(next, std::string("ACTIVE"))));
}

TEST_F(BoardJobTest, one_that_a_dead_attempt_activated_is_owed_to_be_inactive_once_overwritten) {
    registry_.after = [&](const std::string& call) { dead_ |= call == "activate"; };
    registry_.strike = [&](const std::string&) { return dead_ ? Strike::refused : Strike::none; };
    EXPECT_FALSE(prepare());
    ASSERT_THAT(registry_.active(), SizeIs(1));
    const std::string left = *registry_.active().begin();
    registry_.after = {};
    strike("deactivate", Strike::refused);
    settings_.verify.console = "never printed";
    settings_.verify.timeout = std::chrono::seconds(1);
    EXPECT_EQ(failure(), "console_unexpected");
    EXPECT_FALSE(is_in_flash(left));
    const auto owed = ledger_.owed_deactivations().value();
    ASSERT_THAT(owed, SizeIs(1));
    EXPECT_EQ(owed.front().id, left);
    registry_.strike = {};
    EXPECT_EQ(settle(), 1U);
    EXPECT_THAT(registry_.active(), IsEmpty());
}

TEST_F(BoardJobTest, a_rotation_writes_the_credentials_alone) {
    identity_only_ = true;
    EXPECT_EQ(failure(), "other_partition_table") << "a blank board";
    identity_only_ = false;
    const std::string former = prepare()->certificate_id;
    identity_only_ = true;
    const std::string next = prepare()->certificate_id;
    EXPECT_NE(next, former);
    EXPECT_THAT(registry_.statuses(), ElementsAre(std::pair(next, std::string("ACTIVE"))));
    registry_.things.clear();
    EXPECT_EQ(failure(), "thing_unknown");
}

}  // namespace
}  // namespace imprint::prepare
