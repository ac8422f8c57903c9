#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/error_code.h"
#include "image_tool/nvs_commands.h"
#include "image_tool/scratch.h"

namespace imprint::image_tool {
namespace {

namespace fs = std::filesystem;
using image::nvs::Contents;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

const fs::path data = IMPRINT_TEST_DATA "/image/nvs";

class Nvs : public testing::Scratch {
  protected:
    Nvs() {
        command_.size = 0x4000;
        command_.output = at("out.bin");
    }

    // The rows of a CSV below its heading.
    [[nodiscard]] Result<NvsReport> generate(std::string_view rows) {
        put("in.csv", "key,type,encoding,value\n" + std::string(rows));
        command_.inputs = {at("in.csv")};
        return generate_nvs(command_);
    }

    [[nodiscard]] Contents written(std::string_view rows) {
        const auto report = generate(rows);
        EXPECT_TRUE(report) << report.error().describe();
        return report ? image::nvs::read(read_file(at("out.bin")).value()).value() : Contents{};
    }

    // "ns.k=ff", with values in hex
    [[nodiscard]] std::string values(std::string_view rows) {
        std::string text;
        for (const auto& space : written(rows).namespaces)
            for (const auto& entry : space.entries) {
                const std::string number = image::nvs::number_text(entry);
                text += (text.empty() ? "" : " ") + space.name + "." + entry.key + "=" +
                        (number.empty() ? to_hex(entry.data) : number);
            }
        return text;
    }

    void expect_refused(std::string_view rows, const std::string& code, const std::string& words) {
        const std::size_t before = entries();
        const auto report = generate(rows);
        ASSERT_EQ(code_of(report), code) << rows;
        EXPECT_THAT(report.error().describe(), HasSubstr(words));
        EXPECT_EQ(report.error().kind, ErrorKind::config);
        EXPECT_LE(entries(), before + 1) << "something was left behind";
        EXPECT_FALSE(fs::exists(at("out.bin")));
    }

    NvsCommand command_;
};

std::string digest_of(const fs::path& path) {
    return to_hex(sha256(read_file(path).value()));
}

TEST_F(Nvs, images_are_the_references_byte_for_byte) {
    for (const auto& item : nlohmann::json::parse(read_text(data / "cases.json").value())) {
        const std::string name = item.at("name");
        NvsCommand command;
        for (const std::string& input :
             item.value("inputs", std::vector<std::string>{name + ".csv"}))
            command.inputs.push_back(data / input);
        command.output = at(name + ".bin");
        command.size = item.at("size");
        command.version =
            item.at("version") == 1 ? image::nvs::Version::one : image::nvs::Version::two;
        const auto report = generate_nvs(command);
        ASSERT_TRUE(report) << name << ": " << report.error().describe();
        EXPECT_EQ(digest_of(at(name + ".bin")), item.at("sha256").get<std::string>()) << name;
        NvsEncryptCommand encrypted;
        encrypted.image = command;
        encrypted.image.output = at(name + ".encrypted.bin");
        encrypted.inputkey = data / "keys.bin";
        ASSERT_TRUE(encrypt_nvs(encrypted)) << name;
        EXPECT_EQ(digest_of(at(name + ".encrypted.bin")),
                  item.at("encrypted_sha256").get<std::string>())
            << name;
        const NvsDecryptCommand decrypted{
            at(name + ".encrypted.bin"), data / "keys.bin", at(name + ".plain.bin"), {}};
        ASSERT_TRUE(decrypt_nvs(decrypted)) << name;
        EXPECT_EQ(digest_of(at(name + ".plain.bin")), item.at("sha256").get<std::string>()) << name;
        EXPECT_EQ(mode_of(at(name + ".plain.bin")), 0600U);
    }
}

TEST_F(Nvs, values_are_what_their_encoding_says) {
    EXPECT_EQ(values("n,namespace,,\na,data,u8,0x10\nb,data,I16,-2\nc,data,string,\n"
                     "d,data,HEX2BIN, 0aFF \ne,data,base64,aGVs bG8=\nf,data,binary,äb\n"
                     "g,data,hex2bin,\n"),
              "n.a=16 n.b=-2 n.c= n.d=0aff n.e=68656c6c6f n.f=c3a462 n.g=");
    EXPECT_EQ(values("n,namespace,,\na,data,blob_fill(4;0xAb),x\nb,data,blob_sz_fill(3;0x00),yz\n"
                     "c,data,blob_fill(2;0xff),\n"),
              "n.a=78ababab n.b=02000000797a00 n.c=ffff");
}

TEST_F(Nvs, files_lie_beside_the_csv_or_have_their_whole_path) {
    put("cert.pem", "text\n");
    put("number.txt", "42\n");
    put("code.hex", "0102\n");
    EXPECT_EQ(values("n,namespace,,\na,file,string,cert.pem\nb,file,binary,./cert.pem\n"
                     "c,file,u8,number.txt\nd,file,hex2bin,code.hex\ne,file,binary," +
                     at("cert.pem").string() + "\n"),
              "n.a=746578740a n.b=746578740a n.c=42 n.d=0102 n.e=746578740a");
}

// As nvs_partition_gen.py has it, which knows no other place.
TEST_F(Nvs, a_file_in_the_current_folder_comes_first) {
    put("here/f.txt", "here");
    put("f.txt", "csv");
    const fs::path former = fs::current_path();
    fs::current_path(at("here"));
    const std::string found = values("n,namespace,,\na,file,string,f.txt\n");
    fs::current_path(former);
    EXPECT_EQ(found, "n.a=" + to_hex(as_bytes("here")));
}

TEST_F(Nvs, several_files_are_read_as_one) {
    put("a.csv", "key,type,encoding,value\nn,namespace,,\na,data,u8,1\n");
    put("b.csv",
        "key,type,encoding,value\nm,namespace,,\nb,data,u8,2\nn,namespace,,\nc,data,u8,3\n");
    command_.inputs = {at("a.csv"), at("b.csv")};
    const auto report = generate_nvs(command_);
    ASSERT_TRUE(report) << report.error().describe();
    EXPECT_EQ(report->values, 3U);
    const auto contents = image::nvs::read(read_file(at("out.bin")).value()).value();
    ASSERT_THAT(contents.namespaces, SizeIs(2));
    EXPECT_THAT(contents.namespaces.front().entries, SizeIs(2));
}

TEST_F(Nvs, errors_name_the_line_and_say_what_to_do) {
    expect_refused("k,data,u8,1\n", "nvs_name",
                   "line 2: the key \"k\" stands before any namespace");
    expect_refused("n,namespace,,\nk,data,u8,256\n", "nvs_value", "line 3: the value does not fit");
    expect_refused("n,namespace,,\na,data,u8,1\na,data,u8,1\n", "nvs_name",
                   "line 4: the key \"a\" is there twice");
    expect_refused("n,namespace,,\na-name-of-sixteen,data,u8,1\n", "nvs_name", "has 17 bytes");
    expect_refused("n,namespace,,\na,data,u9,1\n", "nvs_csv", "\"u9\" is unknown");
    expect_refused("n,namespace,,\na,dato,u8,1\n", "nvs_csv", "\"dato\" is unknown");
    expect_refused("n,namespace,,\na,data,u8\n", "nvs_csv", "it has no value");
    expect_refused("n,namespace,,\na,data,hex2bin,abc\n", "nvs_value", "odd number");
    expect_refused("n,namespace,,\na,data,hex2bin,zz\n", "nvs_value", "no hex digit");
    expect_refused("n,namespace,,\na,data,base64,aGVsbG8\n", "nvs_value", "base64 is cut off");
    expect_refused("n,namespace,,\na,file,binary,\n", "nvs_value", "names no file");
    expect_refused("n,namespace,,\na,file,binary,not-there\n", "file_missing", "not-there");
    expect_refused("n,namespace,,\na,data,blob_fill(2;0x00),abc\n", "nvs_value", "has 3 bytes");
    expect_refused("n,namespace,,\na,data,blob_fill(2;7),a\n", "nvs_csv", "blob_fill(LENGTH");
    expect_refused("n,namespace,,\na,data,blob_fill(99999999;0x00),a\n", "nvs_csv", "unknown");
    put("latin.txt", "\xE4");
    expect_refused("n,namespace,,\na,file,string,latin.txt\n", "nvs_value", "no UTF-8");
    put("nul.txt", std::string_view("a\0b", 3));
    expect_refused("n,namespace,,\na,file,string,nul.txt\n", "nvs_value", "holds a NUL");
    expect_refused("n,namespace,,\na,data,string," + std::string(4000, 'x') + "\n", "nvs_value",
                   "4001 bytes");
    command_.size = 0x3001;
    expect_refused("n,namespace,,\n", "nvs_size", "take the partition's size: 16384");
}

TEST_F(Nvs, no_error_repeats_a_value) {
    for (const std::string& row :
         {std::string("p,data,u8,hunter2"), std::string("p,data,hex2bin,hunter2"),
          std::string("p,data,base64,hunter2"), std::string("p,dato,string,hunter2"),
          std::string("p,data,strin,hunter2"), std::string("p,data,blob_fill(2;0x00),hunter2")}) {
        const auto report = generate("n,namespace,,\n" + row + "\n");
        ASSERT_FALSE(report) << row;
        EXPECT_THAT(report.error().describe(), Not(HasSubstr("hunter2"))) << row;
    }
}

TEST_F(Nvs, a_former_image_stays_after_an_error) {
    put("out.bin", "former");
    EXPECT_FALSE(generate("k,data,u8,1\n"));
    EXPECT_EQ(read_text(at("out.bin")).value(), "former");
}

TEST_F(Nvs, the_image_replaces_none_of_its_inputs) {
    command_.output = at("in.csv");
    EXPECT_EQ(code_of(generate("n,namespace,,\n")), "output_inside_input");
    EXPECT_THAT(read_text(at("in.csv")).value(), HasSubstr("namespace"));
}

TEST_F(Nvs, an_image_with_a_private_key_is_its_owners) {
    put("device.key", "no PEM at all");
    ASSERT_TRUE(generate("n,namespace,,\na,file,binary,device.key\n"));
    EXPECT_EQ(mode_of(at("out.bin")) & 0077U, mode_of(at("in.csv")) & 0077U);
    put("pem", "-----BEGIN PRIVATE KEY-----\nnot a real one\n");
    const auto report = generate("n,namespace,,\na,file,string,pem\n");
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->secret);
    EXPECT_EQ(mode_of(at("out.bin")), 0600U);
}

TEST_F(Nvs, a_small_partition_is_told_to_be_readonly) {
    command_.size = 0x2000;
    const auto report = generate("n,namespace,,\n");
    ASSERT_TRUE(report);
    ASSERT_THAT(report->warnings, SizeIs(1));
    EXPECT_THAT(report->warnings.front(), HasSubstr("readonly"));
    EXPECT_EQ(fs::file_size(at("out.bin")), 0x2000U);
}

TEST_F(Nvs, outdir_holds_what_has_no_absolute_path) {
    command_.output = "deep/out.bin";
    command_.outdir = at("images");
    ASSERT_TRUE(generate("n,namespace,,\n"));
    EXPECT_TRUE(fs::exists(at("images/deep/out.bin")));
    command_.output = at("out.bin");
    ASSERT_TRUE(generate("n,namespace,,\n"));
    EXPECT_TRUE(fs::exists(at("out.bin")));
}

// What the driver adds by itself when Wi-Fi is set up on the device.
TEST_F(Nvs, a_station_gets_what_its_driver_needs_in_the_drivers_namespace_alone) {
    const std::string rows = "sta.ssid,data,string,net\nsta.pswd,data,string,pass\n";
    EXPECT_EQ(values("mine,namespace,,\n" + rows), "mine.sta.ssid=6e6574 mine.sta.pswd=70617373");
    EXPECT_EQ(values("nvs.net80211,namespace,,\n" + rows),
              "nvs.net80211.sta.ssid=6e6574 nvs.net80211.sta.apinfo=" + std::string(280, 'f') +
                  " nvs.net80211.sta.pmk=" + std::string(64, '0') +
                  " nvs.net80211.sta.apsw=0000 nvs.net80211.sta.pswd=70617373");
    EXPECT_EQ(values("nvs.net80211,namespace,,\nsta.ssid,data,string,n\nsta.pmk,data,hex2bin,01\n"
                     "sta.apinfo,data,hex2bin,02\nsta.apsw,data,hex2bin,03\n"),
              "nvs.net80211.sta.ssid=6e nvs.net80211.sta.pmk=01 nvs.net80211.sta.apinfo=02 "
              "nvs.net80211.sta.apsw=03");
}

}  // namespace
}  // namespace imprint::image_tool
