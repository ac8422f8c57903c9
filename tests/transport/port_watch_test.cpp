// Pseudo-terminals stand for the ports.
#include "transport/port_watch.h"

#include <array>
#include <cstdlib>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/error_code.h"
#include "base/fd.h"
#include "base/files.h"

namespace imprint::transport {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string terminal_of(int master) {
    EXPECT_EQ(::grantpt(master), 0);
    EXPECT_EQ(::unlockpt(master), 0);
    std::array<char, 64> name{};
    EXPECT_EQ(::ptsname_r(master, name.data(), name.size()), 0);
    return name.data();
}

Fd new_terminal() {
    return Fd(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
}

// "+ bay0", "- bay1"
std::vector<std::string> words(const Result<std::vector<PortChange>>& changes) {
    std::vector<std::string> all;
    EXPECT_TRUE(changes);
    if (!changes) return all;
    for (const auto& change : *changes)
        all.push_back((change.kind == PortChange::Kind::came ? "+ " : "- ") +
                      std::filesystem::path(change.port.path).filename().string());
    return all;
}

class PortWatchTest : public ::testing::Test {
  protected:
    std::vector<std::string> look() { return words(watch_->next(Milliseconds(0), {})); }

    void link(const std::string& name, const std::string& target) {
        std::filesystem::create_symlink(target, folder_.path() / name);
    }

    void unlink(const std::string& name) { std::filesystem::remove(folder_.path() / name); }

    TemporaryDirectory folder_ = *TemporaryDirectory::create();
    SystemClock clock_;
    std::unique_ptr<PortWatch> watch_;
    Fd one_ = new_terminal();
    Fd two_ = new_terminal();
    std::string first_ = terminal_of(one_.get());
    std::string second_ = terminal_of(two_.get());
};

TEST_F(PortWatchTest, links_in_a_folder_come_and_go_and_other_files_are_no_ports) {
    link("bay1", second_);
    link("bay0", first_);
    link("dangling", "/dev/pts/none");
    link(".hidden", first_);
    ASSERT_TRUE(write_file(folder_.path() / "bay0.flash", as_bytes("flash")));
    watch_ = watch_folder(folder_.path(), clock_).value();
    EXPECT_THAT(look(), ElementsAre("+ bay0", "+ bay1"));
    EXPECT_THAT(look(), IsEmpty());
    unlink("bay0");
    EXPECT_THAT(look(), ElementsAre("- bay0"));
    link("bay0", first_);
    EXPECT_THAT(look(), ElementsAre("+ bay0"));
}

TEST_F(PortWatchTest, a_port_that_was_exchanged_between_two_looks_went_and_came) {
    link("bay0", first_);
    watch_ = watch_folder(folder_.path(), clock_).value();
    EXPECT_THAT(look(), ElementsAre("+ bay0"));
    unlink("bay0");
    link("bay0", second_);
    EXPECT_THAT(look(), ElementsAre("- bay0", "+ bay0"));
    // The same terminal by a new link: the next board may have been given the same name.
    unlink("bay0");
    link("bay0", second_);
    EXPECT_THAT(look(), ElementsAre("- bay0", "+ bay0"));
}

TEST_F(PortWatchTest, use_of_a_port_is_no_change) {
    watch_ = watch_ports({first_}, clock_);
    ASSERT_EQ(look().size(), 1U);
    const Fd user(::open(first_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    ASSERT_TRUE(user);
    EXPECT_EQ(::write(user.get(), "hello", 5), 5);
    EXPECT_THAT(look(), IsEmpty());
}

TEST_F(PortWatchTest, named_ports_are_there_or_not_and_those_of_the_network_always) {
    const auto path = (folder_.path() / "ttyUSB7").string();
    watch_ = watch_ports({path, "rfc2217://127.0.0.1:4000"}, clock_);
    EXPECT_THAT(look(), ElementsAre("+ 127.0.0.1:4000"));
    link("ttyUSB7", first_);
    EXPECT_THAT(look(), ElementsAre("+ ttyUSB7"));
    unlink("ttyUSB7");
    EXPECT_THAT(look(), ElementsAre("- ttyUSB7"));
}

TEST_F(PortWatchTest, a_stop_ends_the_wait) {
    watch_ = watch_ports({}, clock_);
    std::stop_source stop;
    stop.request_stop();
    EXPECT_THAT(words(watch_->next(std::chrono::hours(1), stop.get_token())), IsEmpty());
}

TEST_F(PortWatchTest, a_folder_that_is_not_there_is_told) {
    EXPECT_EQ(code_of(watch_folder(folder_.path() / "none", clock_)), "port_watch");
}

TEST_F(PortWatchTest, a_folder_that_is_made_anew_has_no_ports_until_then) {
    const auto folder = folder_.path() / "ports";
    std::filesystem::create_directory(folder);
    link("ports/bay0", first_);
    watch_ = watch_folder(folder, clock_).value();
    EXPECT_THAT(look(), ElementsAre("+ bay0"));
    std::filesystem::remove_all(folder);
    EXPECT_THAT(look(), ElementsAre("- bay0"));
    EXPECT_THAT(look(), IsEmpty());
    std::filesystem::create_directory(folder);
    link("ports/bay1", second_);
    EXPECT_THAT(look(), ElementsAre("+ bay1"));
}

TEST_F(PortWatchTest, a_folder_that_cannot_be_read_any_more_is_told) {
    const auto folder = folder_.path() / "ports";
    std::filesystem::create_directory(folder);
    watch_ = watch_folder(folder, clock_).value();
    std::filesystem::remove_all(folder);
    ASSERT_TRUE(write_file(folder, as_bytes("a file")));
    EXPECT_EQ(code_of(watch_->next(Milliseconds(0), {})), "port_watch");
}

TEST_F(PortWatchTest, a_link_that_is_still_being_made_is_no_port) {
    link(".bay0.new", first_);
    watch_ = watch_folder(folder_.path(), clock_).value();
    EXPECT_THAT(look(), IsEmpty());
    std::filesystem::rename(folder_.path() / ".bay0.new", folder_.path() / "bay0");
    EXPECT_THAT(look(), ElementsAre("+ bay0"));
}

}  // namespace
}  // namespace imprint::transport
