// Looks into each block of memory as it is freed: a secret must not be in it any more.
#include "base/secret.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <new>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <utility>

namespace {

// Never a whole string in memory but where a test puts it.
constexpr std::string_view first_half = "the-secret-that-";
constexpr std::string_view second_half = "must-not-stay-behind";

bool watching = false;
int seen = 0;

bool holds_secret(const char* block, std::size_t size) {
    const std::string_view text(block, size);
    for (std::size_t at = 0; (at = text.find(first_half, at)) != std::string_view::npos; ++at)
        if (text.substr(at + first_half.size()).starts_with(second_half)) return true;
    return false;
}

void release(void* block, std::size_t size) noexcept {
    // NOLINTNEXTLINE(clang-analyzer-cplusplus.NewDelete): it is freed only below
    if (watching && block != nullptr && holds_secret(static_cast<const char*>(block), size)) ++seen;
    std::free(block);
}

}  // namespace

void* operator new(std::size_t size) {
    void* block = std::malloc(std::max<std::size_t>(size, 1));
    if (block == nullptr) throw std::bad_alloc();
    return block;
}

void operator delete(void* block) noexcept {
    std::free(block);
}

void operator delete(void* block, std::size_t size) noexcept {
    // NOLINTNEXTLINE(clang-analyzer-cplusplus.NewDelete): as above
    release(block, size);
}

namespace imprint {
namespace {

Bytes secret_bytes() {
    Bytes bytes;
    bytes.reserve(first_half.size() + second_half.size());
    append(bytes, as_bytes(first_half));
    append(bytes, as_bytes(second_half));
    return bytes;
}

// How many freed blocks held the secret while it ran.
int left_behind(auto&& work) {
    seen = 0;
    watching = true;
    work();
    watching = false;
    return seen;
}

TEST(Secret, the_watch_sees_what_is_not_wiped) {
    EXPECT_EQ(left_behind([] { const Bytes bytes = secret_bytes(); }), 1);
}

TEST(Wipe, leaves_zeros) {
    Bytes bytes = secret_bytes();
    wipe(bytes);
    EXPECT_EQ(std::ranges::count(bytes, 0), static_cast<std::ptrdiff_t>(bytes.size()));
    wipe({});
}

TEST(Secret, is_wiped_when_it_goes) {
    EXPECT_EQ(left_behind([] { const Secret secret(secret_bytes()); }), 0);
}

TEST(Secret, is_wiped_when_it_was_copied_in) {
    Bytes bytes = secret_bytes();
    EXPECT_EQ(left_behind([&] {
                  const Secret from_bytes{ByteView(bytes)};
                  const Secret from_text(as_text(bytes));
                  EXPECT_EQ(from_bytes.reveal_text(), from_text.reveal_text());
              }),
              0);
    wipe(bytes);
}

TEST(Secret, is_wiped_when_another_takes_its_place) {
    EXPECT_EQ(left_behind([] {
                  Secret secret(secret_bytes());
                  secret = Secret(std::string_view("another"));
                  EXPECT_EQ(secret.reveal_text(), "another");
              }),
              0);
}

TEST(Secret, leaves_nothing_where_it_was_moved_from) {
    EXPECT_EQ(left_behind([] {
                  Secret first(secret_bytes());
                  Secret second(std::move(first));
                  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move)
                  Secret third;
                  third = std::move(second);
                  EXPECT_TRUE(second.empty());  // NOLINT(bugprone-use-after-move)
                  Secret& itself = third;
                  third = std::move(itself);
                  EXPECT_EQ(third.size(), first_half.size() + second_half.size());
              }),
              0);
}

// proc(5), smaps: "dd" is what madvise(MADV_DONTDUMP) leaves, "lo" what mlock does.
TEST(Secret, lies_in_memory_that_no_core_file_holds) {
    const Secret secret(secret_bytes());
    const auto wanted = reinterpret_cast<std::uintptr_t>(secret.reveal().data());
    std::ifstream maps("/proc/self/smaps");
    bool inside = false;
    std::string flags;
    for (std::string line; std::getline(maps, line);) {
        std::uintptr_t begin = 0;
        std::uintptr_t end = 0;
        char dash = 0;
        std::istringstream text(line);
        if (text >> std::hex >> begin >> dash >> end && dash == '-')
            inside = begin <= wanted && wanted < end;
        if (inside && line.starts_with("VmFlags:")) flags = line + " ";
    }
    EXPECT_NE(flags.find(" dd "), std::string::npos) << flags;
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_MEMLOCK, &limit), 0);
    EXPECT_TRUE(limit.rlim_cur < 65536 || flags.contains(" lo ")) << flags;
}

TEST(Secret, a_copy_is_asked_for_and_stands_for_itself) {
    EXPECT_EQ(left_behind([] {
                  Secret first(secret_bytes());
                  const Secret second = first.copy();
                  first = Secret();
                  EXPECT_TRUE(first.empty());
                  EXPECT_TRUE(second.reveal_text().ends_with(second_half));
              }),
              0);
}

TEST(Secret, random_ones_have_their_size_and_differ) {
    const Secret one = random_secret(64);
    const Secret other = random_secret(64);
    EXPECT_EQ(one.size(), 64U);
    EXPECT_NE(one.reveal_text(), other.reveal_text());
    EXPECT_TRUE(random_secret(0).empty());
}

TEST(Secret, cannot_be_copied_or_printed_by_accident) {
    static_assert(!std::is_copy_constructible_v<Secret>);
    static_assert(!std::is_copy_assignable_v<Secret>);
    static_assert(!std::is_convertible_v<Secret, std::string_view>);
    static_assert(!std::is_convertible_v<Secret, ByteView>);
    static_assert(!std::is_convertible_v<std::string_view, Secret>);
}

}  // namespace
}  // namespace imprint
