// What a firmware is told beside its identity: the Wi-Fi of its place, another firmware.
#include <cstring>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <new>
#include <random>
#include <string>

#include "image/spiffs.h"
#include "imprint_identity/firmware_update.h"
#include "imprint_identity/replace.h"
#include "imprint_identity/wifi.h"

namespace imprint_identity {

namespace {

using ::testing::HasSubstr;

const char* parse(const std::string& text, WifiSettings& into) {
    return parse_wifi(text.data(), text.size(), into);
}

TEST(Wifi, the_file_has_name_and_password) {
    WifiSettings wifi;
    EXPECT_EQ(parse(R"({"ssid":"plant 3 \u00e4","password":"eight888","pop":"1234"})", wifi),
              nullptr);
    EXPECT_STREQ(wifi.ssid, "plant 3 \xc3\xa4");
    EXPECT_STREQ(wifi.password, "eight888");
    EXPECT_STREQ(wifi.pop, "1234");
}

TEST(Wifi, what_may_be_missing_may_be_missing) {
    WifiSettings open;
    EXPECT_EQ(parse(R"({"ssid":"guests"})", open), nullptr);
    EXPECT_STREQ(open.password, "");
    WifiSettings told_later;
    EXPECT_EQ(parse(R"({"pop":"1234","country":"DE"})", told_later), nullptr);
    EXPECT_STREQ(told_later.ssid, "");
}

TEST(Wifi, the_bounds_are_those_of_80211) {
    const auto of = [](const std::string& ssid, const std::string& password) {
        WifiSettings wifi;
        const char* const problem =
            parse(R"({"ssid":")" + ssid + R"(","password":")" + password + "\"}", wifi);
        return std::string(problem != nullptr ? problem : "");
    };
    EXPECT_EQ(of(std::string(32, 's'), std::string(63, 'p')), "");
    EXPECT_EQ(of("s", std::string(64, 'a')), "");
    EXPECT_EQ(of("s", std::string(64, 'p')),
              "password has 64 characters that are not all hex digits");
    EXPECT_EQ(of("s", std::string(65, 'a')), "password has more than 64 characters");
    EXPECT_EQ(of("s", "short"), "password has less than 8 characters");
    EXPECT_EQ(of(std::string(33, 's'), "12345678"), "ssid has more than 32 bytes");
    EXPECT_EQ(of("", "12345678"), "there is a password and no ssid");
    EXPECT_EQ(of("a\\u0000b", "12345678"), "a NUL in a string");
}

TEST(Wifi, a_file_that_is_something_else_is_told_without_a_value) {
    WifiSettings wifi;
    EXPECT_NE(parse("", wifi), nullptr);
    EXPECT_NE(parse("hunter2hunter2", wifi), nullptr);
    EXPECT_STREQ(parse(R"({"ssid":1})", wifi), "a value is no text");
    EXPECT_THAT(parse(R"({"ssid":"a","password":"hunter2hunter2")", wifi),
                testing::Not(HasSubstr("hunter2")));
}

TEST(Wifi, the_password_is_wiped) {
    alignas(WifiSettings) unsigned char memory[sizeof(WifiSettings)];
    auto* const wifi = new (memory) WifiSettings;
    ASSERT_EQ(parse(R"({"ssid":"a","password":"hunter2hunter2","pop":"proof-proof"})", *wifi),
              nullptr);
    wifi->~WifiSettings();
    EXPECT_EQ(memmem(memory, sizeof(memory), "hunter2", 7), nullptr);
    EXPECT_EQ(memmem(memory, sizeof(memory), "proof", 5), nullptr);
}

FirmwareOffer offer() {
    FirmwareOffer offer;
    offer.project = "aws_iot";
    offer.version = "1.1.0";
    offer.running_project = "aws_iot";
    offer.running_version = "1.0.0";
    return offer;
}

TEST(FirmwareUpdate, another_version_of_the_same_project_is_taken) {
    EXPECT_EQ(refusal(offer()), nullptr);
}

TEST(FirmwareUpdate, anything_else_is_refused_with_its_reason) {
    FirmwareOffer one = offer();
    one.project = "thermostat";
    EXPECT_STREQ(refusal(one), "it is another project's");
    one = offer();
    one.version = "1.0.0";
    EXPECT_STREQ(refusal(one), "it is the version that runs");
    one = offer();
    one.failed_version = "1.1.0";
    EXPECT_STREQ(refusal(one), "it is the version that was taken back, since it did not connect");
    one.failed_version = "1.0.9";
    EXPECT_EQ(refusal(one), nullptr);
}

// --- Files beside the identity ------------------------------------------------------------------

class ExtraFile : public testing::Test {
  protected:
    ExtraFile() {
        geometry_.image_size = 0x10000;
        const std::string wifi = R"({"ssid":"plant 3"})";
        const std::vector<imprint::image::spiffs::File> files{
            {"/wifi.json", imprint::Bytes(wifi.begin(), wifi.end())}};
        image_ = imprint::image::spiffs::build(geometry_, files).value().image;
    }

    Places places() {
        Places places;
        places.bench = {[](void* context, std::uint32_t at, void* into, std::size_t size) {
                            const auto& image = *static_cast<const imprint::Bytes*>(context);
                            if (at > image.size() || size > image.size() - at) return false;
                            std::memcpy(into, image.data() + at, size);
                            return true;
                        },
                        &image_};
        places.bench_geometry = geometry_;
        places.bench_name = "storage";
        return places;
    }

    spiffs::Geometry geometry_;
    imprint::Bytes image_;
};

TEST_F(ExtraFile, is_read_as_it_was_packed) {
    Text text;
    const Problem problem = read_extra(bench_of(places()), "wifi.json", 1024, text);
    EXPECT_FALSE(problem) << std::string(problem.text);
    EXPECT_STREQ(text.c_str(), R"({"ssid":"plant 3"})");
}

TEST_F(ExtraFile, says_why_there_is_none) {
    Text text;
    EXPECT_EQ(read_extra(bench_of(places()), "other.json", 1024, text).status,
              Status::file_missing);
    EXPECT_EQ(read_extra(bench_of(places()), "wifi.json", 17, text).status, Status::file_too_large);
    EXPECT_EQ(read_extra(imprint_identity::Bench{}, "wifi.json", 1024, text).status,
              Status::storage_unavailable);
    EXPECT_TRUE(text.empty());
}

// Of all flipped bits in what is written: the file, or a reason, and never anything out of bounds.
TEST_F(ExtraFile, a_flipped_bit_harms_nothing) {
    for (std::size_t at = 0; at < 4096; ++at) {
        if (image_[at] == 0xFF) continue;
        for (int bit = 0; bit < 8; ++bit) {
            image_[at] = static_cast<std::uint8_t>(image_[at] ^ 1U << bit);
            Text text;
            const Problem problem = read_extra(bench_of(places()), "wifi.json", 1024, text);
            EXPECT_EQ(text.empty(), static_cast<bool>(problem));
            image_[at] = static_cast<std::uint8_t>(image_[at] ^ 1U << bit);
        }
    }
}

}  // namespace

}  // namespace imprint_identity
