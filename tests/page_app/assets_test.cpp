// What is built into the program is a whole page: it needs no other host, and nothing that the
// server's content security policy forbids.
#include "page_app/assets.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace imprint::page_app {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

const Asset& asset(std::string_view path) {
    const auto found = std::ranges::find(assets(), path, &Asset::path);
    if (found == assets().end()) throw std::out_of_range(std::string(path));
    return *found;
}

std::vector<std::string> all_of(const std::string& pattern, std::string_view body) {
    const std::string text(body);
    const std::regex wanted(pattern);
    std::vector<std::string> found;
    for (std::sregex_iterator at(text.begin(), text.end(), wanted), end; at != end; ++at)
        found.push_back((*at)[1].str());
    return found;
}

std::vector<std::string> paths() {
    std::vector<std::string> all;
    for (const Asset& each : assets())
        all.emplace_back(each.path);
    return all;
}

TEST(PageAssets, HaveAnIndexThatRefersToWhatIsThere) {
    const auto referred = all_of(R"re((?:src|href)="([^"]*)")re", asset("/index.html").body);
    EXPECT_THAT(referred, SizeIs(3));  // script, styles, icon
    for (const std::string& path : referred)
        EXPECT_THAT(paths(), Contains(path));
}

TEST(PageAssets, ReferToWhatIsThereFromTheStylesToo) {
    for (const Asset& each : assets()) {
        if (!each.content_type.starts_with("text/css")) continue;
        const auto referred = all_of(R"(url\(["']?([^"')]*))", each.body);
        EXPECT_THAT(referred, Not(IsEmpty()));  // the font
        for (const std::string& path : referred)
            EXPECT_THAT(paths(), Contains(path));
    }
}

// 'script-src 'self'; style-src 'self'': a browser runs neither of these.
TEST(PageAssets, HaveNothingInlineInTheIndex) {
    const std::string_view index = asset("/index.html").body;
    EXPECT_THAT(all_of(R"(<script(?![^>]*\bsrc=)([^>]*)>)", index), IsEmpty());
    EXPECT_THAT(all_of(R"((<style|<[^>]*\sstyle=|<[^>]*\son[a-z]+=))", index), IsEmpty());
    EXPECT_THAT(std::string(index), Not(HasSubstr("javascript:")));
}

// eval() and its like are forbidden likewise.
TEST(PageAssets, MakeNoCodeOutOfText) {
    for (const Asset& each : assets()) {
        {
            if (each.content_type.starts_with("text/javascript")) {
                EXPECT_THAT(all_of(R"((\beval\(|new Function\())", each.body), IsEmpty());
            }
        }
    }
}

// Names of XML's vocabularies look like addresses, and are not fetched.
TEST(PageAssets, NameNoOtherHost) {
    for (const Asset& each : assets()) {
        if (each.path == "/licences.txt") continue;
        if (each.content_type.starts_with("font/")) continue;
        for (const std::string& host :
             all_of(R"((?:https?:|wss?:|["'(=]\s*)//([a-z0-9.-]+))", each.body))
            EXPECT_EQ(host, "www.w3.org") << each.path;
    }
}

TEST(PageAssets, AreFoundByPathEachOnce) {
    const auto all = paths();
    EXPECT_TRUE(std::ranges::is_sorted(all));
    EXPECT_EQ(std::set(all.begin(), all.end()).size(), all.size());
    for (const std::string& path : all)
        EXPECT_THAT(path, StartsWith("/"));
}

// A browser asks for the index each time; what that names has a digest in its own name.
TEST(PageAssets, AreKeptForGoodOnlyWhereTheirNamesChange) {
    EXPECT_FALSE(asset("/index.html").immutable);
    EXPECT_FALSE(asset("/licences.txt").immutable);
    const std::regex with_digest(R"(/assets/.+-[A-Za-z0-9_-]{8}\.[a-z0-9]+)");
    for (const Asset& each : assets())
        EXPECT_EQ(each.immutable, std::regex_match(std::string(each.path), with_digest))
            << each.path;
}

// A reload of any place of the page gets the page again, also of a lot with a dot in its name.
TEST(PageAssets, AreThePageAtEachOfItsPlaces) {
    const Asset* index = &asset("/index.html");
    for (const char* place : {"/", "/index.html", "/lots", "/lots/order-17", "/lots/order.17",
                              "/lots/v1.2%2Fb", "/boards/7cdfa1003f18", "/login", "/nowhere"})
        EXPECT_EQ(asset_for(place), index) << place;
}

TEST(PageAssets, AreNotThePageWhereAFileIsMissing) {
    for (const char* path : {"/favicon.ico", "/robots.txt", "/assets/", "/assets/index-00000000.js",
                             "/assets/lots/order"})
        EXPECT_EQ(asset_for(path), nullptr) << path;
    for (const Asset& each : assets())
        EXPECT_EQ(asset_for(each.path), &each);
}

TEST(PageAssets, HaveTheirOwnETagEach) {
    std::set<std::string_view> tags;
    for (const Asset& each : assets()) {
        EXPECT_TRUE(std::regex_match(std::string(each.etag), std::regex(R"("[0-9a-f]{32}")")))
            << each.path;
        EXPECT_TRUE(tags.insert(each.etag).second) << each.path;
        EXPECT_FALSE(each.body.empty()) << each.path;
    }
}

TEST(PageAssets, AreTheFontAsItWas) {
    const auto font = std::ranges::find(assets(), "font/woff2", &Asset::content_type);
    ASSERT_NE(font, assets().end());
    // Bytes of all values went through a C++ literal: signature and length, as the format has them
    // (W3C WOFF2).
    ASSERT_GT(font->body.size(), 48U);
    EXPECT_EQ(font->body.substr(0, 4), "wOF2");
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(font->body[at]); };
    const std::size_t length = (byte(8) << 24U) | (byte(9) << 16U) | (byte(10) << 8U) | byte(11);
    EXPECT_EQ(font->body.size(), length);
}

TEST(PageAssets, HaveTheLicencesOfWhatIsBuiltIn) {
    const std::string text(asset("/licences.txt").body);
    EXPECT_THAT(text, HasSubstr("preact"));
    EXPECT_THAT(text, HasSubstr("Permission is hereby granted"));
    EXPECT_THAT(text, HasSubstr("SIL OPEN FONT LICENSE"));
}

}  // namespace
}  // namespace imprint::page_app
