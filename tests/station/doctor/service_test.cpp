// What the doctor says of the station's systemd unit.
#include <sys/stat.h>
#include <unistd.h>

#include "station/doctor/played_machine.h"

namespace imprint::station::doctor {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class DoctorService : public PlayedMachine {
  protected:
    void install() {
        put("usr/lib/systemd/system/imprint-station.service", unit_);
        put_link("/usr/lib/systemd/system/imprint-station.service",
                 "etc/systemd/system/multi-user.target.wants/imprint-station.service");
        put("etc/passwd", "root:x:0:0::/root:/bin/sh\nimprint:x:64001:64002::/:/bin/false\n");
        put("etc/group", "imprint:x:64002:\nline:x:" + std::to_string(::getegid()) + ":\n");
        put(config_, "");
        for (const char* folder : {"var", "var/lib", "var/lib/imprint"})
            mode(folder, 0755);
    }

    void mode(const char* path, mode_t mode) {
        ASSERT_EQ(::chmod((folder_.path() / path).c_str(), mode), 0);
    }

    [[nodiscard]] std::vector<std::string> service_told() {
        check_service(machine_, checks_);
        return told();
    }

    std::string unit_ =
        "[Service]\nExecStart=/usr/bin/imprint station --config /var/lib/imprint/imprint.toml\n"
        "User=imprint\n";
    const char* config_ = "var/lib/imprint/imprint.toml";
};

TEST_F(DoctorService, a_station_that_is_started_by_hand_has_none) {
    EXPECT_THAT(service_told(), IsEmpty());
}

TEST_F(DoctorService, one_that_is_enabled_and_can_read_its_configuration_is_well) {
    install();
    mode(config_, 0644);
    EXPECT_THAT(service_told(), ElementsAre(HasSubstr("imprint-station.service is enabled"),
                                            HasSubstr("can be read by imprint")));
    EXPECT_THAT(asked_, IsEmpty());  // no systemd runs here
}

TEST_F(DoctorService, one_that_is_not_enabled_is_told) {
    install();
    std::filesystem::remove_all(folder_.path() / "etc/systemd/system");
    EXPECT_THAT(service_told(), Contains(HasSubstr("is not enabled")));
}

TEST_F(DoctorService, one_that_is_masked_is_its_owners_decision) {
    put_link("/dev/null", "etc/systemd/system/imprint-station.service");
    EXPECT_THAT(service_told(), ElementsAre(AllOf(StartsWith("ok"), HasSubstr("masked"))));
}

TEST_F(DoctorService, a_configuration_that_its_user_cannot_read_is_told) {
    install();
    mode(config_, 0600);
    EXPECT_THAT(service_told(), Contains(HasSubstr("cannot be read by imprint")));
    // A folder on the way is as good as the file itself.
    mode(config_, 0644);
    mode("var/lib", 0700);
    EXPECT_THAT(service_told(), Contains(HasSubstr("cannot be read by imprint")));
}

TEST_F(DoctorService, a_group_that_its_user_is_in_may_read_for_it) {
    install();
    mode(config_, 0640);
    EXPECT_THAT(service_told(), Contains(HasSubstr("cannot be read by imprint")));
    put("etc/group", "line:x:" + std::to_string(::getegid()) + ":imprint\n");
    EXPECT_THAT(service_told(), Contains(HasSubstr("can be read by imprint")));
}

TEST_F(DoctorService, a_configuration_or_a_user_that_is_not_there_is_told) {
    install();
    std::filesystem::remove(folder_.path() / config_);
    EXPECT_THAT(service_told(), Contains(HasSubstr("imprint.toml is not there")));
    put("etc/passwd", "root:x:0:0::/root:/bin/sh\n");
    EXPECT_THAT(service_told(), Contains(HasSubstr("has no user imprint")));
}

TEST_F(DoctorService, a_drop_in_names_another_user_and_file) {
    install();
    put("etc/systemd/system/imprint-station.service.d/local.conf",
        "[Service]\nUser=root\nExecStart=\nExecStart=/usr/bin/imprint station "
        "--config=/etc/line.toml -v\n");
    EXPECT_THAT(service_told(), Contains(HasSubstr("configuration /etc/line.toml is not there")));
    put("etc/line.toml", "");
    EXPECT_THAT(service_told(), Contains(HasSubstr("/etc/line.toml can be read by root")));
}

TEST_F(DoctorService, one_that_has_failed_is_told) {
    install();
    put_folder("run/systemd/system");
    answer("systemctl", "ActiveState=active\nSubState=running\nResult=success\nNRestarts=0\n");
    EXPECT_THAT(service_told(), Contains("ok service: the station's service is active"));
    answer("systemctl", "ActiveState=failed\nSubState=failed\nResult=exit-code\nNRestarts=3\n");
    EXPECT_THAT(service_told(), Contains(HasSubstr("has failed (exit-code)")));
    answer("systemctl",
           "ActiveState=activating\nSubState=auto-restart\nResult=exit-code\nNRestarts=3\n");
    EXPECT_THAT(service_told(), Contains(HasSubstr("has failed (exit-code)")));
    // systemd itself does not answer: that is another trouble.
    answers_["systemctl"] = {.end = Answer::End::late, .text = ""};
    EXPECT_THAT(service_told(), Not(Contains(StartsWith("warn service: the station's"))));
}

}  // namespace
}  // namespace imprint::station::doctor
