#include "config/config.h"

#include <filesystem>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

#include "base/documented_table.h"
#include "base/error_code.h"
#include "base/files.h"
#include "config/keys.h"

namespace imprint::config {

namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class ConfigTest : public testing::Test {
  protected:
    // Reads `toml` as <folder>/imprint.toml.
    Result<Config> load(const std::string& toml) {
        EXPECT_TRUE(write_file(file(), toml));
        sources_.file = file();
        return load_config(sources());
    }

    [[nodiscard]] Sources sources() const {
        Sources sources = sources_;
        sources.variable = [this](const std::string& name) -> std::optional<std::string> {
            const auto found = environment_.find(name);
            if (found == environment_.end()) return std::nullopt;
            return found->second;
        };
        return sources;
    }

    [[nodiscard]] fs::path file() const { return folder_.path() / "imprint.toml"; }

    // The whole error as a person reads it.
    static std::string told(const Result<Config>& config) {
        return config ? "no error" : config.error().describe();
    }

    static std::string origin(const Config& config, const std::string& key) {
        for (const auto& value : config.values)
            if (value.key == key) return value.origin;
        return "no such key";
    }

    TemporaryDirectory folder_ = TemporaryDirectory::create("imprint-config").value();
    Sources sources_;
    std::map<std::string, std::string> environment_;
};

TEST_F(ConfigTest, without_a_file_every_value_is_the_default) {
    const auto config = load_config({});
    ASSERT_TRUE(config) << told(config);
    const prepare::Settings defaults;
    EXPECT_EQ(config->values.size(), config_keys().size());
    for (const auto& value : config->values)
        EXPECT_EQ(value.origin, "default") << value.key;
    EXPECT_EQ(config->settings.firmware.directory, defaults.firmware.directory);
    EXPECT_EQ(config->settings.station.baud, 921600U);
    EXPECT_EQ(config->settings.verify.timeout, std::chrono::seconds(30));
}

TEST_F(ConfigTest, a_file_that_was_named_has_to_be_there) {
    sources_.file = file();
    const auto config = load_config(sources());
    ASSERT_FALSE(config);
    EXPECT_EQ(code_of(config), "config_missing");
    EXPECT_THAT(told(config), HasSubstr(file().string()));
}

TEST_F(ConfigTest, a_number_may_have_a_word) {
    const auto config = load("[station]\nbaud = \"auto\"\n");
    ASSERT_TRUE(config) << told(config);
    EXPECT_EQ(config->settings.station.baud, 0U);
    const auto shown = std::ranges::find(config->values, "station.baud", &Value::key);
    EXPECT_EQ(shown->value, "\"auto\"");
    const Key& key = *find_config_key("station.baud");
    EXPECT_EQ(parse_value(key, "auto"), std::optional(KeyValue(std::int64_t{0})));
    EXPECT_FALSE(check_value(key, std::int64_t{1}));
    EXPECT_FALSE(load("[station]\nbaud = \"always\"\n"));
}

TEST_F(ConfigTest, every_kind_of_value_is_read) {
    const auto config = load(R"(
[firmware]
update = true
build = "idf.py build"
[identity]
thing_name = "lamp-{mac}"
thing_groups = ["lamps", "line-7"]
attributes = { line = "7", lot = "{lot}" }
key = "rsa-2048"
policy = { name = "lamp-policy" }
[registry]
provider = "local"
deadline = 90
[station]
bays = { left = "/dev/ttyUSB0", right = "pci-0000:00:14.0-usb-0:2:1.0" }
baud = 460_800
use_stub = false
[verify]
timeout = 5
)");
    ASSERT_TRUE(config) << told(config);
    const auto& settings = config->settings;
    EXPECT_TRUE(settings.firmware.update);
    EXPECT_EQ(settings.firmware.build, "idf.py build");
    EXPECT_EQ(settings.identity.thing_name, "lamp-{mac}");
    EXPECT_EQ(settings.identity.thing_groups, (TextList{"lamps", "line-7"}));
    EXPECT_EQ(settings.identity.attributes, (TextMap{{"line", "7"}, {"lot", "{lot}"}}));
    EXPECT_EQ(settings.identity.key, pki::KeyKind::rsa_2048);
    EXPECT_EQ(settings.identity.policy.name, "lamp-policy");
    EXPECT_EQ(settings.registry.provider, prepare::Provider::local);
    EXPECT_EQ(settings.registry.deadline, std::chrono::seconds(90));
    EXPECT_EQ(settings.station.bays.at("left"), "/dev/ttyUSB0");
    EXPECT_EQ(settings.station.baud, 460800U);
    EXPECT_FALSE(settings.station.use_stub);
    EXPECT_EQ(settings.verify.timeout, std::chrono::seconds(5));
}

TEST_F(ConfigTest, a_flag_wins_over_the_environment_over_the_file_over_the_default) {
    const std::string toml = "[station]\nbaud = 115200\n[identity]\nthing_type = \"lamp\"\n";
    auto config = load(toml);
    ASSERT_TRUE(config) << told(config);
    EXPECT_EQ(config->settings.station.baud, 115200U);
    EXPECT_EQ(origin(*config, "station.baud"), file().string() + " line 2");
    EXPECT_EQ(origin(*config, "identity.thing_type"), file().string() + " line 4");
    EXPECT_EQ(origin(*config, "verify.timeout"), "default");

    environment_["IMPRINT_STATION_BAUD"] = "230400";
    config = load(toml);
    ASSERT_TRUE(config) << told(config);
    EXPECT_EQ(config->settings.station.baud, 230400U);
    EXPECT_EQ(origin(*config, "station.baud"), "IMPRINT_STATION_BAUD");

    sources_.flags = {{"station.baud", "460800"}, {"verify.timeout", "7"}};
    config = load(toml);
    ASSERT_TRUE(config) << told(config);
    EXPECT_EQ(config->settings.station.baud, 460800U);
    EXPECT_EQ(origin(*config, "station.baud"), "--baud");
    EXPECT_EQ(config->settings.verify.timeout, std::chrono::seconds(7));
    EXPECT_EQ(origin(*config, "verify.timeout"), "--set");
}

TEST_F(ConfigTest, lists_and_tables_have_a_form_for_the_environment) {
    environment_["IMPRINT_IDENTITY_THING_GROUPS"] = "a,b";
    environment_["IMPRINT_IDENTITY_ATTRIBUTES"] = "line=7,url=a=b";
    environment_["IMPRINT_FIRMWARE_UPDATE"] = "true";
    environment_["IMPRINT_IDENTITY_POLICY_NAME"] = "p";
    const auto config = load("");
    ASSERT_TRUE(config) << told(config);
    EXPECT_EQ(config->settings.identity.thing_groups, (TextList{"a", "b"}));
    EXPECT_EQ(config->settings.identity.attributes, (TextMap{{"line", "7"}, {"url", "a=b"}}));
    EXPECT_TRUE(config->settings.firmware.update);
    EXPECT_EQ(config->settings.identity.policy.name, "p");
}

TEST_F(ConfigTest, relative_paths_of_the_file_start_at_its_folder_and_those_of_flags_do_not) {
    sources_.flags = {{"credentials.archive", "kept"}};
    const auto config = load(
        "[firmware]\ndirectory = \"fw\"\nartifacts = \"out\"\n[credentials]\nroot_ca = "
        "\"/etc/ca.pem\"\n");
    ASSERT_TRUE(config) << told(config);
    EXPECT_EQ(config->settings.firmware.directory, folder_.path() / "fw");
    EXPECT_EQ(config->settings.firmware.artifacts, "out");  // relative to directory
    EXPECT_EQ(config->settings.credentials.root_ca, "/etc/ca.pem");
    EXPECT_EQ(config->settings.credentials.archive, "kept");
    EXPECT_EQ(config->settings.credentials.extra_directory, "");
    // What the file leaves out means what it would say.
    EXPECT_EQ(config->settings.ledger.path, folder_.path() / "imprint-ledger.sqlite");
    EXPECT_EQ(config->settings.registry.state, folder_.path() / "registry");
    EXPECT_EQ(config->settings.station.watch, "udev") << "a word, not a path";
    const auto bench = load("[station]\nwatch = \"bench\"\n");
    ASSERT_TRUE(bench) << told(bench);
    EXPECT_EQ(bench->settings.station.watch, (folder_.path() / "bench").string());
}

TEST_F(ConfigTest, an_unknown_key_is_an_error_that_names_file_line_and_the_nearest_key) {
    const auto config = load("[identity]\n\nthing_typ = \"x\"\n");
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().kind, ErrorKind::config);
    EXPECT_EQ(code_of(config), "config_unknown_key");
    EXPECT_THAT(told(config),
                HasSubstr(file().string() + " line 3: there is no key identity.thing_typ"));
    EXPECT_EQ(config.error().hint, "did you mean identity.thing_type?");
}

TEST_F(ConfigTest, an_unknown_section_names_the_nearest_section) {
    const auto config = load("\n[idenity]\nthing_type = \"x\"\n");
    ASSERT_FALSE(config);
    EXPECT_THAT(told(config), HasSubstr("line 2: there is no section idenity"));
    EXPECT_EQ(config.error().hint, "did you mean identity?");
}

TEST_F(ConfigTest, a_password_in_an_address_is_not_in_the_error_that_refuses_it) {
    const auto config = load("[registry]\ndata_endpoint = \"user:CONFIGPW@host\"\n");
    EXPECT_EQ(code_of(config), "config_value");
    EXPECT_THAT(told(config), HasSubstr("…@host"));
    EXPECT_EQ(told(config).find("CONFIGPW"), std::string::npos);
}

TEST_F(ConfigTest, the_texts_of_credentials_values_are_shown_nowhere) {
    const auto sound = load(
        "[credentials]\nvalues = { ok = \"{scan}CANARY\", \"wifi/pw\" = \"CANARY, CANARY\" }\n");
    ASSERT_TRUE(sound) << told(sound);
    EXPECT_EQ(sound->settings.credentials.values.at("wifi/pw"), "CANARY, CANARY");
    const auto shown = std::ranges::find(sound->values, "credentials.values", &Value::key);
    ASSERT_NE(shown, sound->values.end());
    EXPECT_EQ(shown->value, "{ ok = \"(not shown)\", \"wifi/pw\" = \"(not shown)\" }");
    for (const std::string& wrong :
         {std::string("{ ok = \"{scann}\", pw = \"CANARY\" }"),
          std::string("{ ok = 1, pw = \"CANARY\" }"), std::string("{ pw = CANARY }"),
          std::string("{ pw = \"CANARY }"), std::string("\"CANARY\""),
          std::string("{ \"\" = \"CANARY\" }"),
          "{ pw = \"CANARY" + std::string(70'000, 'x') + "\" }"}) {
        const auto config = load("[credentials]\nvalues = " + wrong + "\n");
        ASSERT_FALSE(config) << wrong;
        EXPECT_THAT(told(config), Not(HasSubstr("CANARY"))) << wrong;
    }
    for (const char* wrong :
         {"pw=CANARY,CANARY", "CANARY", "a={scann},pw=CANARY", "a=CANARY\xFF"}) {
        environment_ = {{"IMPRINT_CREDENTIALS_VALUES", wrong}};
        EXPECT_THAT(told(load("")),
                    AllOf(HasSubstr("credentials.values"), Not(HasSubstr("CANARY"))))
            << wrong;
    }
}

struct BadValue {
    const char* toml;
    const char* says;
};

class BadValues : public ConfigTest, public testing::WithParamInterface<BadValue> {};

TEST_P(BadValues, is_refused_with_its_line_and_what_is_allowed) {
    const auto config = load(GetParam().toml);
    ASSERT_FALSE(config) << GetParam().toml;
    EXPECT_EQ(code_of(config), "config_value");
    EXPECT_EQ(config.error().kind, ErrorKind::config);
    EXPECT_THAT(told(config), HasSubstr(file().string() + " line 2: "));
    EXPECT_THAT(told(config), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    config, BadValues,
    testing::Values(
        BadValue{"[station]\nbaud = \"fast\"",
                 "an integer from 9600 to 5000000 or \"auto\", and is a text"},
        BadValue{"[station]\nbaud = 300", "station.baud cannot be 300"},
        BadValue{"[verify]\ntimeout = 1.5", "and is a number with a point"},
        BadValue{"[firmware]\nupdate = \"yes\"", "true or false"},
        BadValue{"[identity]\nthing_groups = [\"a\", 1]", "list of texts"},
        BadValue{"[identity]\nattributes = { line = 7 }",
                 "identity.attributes.line has to be a text, and is an integer"},
        BadValue{"[identity]\nattributes = { line = \"{seriel}\" }",
                 "{seriel} is not known; {serial}, {mac} and {lot} are filled in"},
        BadValue{"[identity]\nthing_name = \"{serial}\"", "{serial} is not known"},
        BadValue{"[verify]\nconsole = \"connected {serial}\"", "{serial} is not known"},
        BadValue{"[identity.ca]\nsubject = \"CN={serial}\"",
                 "{serial} is not known; {thing}, {mac} and {lot} are filled in"},
        BadValue{"[verify]\ntopic = \"a/{thing}\"", "{thing} is not known"},
        BadValue{"[station]\nname = \"a\\u0007b\"", "a control character"},
        BadValue{"[station]\nname = \"=1+1\"", "takes for a formula"},
        BadValue{"[station]\noperator = \"@ann\"", "takes for a formula"},
        BadValue{"[station]\nbays = { \"+left\" = \"/dev/x\" }", "takes for a formula"},
        BadValue{"[identity]\nthing_name = \"-{mac}\"", "takes for a formula"},
        BadValue{"[identity]\nattributes = { line = \"a b\" }", "no spaces"},
        BadValue{"[identity]\nthing_name = \"lamp\"", "without {mac}"},
        BadValue{"[identity]\nthing_name = \"my lamp {mac}\"", "AWS IoT takes letters"},
        BadValue{"[identity]\nthing_type = \"a/b\"", "AWS IoT takes letters"},
        BadValue{"[identity]\nkey = \"ed25519\"", "\"ec-p256\" or \"rsa-2048\""},
        BadValue{"[identity]\nissue = \"own\"", "it has to be \"csr\" or \"aws-keys\" or"},
        BadValue{"[identity.ca]\nsubject = \"CN=\"", "CN is empty"},
        BadValue{"[registry]\ndata_endpoint = \"https://x\"", "a host name, or host:port"},
        BadValue{"[identity]\npolicy = \"p\"", "identity.policy is a section"},
        BadValue{"[credentials]\nformat = \"fat\"", "\"nvs\" or \"esp-secure-cert\""},
        BadValue{"[credentials]\nvalues = { nfc = \"{tag}\" }",
                 "credentials.values: {tag} in \"nfc\" is not known; {mac}, {thing}, {lot}, "
                 "{serial} and {scan} are filled in"},
        BadValue{"[credentials]\nprivate_key_name = \"\"", "needs a name"},
        BadValue{"[credentials]\nroot_ca_name = \"../ca.pem\"", "its part \"..\" leads elsewhere"},
        BadValue{"[verify]\nconnect = 1", "true or false"},
        BadValue{"[ledger]\nurl = \"postgresql://db\"", "use ledger.path"},
        BadValue{"[label]\nformat = \"eps\"", "label.format"},
        BadValue{"[label]\nwidth = 4.9", "number from 5 to 300"},
        BadValue{"[label]\nwidth = nan", "number from 5 to 300"},
        BadValue{"[label]\nwidth = \"50\"", "label.width has to be a number"},
        BadValue{"[label]\nprinter = \"zebra\"", "cups:QUEUE"},
        BadValue{"[label]\nitem = [{ x = 1 }]", "label.item 1: it has no type"},
        BadValue{"\n[[label.item]]\ntype = \"barcode\"", "\"text\" or \"qr\""},
        BadValue{"\n[[label.item]]\ntype = \"qr\"\nx = \"1\"", "x has to be a number"},
        BadValue{"[label]\nitem = [1]", "it has to be a table"},
        BadValue{"[label]\nitem = 1", "label.item has to be a list of tables"},
        BadValue{"[registry]\nprovider = \"azure\"", "\"aws\" or \"local\""},
        BadValue{"[registry]\nendpoint_url = \"localhost:80\"", "https://"},
        BadValue{"[station]\nports = [\"/dev/ttyUSB0\", \"/dev/ttyUSB0\"]", "listed twice"},
        BadValue{"[station]\nbays = { a = \"/dev/x\", b = \"/dev/x\" }", "both at /dev/x"}));

TEST_F(ConfigTest, what_the_design_names_and_is_built_is_taken) {
    EXPECT_TRUE(load("[identity]\nissue = \"csr\"\n[credentials]\nformat = \"spiffs\"\n"));
}

TEST_F(ConfigTest, files_for_flash_are_a_list_of_places_or_a_table) {
    const auto list = load(
        "[[firmware.files]]\noffset = 0x1000\npath = \"boot.bin\"\n"
        "[[firmware.files]]\noffset = \"64K\"\npath = \"app.bin\"\n[station]\nbaud = 460800\n");
    ASSERT_TRUE(list) << told(list);
    const TextMap files{{"0x1000", "boot.bin"}, {"64K", "app.bin"}};
    EXPECT_EQ(list->settings.firmware.files, files);
    const auto table = load("[firmware]\nfiles = { 0x1000 = \"boot.bin\", 64K = \"app.bin\" }\n");
    ASSERT_TRUE(table) << told(table);
    EXPECT_EQ(table->settings.firmware.files, files);
    for (const char* wrong : {"offset = 0x1000", "path = \"a\"", "offset = 1.5\npath = \"a\"",
                              "offset = 0x1000\npath = \"a\"\nsize = 1"}) {
        const auto refused = load(fmt::format("[[firmware.files]]\n{}\n", wrong));
        ASSERT_FALSE(refused) << wrong;
        EXPECT_EQ(code_of(refused), "config_value");
        EXPECT_THAT(told(refused), HasSubstr("each of [[firmware.files]] has an offset"));
    }
    EXPECT_THAT(told(load("[[firmware.files]]\noffset = \"here\"\npath = \"a\"\n")),
                HasSubstr("here is no address in flash"));
    EXPECT_THAT(told(load("[[firmware.files]]\noffset = 0x1000\npath = \"\"\n")),
                HasSubstr("no file is named for 0x1000"));
}

TEST_F(ConfigTest, broken_toml_is_told_with_line_and_column) {
    const auto config = load("[station]\nbaud = = 3\n");
    ASSERT_FALSE(config);
    EXPECT_EQ(code_of(config), "config_syntax");
    EXPECT_THAT(told(config), HasSubstr(file().string() + " line 2 column 8"));
}

TEST_F(ConfigTest, what_people_type_instead_of_toml_is_told_with_the_right_form) {
    const auto hint = [this](const std::string& text) {
        const auto config = load(text);
        EXPECT_EQ(code_of(config), "config_syntax");
        return config ? std::string() : config.error().hint;
    };
    EXPECT_EQ(hint("[registry]\nregion = eu-west-1 # Ireland\n"),
              "a text needs quotes: region = \"…\"");
    EXPECT_EQ(hint("[firmware]\nupdate = True\n"), "write true or false");
    EXPECT_THAT(hint("[verify]\ntimeout = 30s\n"), HasSubstr("toml.io"));
    EXPECT_EQ(hint("[registry]\nprofile = hunter2secret\n"),
              "a text needs quotes: profile = \"…\"");
    EXPECT_EQ(hint("[registry]\nregion = \"a\"\n# more\nregion = \"b\"\n"),
              "it is set in line 2 already");
    EXPECT_THAT(hint("[registry]\nregion = {\n"), HasSubstr("one line"));
    for (const std::string& start :
         {std::string("\xFF\xFE[\0", 4), std::string("\xFE\xFF\0[", 4), std::string("[\0s\0", 4)})
        EXPECT_THAT(hint(start), HasSubstr("save it as UTF-8"));
    EXPECT_EQ(hint("[station]\nbaud = 9600\n[registry]\n[station]\n"),
              "[station] begins in line 1 already: put its keys there");
    EXPECT_EQ(hint("[[firmware.files]]\noffset = 1\npath = \"a\"\n[firmware]\n[firmware]\n"),
              "[firmware] begins in line 4 already: put its keys there");
    EXPECT_THAT(hint("identity.key = \"ec-p256\"\n[identity]\n"), HasSubstr("below one heading"));
    for (const char* path : {"C:\\users\\me", "C:\\Projects", "D:\\x"})
        EXPECT_THAT(hint(fmt::format("[firmware]\ndirectory = \"{}\"\n", path)), HasSubstr("'…'"))
            << path;
    EXPECT_THAT(hint("[identity]\nthing_type = \"lamp\n"), HasSubstr("does not end in its line"));
    EXPECT_THAT(hint("[identity]\nthing_type = 'lamp\n"), HasSubstr("does not end in its line"));
    EXPECT_EQ(hint("[identity]\nthing_type: \"lamp\"\n"), "write key = value");
    EXPECT_THAT(hint("[identity]\nthing_groups = [\"a\" \"b\"]\n"), HasSubstr("a comma"));
    EXPECT_THAT(hint("[identity]\nattributes = { a = \"b\",\n}\n"), HasSubstr("one line"));
}

TEST_F(ConfigTest, a_byte_that_is_no_utf_8_is_told_with_its_place) {
    const auto config = load("[identity]\n# \xC3\xBC, and M\xFCller\nkey = \"x\"\n");
    ASSERT_EQ(code_of(config), "config_syntax");
    EXPECT_THAT(told(config), HasSubstr(file().string() + " line 2 column 11: the byte 0xfc"));
    EXPECT_THAT(told(config), HasSubstr("a Latin-1 \"\xC3\xBC\""));
    EXPECT_THAT(config.error().hint, HasSubstr("save it as UTF-8"));
    const auto end = load("[identity]\n# \xC3");
    EXPECT_THAT(told(end), HasSubstr("line 2 column 3: the byte 0xc3"));
}

TEST_F(ConfigTest, a_backslash_that_made_a_tab_is_told) {
    const auto config = load("[firmware]\ndirectory = \"C:\\temp\"\n");
    ASSERT_EQ(code_of(config), "config_value");
    EXPECT_THAT(config.error().hint, HasSubstr("'…'"));
    EXPECT_TRUE(load("[firmware]\ndirectory = 'C:\\temp'\n"));
}

TEST_F(ConfigTest, a_value_that_cannot_be_is_answered_with_one_that_can) {
    const auto hint = [this](const std::string& text) {
        const auto config = load(text);
        EXPECT_EQ(code_of(config), "config_value");
        return config ? std::string() : config.error().hint;
    };
    EXPECT_EQ(hint("[identity]\nkey = \"x\"\n"), "for example key = \"ec-p256\"");
    EXPECT_EQ(hint("[identity]\nthing_name = \"lamp\"\n"), "for example thing_name = \"{mac}\"");
    EXPECT_EQ(hint("[station]\nbaud = 3\n"), "for example baud = 921600");
    EXPECT_EQ(hint("[firmware]\nupdate = 3\n"), "for example update = true");
    EXPECT_THAT(hint("[registry]\ndata_endpoint = \"a b\"\n"),
                HasSubstr("docs/configuration.md says"));
}

TEST_F(ConfigTest, braces_that_are_no_placeholder_are_what_a_board_prints) {
    EXPECT_TRUE(load("[verify]\nconsole = \"state={\\\"up\\\":1} {} {mac}\"\n"));
}

TEST_F(ConfigTest, a_copied_blank_is_told_with_its_line) {
    const auto config = load("[station]\nbaud =\xC2\xA0 115200 # \xC3\xBC\n");
    ASSERT_FALSE(config);
    EXPECT_EQ(code_of(config), "config_syntax");
    EXPECT_THAT(told(config), HasSubstr(file().string() + " line 2"));
    EXPECT_TRUE(
        load("\xEF\xBB\xBF[ledger]\npath = \"b\xC3\xBC"
             "cher.sqlite\"\n"));
    const auto key = load("[station]\nb\xC3\xBC = 1\n");
    ASSERT_FALSE(key);
    EXPECT_THAT(told(key), HasSubstr("line 2: a character beyond ASCII"));
    EXPECT_TRUE(
        load("[ledger]\npath = \"b\xC3\xBC"
             "cher.sqlite\" # \xC3\xBC\n"));
}

// toml++ frees tables within tables by recursion, which overflows the stack.
TEST_F(ConfigTest, a_key_of_very_many_parts_is_an_error_and_no_crash) {
    std::string deep;
    for (int i = 0; i < 200'000; ++i)
        deep += "a.";
    for (const auto& text : {"\n[" + deep + "a]\nx = 1\n", "\n" + deep + "a = 1\n"}) {
        const auto config = load(text);
        ASSERT_FALSE(config);
        EXPECT_EQ(code_of(config), "config_syntax");
        EXPECT_THAT(told(config), HasSubstr("line 2: a key of too many parts"));
    }
}

TEST_F(ConfigTest, a_value_beyond_all_bounds_is_refused_and_told_by_its_beginning) {
    std::string name = "line";
    for (int i = 0; i < 20'000; ++i)
        name += "ü{mac}";
    const auto config = load("[identity]\nthing_name = \"" + name + "\"\n");
    ASSERT_FALSE(config);
    EXPECT_EQ(code_of(config), "config_value");
    EXPECT_THAT(told(config), HasSubstr("it has 140006 bytes, and 65536 is the most"));
    EXPECT_LT(told(config).size(), 600U);
    EXPECT_THAT(told(config), HasSubstr("ü{mac}…: "));
}

TEST_F(ConfigTest, a_value_is_shown_without_its_password_and_its_pin) {
    sources_.flags = {{"registry.endpoint_url", "https://user:geheim@127.0.0.1:1/"},
                      {"identity.ca.key", "pkcs11:token=t?pin-value=geheim"},
                      {"station.ports", "rfc2217://u:geheim@h:1,/dev/ttyUSB0"}};
    const auto config = load("");
    ASSERT_TRUE(config) << config.error().describe();
    for (const auto& value : config->values)
        EXPECT_THAT(value.value, Not(HasSubstr("geheim"))) << value.key;
    const auto key = std::ranges::find(config->values, "identity.ca.key", &Value::key);
    EXPECT_THAT(key->value, HasSubstr("pkcs11:token=t?pin-value=…"));
}

TEST_F(ConfigTest, hostile_files_give_errors_and_never_crash) {
    for (const auto& text :
         {std::string("\xFF\xFE[a"), std::string(1, '\0'), std::string(100'000, '['),
          std::string("a") + std::string(5000, '.'), std::string("[identity]\nattributes = {"),
          std::string("[[identity]]\nthing_name = \"{mac}\"\n"),
          std::string("[identity.policy.name]\nx = 1\n"), std::string("identity = 3")}) {
        const auto config = load(text);
        EXPECT_FALSE(config) << text.substr(0, 40);
    }
}

TEST_F(ConfigTest, what_the_environment_or_a_flag_says_wrongly_is_told_by_its_name) {
    environment_["IMPRINT_STATION_BAUD"] = "fast";
    auto config = load("");
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().kind, ErrorKind::config);
    EXPECT_THAT(told(config), HasSubstr("IMPRINT_STATION_BAUD: \"fast\""));

    environment_.clear();
    sources_.flags = {{"station.baud", "1"}};
    config = load("");
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().kind, ErrorKind::usage);
    EXPECT_THAT(told(config), HasSubstr("--baud: station.baud cannot be 1"));

    sources_.flags = {{"station.boud", "1"}};
    config = load("");
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().kind, ErrorKind::usage);
    EXPECT_EQ(config.error().hint, "did you mean station.baud?");
}

TEST_F(ConfigTest, values_are_shown_as_toml_that_reads_back_the_same) {
    const auto config = load(
        "[firmware]\nbuild = 'echo \"a\\b\"\t'\n[identity]\nattributes = { \"a/b\" = \"c\" }\n"
        "thing_groups = [\"x\"]\n");
    ASSERT_TRUE(config) << told(config);
    std::string again;
    for (const auto& value : config->values)
        if (value.value != "not set")  // which is said by leaving the key out
            again += fmt::format("{} = {}\n", value.key, value.value);
    const auto second = load(again);
    ASSERT_TRUE(second) << told(second) << "\n" << again;
    for (std::size_t i = 0; i < config->values.size(); ++i)
        EXPECT_EQ(config->values[i].value, second->values[i].value);
}

TEST_F(ConfigTest, the_sample_file_loads_as_it_is_and_with_every_line_made_active) {
    const std::string sample = sample_config();
    auto config = load(sample);
    ASSERT_TRUE(config) << told(config);
    EXPECT_EQ(config->settings.identity.thing_type, "my-product");
    EXPECT_EQ(config->settings.station.baud, 921600U);

    std::string active;
    for (std::size_t at = 0; at < sample.size();) {
        const auto end = sample.find('\n', at);
        const std::string line = sample.substr(at, end - at);
        active += line.starts_with("#") && !line.starts_with("# ") ? line.substr(1) : line;
        active += '\n';
        at = end + 1;
    }
    config = load(active);
    ASSERT_TRUE(config) << told(config);
    for (const auto& value : config->values)
        EXPECT_NE(value.origin, "default") << value.key << " is not in the sample";
}

TEST_F(ConfigTest, how_spiffs_is_set_is_the_builds_to_say_unless_a_key_does) {
    auto config = load("");
    ASSERT_TRUE(config) << told(config);
    EXPECT_EQ(config->settings.credentials.spiffs, prepare::SpiffsSettings());
    const prepare::SpiffsSettings wanted{512, 64, 0, false, false};
    for (const char* text :
         {"[credentials.spiffs]\npage_size = 512\nobj_name_len = 64\nmeta_length = 0\n"
          "use_magic = false\nuse_magic_length = false\n",
          // As an error asks for it.
          "[credentials]\nspiffs = { page_size = 512, obj_name_len = 64, meta_length = 0, "
          "use_magic = false, use_magic_length = false }\n"}) {
        config = load(text);
        ASSERT_TRUE(config) << told(config);
        EXPECT_EQ(config->settings.credentials.spiffs, wanted);
    }
    EXPECT_FALSE(load("[credentials.spiffs]\npage_size = 0\n"));
    EXPECT_FALSE(load("[credentials.spiffs]\nuse_magic = 1\n"));
    EXPECT_FALSE(load("[credentials.spiffs]\npage = 512\n"));
}

TEST_F(ConfigTest, the_page_is_for_this_machine_alone_unless_it_is_told_otherwise) {
    auto config = load("");
    ASSERT_TRUE(config) << told(config);
    EXPECT_EQ(config->settings.page.listen, "127.0.0.1:7625");
    EXPECT_EQ(config->settings.page.login, logins::NeedLogin::network);
    config = load(
        "[page]\nlisten = \"[::]:443\"\ncertificate = \"page.pem\"\nkey = \"page.key\"\n"
        "login = \"always\"\n");
    ASSERT_TRUE(config) << told(config);
    EXPECT_EQ(config->settings.page.listen, "[::]:443");
    EXPECT_EQ(config->settings.page.certificate, folder_.path() / "page.pem");
    EXPECT_EQ(config->settings.page.key, folder_.path() / "page.key");
    EXPECT_EQ(config->settings.page.login, logins::NeedLogin::always);
    for (const char* address :
         {"", "7625", "127.0.0.1", "bench.example.com:7625", "127.0.0.1:", "127.0.0.1:70000",
          "::1:7625", "[127.0.0.1]:7625", "127.0.0.1:7625/", "[::1]7625", ":7625"})
        EXPECT_EQ(code_of(load(fmt::format("[page]\nlisten = \"{}\"\n", address))), "config_value")
            << address;
}

TEST_F(ConfigTest, a_label_is_a_list_of_tables) {
    const auto config = load(
        "[label]\nwidth = 50.8\nheight = 25\ndpi = 300\nprinter = \"file:labels\"\n"
        "[[label.item]]\ntype = \"qr\"\nx = 1\ny = 1.5\nsize = 20\ncontent = \"{mac}\"\n"
        "[[label.item]]\ntype = \"text\"\nx = 24\ny = 2\nwidth = 20\nheight = 4\n"
        "content = \"MAC {MAC:}\"\nalign = \"right\"\nfont_size = 7\nfit = \"wrap\"\nbold = "
        "true\n");
    ASSERT_TRUE(config) << told(config);
    const auto& label = config->settings.label;
    EXPECT_EQ(label.sheet.width, 50.8);
    EXPECT_EQ(label.sheet.height, 25);
    EXPECT_EQ(label.sheet.dpi, 300U);
    EXPECT_EQ(label.printer, "file:" + (folder_.path() / "labels").string());
    ASSERT_EQ(label.sheet.items.size(), 2U);
    EXPECT_EQ(label.sheet.items[0], (label::Item{.kind = label::ItemKind::qr,
                                                 .x = 1,
                                                 .y = 1.5,
                                                 .width = 20,
                                                 .height = 20,
                                                 .content = "{mac}"}));
    EXPECT_EQ(label.sheet.items[1], (label::Item{.kind = label::ItemKind::text,
                                                 .x = 24,
                                                 .y = 2,
                                                 .width = 20,
                                                 .height = 4,
                                                 .content = "MAC {MAC:}",
                                                 .align = label::Align::right,
                                                 .font_size = 7,
                                                 .fit = label::Fit::wrap,
                                                 .bold = true}));
    // As TOML, it reads back the same.
    const auto again = parse_value(*find_config_key("label.item"), to_toml(label.sheet.items));
    ASSERT_TRUE(again);
    EXPECT_EQ(std::get<LabelItems>(*again), label.sheet.items);
}

TEST_F(ConfigTest, a_member_that_no_item_of_a_label_has_is_told_with_the_nearest) {
    const auto config = load("[[label.item]]\ntype = \"qr\"\nsizes = 3\n");
    EXPECT_EQ(code_of(config), "config_unknown_key");
    EXPECT_THAT(told(config), HasSubstr("line 1: label.item 1: an item has no sizes"));
    EXPECT_THAT(told(config), HasSubstr("did you mean size?"));
}

TEST_F(ConfigTest, a_label_may_have_a_file_of_its_own) {
    const fs::path own = folder_.path() / "label.toml";
    ASSERT_TRUE(write_file(own, "[label]\nwidth = 40\n"));
    sources_.label_template = own;
    const auto config = load("[label]\nwidth = 50\nheight = 30\n");
    ASSERT_TRUE(config) << told(config);
    EXPECT_EQ(config->settings.label.sheet.width, 40);
    EXPECT_EQ(config->settings.label.sheet.height, 30);
    EXPECT_THAT(origin(*config, "label.width"), HasSubstr("label.toml line 2"));
    ASSERT_TRUE(write_file(own, "[station]\nbaud = 115200\n"));
    EXPECT_THAT(told(load("")), HasSubstr("has nothing to do with a label"));
    sources_.label_template = folder_.path() / "none.toml";
    EXPECT_EQ(code_of(load("")), "file_missing");
}

TEST(config_keys, every_row_has_what_parser_flags_and_docs_need) {
    const prepare::Settings defaults;
    std::map<std::string, int> variables;
    for (const auto& key : config_keys()) {
        EXPECT_FALSE(key.meaning.empty()) << key.name;
        EXPECT_TRUE(key.flag.empty() || key.flag.starts_with("--")) << key.name;
        EXPECT_EQ(++variables[variable_of(key)], 1) << key.name;
        EXPECT_TRUE(check_value(key, key.get(defaults))) << key.name;
        // A value that is put in comes out again.
        prepare::Settings settings;
        const auto text = key.type == KeyType::integer   ? fmt::format("{}", key.most)
                          : key.type == KeyType::boolean ? "true"
                          : key.type == KeyType::number  ? fmt::format("{}", key.most)
                          : key.type == KeyType::label_items
                              ? "[{ type = \"qr\", x = 1.5, content = \"{mac}\" }]"
                          : !key.choices.empty() ? std::string(key.choices.back())
                                                 : "a=b";
        const auto value = parse_value(key, text);
        ASSERT_TRUE(value) << key.name;
        key.set(settings, *value);
        EXPECT_EQ(to_toml(key.get(settings)), to_toml(*value)) << key.name;
    }
}

TEST(config_keys, the_documentation_holds_the_table_as_it_is) {
    expect_documented("docs/configuration.md",
                      "<!-- keys: written by tests/config/config_test.cpp -->\n",
                      "<!-- end of keys -->\n", config_table());
}

}  // namespace

}  // namespace imprint::config
