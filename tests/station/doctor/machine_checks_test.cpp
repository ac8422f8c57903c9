// What the doctor says of the computer: of clock, disks, printer, USB and core files.
#include "station/doctor/machine_checks.h"

#include <unistd.h>

#include "station/doctor/played_machine.h"

namespace imprint::station::doctor {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class DoctorMachine : public PlayedMachine {
  protected:
    [[nodiscard]] std::vector<std::string> clock_told(std::optional<WallTime> newest = {}) {
        check_clock(machine_, now_, newest, checks_);
        return told();
    }

    [[nodiscard]] std::vector<std::string> printer_told(const char* printer = "cups:labels") {
        label::Settings settings;
        settings.printer = printer;
        check_printer(machine_, settings, checks_);
        return told();
    }

    WallTime now_ = parse_iso8601("2026-11-30T12:00:00Z").value();
};

TEST_F(DoctorMachine, a_synchronised_clock_is_said_to_be_one) {
    machine_.synchronised = true;
    EXPECT_THAT(clock_told(), ElementsAre("ok clock: 2026-11-30T12:00:00.000Z, synchronised"));
}

TEST_F(DoctorMachine, a_clock_that_nobody_sets_is_told) {
    machine_.synchronised = false;
    EXPECT_THAT(clock_told(), ElementsAre(AllOf(StartsWith("warn"), HasSubstr("not synchron"))));
}

TEST_F(DoctorMachine, a_container_has_no_clock_of_its_own_to_set) {
    machine_.synchronised = false;
    put(".dockerenv", "");
    EXPECT_THAT(clock_told(), ElementsAre(StartsWith("ok")));
}

TEST_F(DoctorMachine, a_clock_of_which_the_kernel_does_not_speak_is_no_trouble) {
    EXPECT_THAT(clock_told(), ElementsAre(StartsWith("ok")));
}

TEST_F(DoctorMachine, a_clock_before_the_programs_own_file_is_wrong) {
    machine_.synchronised = true;
    machine_.program_written = now_ + std::chrono::hours(23);
    EXPECT_THAT(clock_told(), ElementsAre(StartsWith("ok")));
    machine_.program_written = now_ + std::chrono::hours(25);
    EXPECT_THAT(clock_told(), ElementsAre(StartsWith("warn")));
}

TEST_F(DoctorMachine, a_clock_before_the_ledgers_newest_run_is_wrong) {
    EXPECT_THAT(clock_told(now_ + std::chrono::minutes(9)), ElementsAre(StartsWith("ok")));
    EXPECT_THAT(clock_told(now_ + std::chrono::minutes(11)),
                ElementsAre(AllOf(StartsWith("warn"), HasSubstr("newest run"))));
}

TEST_F(DoctorMachine, the_disks_of_ledger_and_archive_are_looked_at_where_folders_are_made_later) {
    prepare::Settings settings;
    settings.ledger.path = folder_.path() / "ledger.sqlite";
    settings.credentials.archive = folder_.path() / "made" / "later";
    check_disks(machine_, settings, checks_);
    EXPECT_THAT(told(), ElementsAre("ok disk: 10000 MB are left for the ledger",
                                    "ok disk: 10000 MB are left for the archive"));
    EXPECT_THAT(asked_disks_, ElementsAre(folder_.path(), folder_.path()));
}

TEST_F(DoctorMachine, a_ledger_without_a_folder_is_in_the_one_that_one_stands_in) {
    check_disks(machine_, prepare::Settings(), checks_);
    EXPECT_EQ(told().size(), 1U);
    ASSERT_EQ(asked_disks_.size(), 1U);
    EXPECT_TRUE(std::filesystem::equivalent(asked_disks_[0], "."));
}

TEST_F(DoctorMachine, a_disk_that_will_be_full_in_the_shift_is_told) {
    prepare::Settings settings;
    settings.ledger.path = folder_.path() / "ledger.sqlite";
    disk_->bytes = 255'000'000;
    check_disks(machine_, settings, checks_);
    EXPECT_THAT(told(), ElementsAre(StartsWith("warn disk: 255 MB are left at ")));
    disk_ = Disk{.bytes = 10'000'000'000, .files = 19};
    check_disks(machine_, settings, checks_);
    EXPECT_THAT(told(), ElementsAre(HasSubstr("has room for 19 more files")));
    // Btrfs has no such number.
    disk_->files.reset();
    check_disks(machine_, settings, checks_);
    EXPECT_THAT(told(), ElementsAre(StartsWith("ok")));
}

TEST_F(DoctorMachine, only_a_queue_of_cups_is_asked_for) {
    for (const char* printer : {"", "tcp://printer.example", "file:labels"})
        EXPECT_THAT(printer_told(printer), IsEmpty());
    EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(DoctorMachine, a_queue_that_prints_is_well) {
    answer("lpstat", "printer labels is idle.  enabled since Mon 30 Nov 2026\n");
    EXPECT_THAT(printer_told(), ElementsAre(StartsWith("ok printer: printer labels is idle")));
    EXPECT_THAT(asked_, ElementsAre(ElementsAre("lpstat", "-p", "labels")));
}

TEST_F(DoctorMachine, a_queue_that_stands_or_is_not_there_is_told) {
    answer("lpstat", "printer labels disabled since Mon 30 Nov 2026 -\n\tPaused\n");
    EXPECT_THAT(printer_told(), ElementsAre(HasSubstr("queue labels stands")));
    answer("lpstat", "lpstat: Invalid destination name in list \"labels\".\n", 1);
    EXPECT_THAT(printer_told(), ElementsAre(HasSubstr("has no queue labels")));
}

TEST_F(DoctorMachine, without_an_answer_of_cups_that_is_told) {
    EXPECT_THAT(printer_told(), ElementsAre(HasSubstr("no program lpstat")));
    answers_["lpstat"] = {.end = Answer::End::late, .text = ""};
    EXPECT_THAT(printer_told(), ElementsAre("warn printer: CUPS does not answer"));
}

TEST_F(DoctorMachine, a_bridge_that_the_kernel_may_put_to_sleep_is_told) {
    put("sys/bus/usb/devices/1-1/idVendor", "1a86\n");
    put("sys/bus/usb/devices/1-1/idProduct", "7523\n");
    put("sys/bus/usb/devices/1-1/power/control", "on\n");
    // A disk is none of our business.
    put("sys/bus/usb/devices/1-2/idVendor", "0781\n");
    put("sys/bus/usb/devices/1-2/power/control", "auto\n");
    check_usb(machine_, checks_);
    EXPECT_THAT(told(), IsEmpty());
    put("sys/bus/usb/devices/1-1/power/control", "auto\n");
    check_usb(machine_, checks_);
    EXPECT_THAT(told(), ElementsAre(HasSubstr("1-1 (1a86:7523)")));
    put("sys/bus/usb/devices/1-1/power/autosuspend_delay_ms", "-1000\n");
    check_usb(machine_, checks_);
    EXPECT_THAT(told(), IsEmpty());
}

TEST_F(DoctorMachine, a_raspberry_pi_with_too_little_power_is_told) {
    put("sys/class/hwmon/hwmon1/name", "rpi_volt\n");
    put("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "0\n");
    check_usb(machine_, checks_);
    EXPECT_THAT(told(), IsEmpty());
    put("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n");
    check_usb(machine_, checks_);
    EXPECT_THAT(told(), ElementsAre(HasSubstr("too little voltage")));
}

TEST_F(DoctorMachine, a_core_file_would_hold_keys) {
    put("proc/sys/kernel/core_pattern", "|/usr/share/apport/apport %p\n");
    check_core_files(machine_, checks_);
    EXPECT_THAT(told(), ElementsAre(StartsWith("ok core_files: ")));
    machine_.dumpable = true;
    check_core_files(machine_, checks_);
    EXPECT_THAT(told(), ElementsAre(AllOf(StartsWith("warn core_files"), HasSubstr("apport"))));
}

TEST_F(DoctorMachine, who_else_has_a_file_open_is_found) {
    put("ledger.sqlite", "x");
    const auto ledger = folder_.path() / "ledger.sqlite";
    put("proc/815/comm", "sqlite3\n");
    put_link(ledger, "proc/815/fd/4");
    put("proc/816/comm", "bash\n");
    put_link("/dev/null", "proc/816/fd/0");
    put("proc/self/comm", "x\n");
    put_link(ledger, "proc/self/fd/1");
    put_link(ledger, "proc/" + std::to_string(::getpid()) + "/fd/5");
    const auto holders = holders_of(machine_, ledger);
    ASSERT_EQ(holders.size(), 1U);
    EXPECT_EQ(holders[0].program, "sqlite3");
    EXPECT_EQ(holders[0].process, 815);
}

TEST(AskProgram, what_it_says_and_how_it_ended_is_known) {
    const auto answer =
        ask_program({"sh", "-c", "echo out; echo err >&2; exit 3"}, std::chrono::minutes(1), {});
    EXPECT_EQ(answer.end, Answer::End::exited);
    EXPECT_EQ(answer.status, 3);
    EXPECT_THAT(answer.text, AllOf(HasSubstr("out"), HasSubstr("err")));
    EXPECT_FALSE(answer.is_good());
    EXPECT_TRUE(ask_program({"true"}, std::chrono::minutes(1), {}).is_good());
    EXPECT_EQ(ask_program({"imprint-no-such-program"}, std::chrono::minutes(1), {}).end,
              Answer::End::missing);
}

TEST(AskProgram, one_that_does_not_answer_is_ended) {
    const auto answer = ask_program({"sh", "-c", "echo begun; sleep 1000"}, Milliseconds(300), {});
    EXPECT_EQ(answer.end, Answer::End::late);
}

TEST(AskProgram, one_that_is_silent_is_ended_when_asked_to_stop) {
    const std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(ask_program({"sleep", "1000"}, std::chrono::hours(1), stop.get_token()).end,
              Answer::End::late);
}

TEST(AskProgram, of_one_that_talks_without_end_a_part_is_kept) {
    const auto answer =
        ask_program({"sh", "-c", "head -c 3000000 /dev/zero"}, std::chrono::minutes(1), {});
    EXPECT_TRUE(answer.is_good());
    EXPECT_EQ(answer.text.size(), 1U << 20);
}

TEST(ThisMachine, it_can_be_looked_at) {
    const auto machine = this_machine({});
    EXPECT_EQ(machine.user, ::geteuid());
    EXPECT_FALSE(machine.user_name.empty());
    EXPECT_TRUE(machine.program_written);
    ASSERT_TRUE(machine.disk("/"));
    EXPECT_FALSE(machine.may_open("/dev/imprint-no-such-device"));
    EXPECT_TRUE(machine.ask({"true"}).is_good());
}

}  // namespace
}  // namespace imprint::station::doctor
