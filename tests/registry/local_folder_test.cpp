#include "registry/local_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "base/file_lock.h"
#include "base/files.h"

namespace imprint::registry {
namespace {

using ::testing::HasSubstr;

class LocalFolderTest : public ::testing::Test {
  protected:
    void write(std::string_view text) {
        ASSERT_TRUE(write_file(registry_file_path(state_.path()), text));
    }

    TemporaryDirectory state_ = *TemporaryDirectory::create();
};

TEST_F(LocalFolderTest, what_a_service_writes_is_what_its_clients_read) {
    const RegistryFile told{"http://127.0.0.1:40123", "127.0.0.1", 40124, "eu-west-1", 4711};
    ASSERT_TRUE(write_registry_file(state_.path(), told));
    const auto read = read_registry_file(state_.path());
    ASSERT_TRUE(read) << read.error().describe();
    EXPECT_EQ(read->endpoint_url, told.endpoint_url);
    EXPECT_EQ(read->mqtt_host, told.mqtt_host);
    EXPECT_EQ(read->mqtt_port, told.mqtt_port);
    EXPECT_EQ(read->region, told.region);
    EXPECT_EQ(read->pid, told.pid);
}

TEST_F(LocalFolderTest, without_the_file_or_with_a_damaged_one_nobody_serves) {
    const auto check = [this](const char* what) {
        const auto read = read_registry_file(state_.path());
        EXPECT_EQ(code_of(read), "registry_not_serving") << what;
        EXPECT_THAT(read.error().hint, HasSubstr("imprint registry serve --state")) << what;
    };
    check("no file");
    for (const char* text :
         {"", "[]", "{}", R"({"endpoint_url":5,"region":"x"})", R"({"endpoint_url":"x"})",
          R"({"endpoint_url":"","mqtt_host":"h","mqtt_port":1,"region":"r","pid":1})",
          R"({"endpoint_url":"x","mqtt_host":"h","mqtt_port":1,"region":"","pid":1})",
          R"({"endpoint_url":"x","mqtt_host":"h","mqtt_port":70000,"region":"r","pid":1})"}) {
        write(text);
        check(text);
    }
}

TEST_F(LocalFolderTest, one_that_was_killed_leaves_its_file_and_no_lock) {
    EXPECT_EQ(code_of(check_running(state_.path())), "registry_not_running");
    {
        const auto lock = FileLock::take(lock_path(state_.path()));
        ASSERT_TRUE(lock);
        EXPECT_TRUE(check_running(state_.path()));
    }
    EXPECT_EQ(code_of(check_running(state_.path())), "registry_not_running");
}

}  // namespace
}  // namespace imprint::registry
