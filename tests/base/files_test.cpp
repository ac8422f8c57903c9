#include "base/files.h"

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include "base/error_code.h"
#include "base/fd.h"

namespace imprint {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

unsigned mode_of(const fs::path& path) {
    struct stat info{};
    return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 07777U : 0U;
}

// A generous mask must not widen a secret, nor a narrow one be left behind.
class Umask {
  public:
    explicit Umask(mode_t mask) : former_(::umask(mask)) {}

    ~Umask() { ::umask(former_); }

    Umask(const Umask&) = delete;
    Umask& operator=(const Umask&) = delete;

  private:
    mode_t former_;
};

class Files : public ::testing::Test {
  protected:
    [[nodiscard]] fs::path at(std::string_view name) const { return folder_.path() / name; }

    [[nodiscard]] std::size_t entries() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()));
    }

  private:
    TemporaryDirectory folder_ = TemporaryDirectory::create("imprint-files").value();
};

TEST_F(Files, come_back_as_they_were_written) {
    Bytes bytes(200'000);
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<std::uint8_t>(i * 7);
    ASSERT_TRUE(write_file(at("a"), bytes));
    EXPECT_TRUE(read_file(at("a")).value() == bytes);
    ASSERT_TRUE(write_file(at("empty"), ByteView{}));
    EXPECT_TRUE(read_file(at("empty")).value().empty());
    ASSERT_TRUE(write_file(at("text"), "gr\xC3\xBC\xC3\x9F\x65\n"));
    EXPECT_EQ(read_text(at("text")).value(), "gr\xC3\xBC\xC3\x9F\x65\n");
    ASSERT_TRUE(write_file(at("text"), "again", FileMode::ordinary, Durability::cached));
    EXPECT_EQ(read_text(at("text")).value(), "again");
    EXPECT_EQ(entries(), 3);
}

TEST_F(Files, a_pipe_is_written_into_and_stays_one) {
    ASSERT_EQ(::mkfifo(at("pipe").c_str(), 0600), 0);
    std::string got;
    std::thread reader([&] { std::getline(std::ifstream(at("pipe")), got); });
    EXPECT_TRUE(write_file(at("pipe"), "through"));
    reader.join();
    EXPECT_EQ(got, "through");
    EXPECT_TRUE(fs::is_fifo(at("pipe")));
}

TEST_F(Files, no_secret_goes_into_a_pipe_that_a_link_leads_to) {
    ASSERT_EQ(::mkfifo(at("pipe").c_str(), 0600), 0);
    fs::create_symlink(at("pipe"), at("link"));
    EXPECT_TRUE(write_file(at("link"), "x", FileMode::secret));
    EXPECT_TRUE(fs::is_fifo(at("pipe")));
    EXPECT_EQ(fs::symlink_status(at("link")).type(), fs::file_type::regular);
}

TEST_F(Files, a_file_without_a_known_size_is_read_to_its_end) {
    EXPECT_THAT(read_text("/proc/self/status").value(), HasSubstr("Pid:"));
}

TEST_F(Files, what_cannot_be_read_is_named) {
    const auto missing = read_file(at("nowhere"));
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind, ErrorKind::config);
    EXPECT_EQ(code_of(missing), "file_missing");
    EXPECT_THAT(missing.error().message, HasSubstr(at("nowhere").string()));
    ASSERT_TRUE(write_file(at("file"), "x"));
    EXPECT_EQ(code_of(read_file(at("file/below"))), "file_missing");
    const auto folder = read_file(at(""));
    ASSERT_FALSE(folder);
    EXPECT_EQ(code_of(folder), "file_not_regular");
    EXPECT_EQ(code_of(read_text(at("nowhere"))), "file_missing");
}

TEST_F(Files, what_is_no_file_is_refused_at_once) {
    ASSERT_EQ(::mkfifo(at("pipe").c_str(), 0600), 0);
    // Nobody writes into the pipe: who opens it as a file waits for ever.
    for (const auto& [path, kind] :
         {std::pair(at("pipe"), "a pipe"), std::pair(fs::path("/dev/zero"), "a device"),
          std::pair(at(""), "a folder")}) {
        const auto read = read_file(path);
        ASSERT_FALSE(read) << path;
        EXPECT_EQ(read.error().kind, ErrorKind::config);
        EXPECT_EQ(code_of(read), "file_not_regular") << path;
        EXPECT_THAT(read.error().message,
                    testing::AllOf(HasSubstr(path.string()), HasSubstr(kind)));
    }
    const Fd listener(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    at("socket").string().copy(address.sun_path, sizeof(address.sun_path) - 1);
    ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
              0);
    EXPECT_EQ(code_of(read_file(at("socket"))), "file_not_regular");
    fs::create_symlink("pipe", at("link"));
    EXPECT_EQ(code_of(read_text(at("link"))), "file_not_regular");
    EXPECT_EQ(read_file("/dev/null").value(), Bytes()) << "which people name for an empty file";
}

TEST_F(Files, what_is_larger_than_its_purpose_allows_is_not_read) {
    ASSERT_TRUE(write_file(at("a"), std::string(100, 'x')));
    EXPECT_TRUE(read_file(at("a"), 100));
    const auto large = read_file(at("a"), 99);
    ASSERT_FALSE(large);
    EXPECT_EQ(code_of(large), "file_too_large");
    EXPECT_THAT(large.error().message, testing::AllOf(HasSubstr("100"), HasSubstr("99")));
    // Much room that is not there: nothing of it may be asked of memory.
    ASSERT_TRUE(write_file(at("sparse"), "x"));
    fs::resize_file(at("sparse"), std::uintmax_t{20} << 30);
    EXPECT_EQ(code_of(read_file(at("sparse"))), "file_too_large");
    EXPECT_EQ(code_of(read_file(at("sparse"), file_limit::flash_image)), "file_too_large");
    // One that does not say how much it is.
    EXPECT_EQ(code_of(read_text("/proc/self/status", 10)), "file_too_large");
}

TEST_F(Files, standard_input_has_bounds_too) {
    ASSERT_TRUE(write_file(at("in"), "twelve bytes"));
    const Fd before(::dup(STDIN_FILENO));
    const Fd in(::open(at("in").c_str(), O_RDONLY | O_CLOEXEC));
    ASSERT_EQ(::dup2(in.get(), STDIN_FILENO), STDIN_FILENO);
    EXPECT_EQ(code_of(read_standard_input(11)), "file_too_large");
    ::lseek(STDIN_FILENO, 0, SEEK_SET);
    EXPECT_EQ(as_text(read_standard_input(12).value()), "twelve bytes");
    ::dup2(before.get(), STDIN_FILENO);
}

TEST_F(Files, a_secret_is_for_its_owner_alone_whatever_the_umask) {
    const Umask generous(0);
    ASSERT_TRUE(write_file(at("secret"), "key", FileMode::secret));
    EXPECT_EQ(mode_of(at("secret")), 0600U);
    ASSERT_TRUE(write_file(at("ordinary"), "text"));
    EXPECT_EQ(mode_of(at("ordinary")), 0644U);
    // Writing it anew narrows a file that everybody could read.
    ASSERT_TRUE(write_file(at("ordinary"), "key", FileMode::secret));
    EXPECT_EQ(mode_of(at("ordinary")), 0600U);
}

TEST_F(Files, a_former_file_is_replaced_whole_and_nothing_else_is_left) {
    ASSERT_TRUE(write_file(at("a"), std::string(5000, 'x')));
    ASSERT_TRUE(write_file(at("a"), "short"));
    EXPECT_EQ(read_text(at("a")).value(), "short");
    EXPECT_EQ(entries(), 1U);
}

TEST_F(Files, a_reader_who_has_the_former_file_open_keeps_it) {
    ASSERT_TRUE(write_file(at("a"), "former"));
    std::ifstream reader(at("a"));
    ASSERT_TRUE(write_file(at("a"), "new"));
    std::string seen;
    reader >> seen;
    EXPECT_EQ(seen, "former");
}

TEST_F(Files, a_link_is_replaced_and_not_written_through) {
    ASSERT_TRUE(write_file(at("target"), "target"));
    fs::create_symlink(at("target"), at("link"));
    ASSERT_TRUE(write_file(at("link"), "new"));
    EXPECT_EQ(read_text(at("target")).value(), "target");
    EXPECT_FALSE(fs::is_symlink(at("link")));
}

TEST_F(Files, a_write_that_fails_halfway_leaves_the_former_file_and_no_other) {
    ASSERT_TRUE(write_file(at("a"), "former"));
    rlimit former{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &former), 0);
    auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{4096, former.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto result = write_file(at("a"), Bytes(100'000, 1));
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &former), 0);
    static_cast<void>(std::signal(SIGXFSZ, handler));
    ASSERT_FALSE(result);
    EXPECT_EQ(code_of(result), "file_unwritable");
    EXPECT_THAT(result.error().message, HasSubstr(at("a").string()));
    EXPECT_EQ(read_text(at("a")).value(), "former");
    EXPECT_EQ(entries(), 1U);
}

TEST_F(Files, what_cannot_be_written_is_named) {
    const auto nowhere = write_file(at("nowhere/a"), "x");
    ASSERT_FALSE(nowhere);
    EXPECT_EQ(nowhere.error().kind, ErrorKind::config);
    EXPECT_EQ(code_of(nowhere), "file_unwritable");
    EXPECT_FALSE(nowhere.error().hint.empty());
    fs::create_directory(at("folder"));
    EXPECT_EQ(code_of(write_file(at("folder"), "x")), "file_unwritable");
    EXPECT_EQ(entries(), 1U);
}

TEST_F(Files, many_threads_may_write_one_file) {
    constexpr int writers = 8;
    constexpr int rounds = 25;
    std::atomic<int> failures = 0;
    {
        std::vector<std::jthread> threads;
        for (int writer = 0; writer < writers; ++writer)
            threads.emplace_back([&, writer] {
                for (int round = 0; round < rounds; ++round)
                    if (!write_file(at("a"), std::string(3000, static_cast<char>('a' + writer))))
                        ++failures;
            });
    }
    EXPECT_EQ(failures, 0);
    const std::string content = read_text(at("a")).value();
    EXPECT_EQ(content, std::string(3000, content.at(0)));
    EXPECT_EQ(entries(), 1U);
}

TEST_F(Files, a_private_folder_and_the_ones_made_on_the_way_are_for_their_owner_alone) {
    const Umask generous(0);
    ASSERT_TRUE(make_private_directory(at("a/b/c")));
    EXPECT_EQ(mode_of(at("a/b/c")), 0700U);
    EXPECT_EQ(mode_of(at("a/b")), 0700U);
    EXPECT_EQ(mode_of(at("a")), 0700U);
    EXPECT_TRUE(make_private_directory(at("a/b/c")));
    EXPECT_TRUE(make_private_directory(at("d/e/")));
    EXPECT_EQ(mode_of(at("d/e")), 0700U);
}

TEST_F(Files, an_existing_folder_is_narrowed_and_its_parents_left_alone) {
    fs::create_directories(at("parent/open"));
    ASSERT_EQ(::chmod(at("parent").c_str(), 0755), 0);
    ASSERT_EQ(::chmod(at("parent/open").c_str(), 0777), 0);
    ASSERT_TRUE(make_private_directory(at("parent/open")));
    EXPECT_EQ(mode_of(at("parent/open")), 0700U);
    EXPECT_EQ(mode_of(at("parent")), 0755U);
}

TEST_F(Files, a_file_is_no_private_folder) {
    ASSERT_TRUE(write_file(at("file"), "x"));
    ASSERT_EQ(::chmod(at("file").c_str(), 0644), 0);
    const auto result = make_private_directory(at("file"));
    ASSERT_FALSE(result);
    EXPECT_EQ(code_of(result), "file_unwritable");
    EXPECT_THAT(result.error().message, HasSubstr("file"));
    EXPECT_EQ(mode_of(at("file")), 0644U);
    EXPECT_FALSE(make_private_directory(at("file/below")));
}

TEST_F(Files, a_folder_for_files_of_fixed_names_is_new_empty_or_was_claimed_before) {
    fs::create_directory(at("empty"));
    for (const char* name : {"new/below", "empty"}) {
        ASSERT_TRUE(claim_directory(at(name), ".marker")) << name;
        ASSERT_TRUE(write_file(at(name) / "policy.json", "made"));
        EXPECT_TRUE(claim_directory(at(name), ".marker")) << name;
        EXPECT_FALSE(claim_directory(at(name), ".another")) << name;
    }
    fs::create_directory(at("mine"));
    ASSERT_TRUE(write_file(at("mine/notes"), "mine"));
    const auto refused = claim_directory(at("mine"), ".marker");
    ASSERT_FALSE(refused);
    EXPECT_EQ(code_of(refused), "folder_in_use");
    EXPECT_EQ(refused.error().kind, ErrorKind::usage);
    EXPECT_FALSE(fs::exists(at("mine/.marker")));
}

TEST_F(Files, a_folder_for_named_files_may_have_others) {
    fs::create_directory(at("mine"));
    ASSERT_TRUE(write_file(at("mine/notes"), "mine"));
    ASSERT_TRUE(claim_directory(at("mine"), ".marker", {"policy.json"}));
    fs::remove(at("mine/.marker"));
    fs::create_symlink("nowhere", at("mine/policy.json"));
    EXPECT_FALSE(claim_directory(at("mine"), ".marker", {"policy.json"}));
    EXPECT_FALSE(fs::exists(at("mine/.marker")));
}

TEST(LastLines, are_the_last_lines) {
    const auto folder = TemporaryDirectory::create();
    const fs::path path = folder->path() / "log";
    EXPECT_EQ(last_lines(path, 2), "");
    for (const auto& [text, expected] :
         std::vector<std::pair<std::string, std::string>>{{"", ""},
                                                          {"a\n", "a\n"},
                                                          {"a\nb\n", "a\nb\n"},
                                                          {"a\nb\nc\n", "b\nc\n"},
                                                          {"a\nb\nc", "b\nc"}}) {
        ASSERT_TRUE(write_file(path, text));
        EXPECT_EQ(last_lines(path, 2), expected);
    }
}

TEST(TemporaryDirectory, is_private_and_goes_with_what_is_in_it) {
    fs::path path;
    {
        const TemporaryDirectory folder = TemporaryDirectory::create("imprint-test").value();
        path = folder.path();
        EXPECT_EQ(mode_of(path), 0700U);
        EXPECT_THAT(path.filename().string(), ::testing::StartsWith("imprint-test-"));
        fs::create_directories(path / "a/b");
        ASSERT_TRUE(write_file(path / "a/b/c", "x"));
    }
    EXPECT_FALSE(fs::exists(path));
}

TEST(TemporaryDirectory, is_handed_on_by_moving) {
    TemporaryDirectory first = TemporaryDirectory::create().value();
    const fs::path path = first.path();
    {
        const TemporaryDirectory second(std::move(first));
        EXPECT_EQ(second.path(), path);
        EXPECT_TRUE(fs::exists(path));
    }
    EXPECT_FALSE(fs::exists(path));
    TemporaryDirectory other = TemporaryDirectory::create().value();
    const fs::path kept = other.path();
    first = std::move(other);
    EXPECT_EQ(first.path(), kept);
    EXPECT_TRUE(fs::exists(kept));
}

TEST(TemporaryDirectory, two_never_meet) {
    const auto first = TemporaryDirectory::create().value();
    const auto second = TemporaryDirectory::create().value();
    EXPECT_NE(first.path(), second.path());
}

}  // namespace
}  // namespace imprint
