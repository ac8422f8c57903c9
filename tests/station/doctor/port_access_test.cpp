// What the doctor says of udev's rules, and of the user's right to open ports.
#include "station/doctor/played_machine.h"
#include "station/udev_rules.h"

namespace imprint::station::doctor {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class DoctorPorts : public PlayedMachine {
  protected:
    [[nodiscard]] std::vector<std::string> rules_told() {
        check_udev_rules(machine_, udev_rules, checks_);
        return told();
    }

    static transport::FoundPort port(const char* path) {
        transport::FoundPort port;
        port.path = path;
        return port;
    }

    // The hint of the only check.
    [[nodiscard]] std::string access_hint(const std::vector<transport::FoundPort>& ports = {}) {
        check_port_access(machine_, ports, checks_);
        const auto checks = checks_.take();
        checks_ = {};
        return checks.size() == 1 ? checks[0].hint : "no check";
    }
};

TEST_F(DoctorPorts, where_no_udev_runs_nothing_is_said_of_its_rules) {
    EXPECT_THAT(rules_told(), IsEmpty());
}

TEST_F(DoctorPorts, rules_that_are_not_installed_are_told) {
    put_folder("run/udev");
    EXPECT_THAT(rules_told(), ElementsAre(AllOf(StartsWith("warn"), HasSubstr("not installed"))));
}

TEST_F(DoctorPorts, the_rules_of_this_version_are_well_in_either_folder) {
    put_folder("run/udev");
    EXPECT_TRUE(udev_rules.contains("ID_MM_DEVICE_IGNORE"));
    put("usr/lib/udev/rules.d/60-imprint.rules", udev_rules);
    EXPECT_THAT(rules_told(), ElementsAre("ok udev: /usr/lib/udev/rules.d/60-imprint.rules"));
    // What its owner says of it is no difference.
    put("etc/udev/rules.d/60-imprint.rules", "# by Ada\n\n" + std::string(udev_rules));
    EXPECT_THAT(rules_told(), ElementsAre("ok udev: /etc/udev/rules.d/60-imprint.rules"));
}

TEST_F(DoctorPorts, rules_of_another_version_are_told_also_where_ours_lie_behind_them) {
    put_folder("run/udev");
    put("usr/lib/udev/rules.d/60-imprint.rules", udev_rules);
    put("etc/udev/rules.d/60-imprint.rules", "SUBSYSTEM==\"tty\", GROUP=\"dialout\"\n");
    EXPECT_THAT(rules_told(), ElementsAre(HasSubstr("is not the one of this version")));
}

TEST_F(DoctorPorts, rules_that_somebody_has_switched_off_are_his_decision) {
    put_folder("run/udev");
    put_link("/dev/null", "etc/udev/rules.d/60-imprint.rules");
    EXPECT_THAT(rules_told(), ElementsAre(AllOf(StartsWith("ok"), HasSubstr("switched off"))));
}

TEST_F(DoctorPorts, root_may_open_every_port) {
    machine_.user = 0;
    EXPECT_EQ(access_hint(), "");
}

TEST_F(DoctorPorts, a_user_that_is_in_no_group_for_ports_is_told_how_to_get_into_it) {
    put("etc/group", "root:x:0:\ndialout:x:20:bob\n");
    EXPECT_EQ(access_hint(), "sudo usermod -aG dialout ada, then log out and in again");
}

TEST_F(DoctorPorts, a_user_that_was_put_into_it_has_to_log_in_again) {
    put("etc/group", "dialout:x:20:bob,ada\n");
    EXPECT_EQ(access_hint(), "log out and in again: you are in that group since");
    machine_.groups.insert(20);
    EXPECT_EQ(access_hint(), "");
}

TEST_F(DoctorPorts, what_counts_is_whether_the_ports_that_are_there_open) {
    put("etc/group", "dialout:x:20:\n");
    // By the seat's user, or by a rule of one's own.
    EXPECT_EQ(access_hint({port("/dev/ttyUSB0")}), "");
    closed_.insert("/dev/ttyUSB1");
    machine_.groups.insert(20);
    EXPECT_THAT(access_hint({port("/dev/ttyUSB0"), port("/dev/ttyUSB1")}), HasSubstr("udev rules"));
}

TEST_F(DoctorPorts, a_system_without_such_a_group_has_none_to_be_in) {
    put("etc/group", "root:x:0:\n");
    EXPECT_EQ(access_hint(), "no check");
}

TEST_F(DoctorPorts, a_modem_manager_is_told_unless_the_rules_keep_it_away) {
    put("proc/815/comm", "ModemManager\n");
    check_port_rivals(machine_, checks_);
    EXPECT_THAT(told(), ElementsAre(StartsWith("warn port: ModemManager")));
    put("etc/udev/rules.d/60-imprint.rules", udev_rules);
    check_port_rivals(machine_, checks_);
    EXPECT_THAT(told(), IsEmpty());
}

}  // namespace
}  // namespace imprint::station::doctor
