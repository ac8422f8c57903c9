#include "config/keys.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/text.h"
#include "base/url.h"
#include "config/key_rules.h"
#include "config/mistakes.h"
#include "image/text.h"

namespace imprint::config {

namespace {

using prepare::Issue;
using prepare::Offline;
using prepare::Provider;
using prepare::Registration;
using prepare::Settings;
using namespace std::string_view_literals;

constexpr std::array key_kinds{"ec-p256"sv, "rsa-2048"sv};
constexpr std::array issues{"csr"sv, "aws-keys"sv, "own-ca"sv, "minted"sv};
constexpr std::array registrations{"without-ca"sv, "with-ca"sv, "just-in-time"sv};
constexpr std::array offlines{"never"sv, "when-unreachable"sv, "always"sv};
constexpr std::array providers{"aws"sv, "local"sv};
constexpr std::array print_formats{"auto"sv, "pdf"sv, "zpl"sv, "png"sv, "svg"sv};
constexpr std::array formats{"spiffs"sv, "nvs"sv, "esp-secure-cert"sv};
constexpr std::array starts{"plug"sv, "answer"sv, "key"sv, "scan"sv};
constexpr std::array same_boards{"ask"sv, "refuse"sv, "prepare"sv};
constexpr std::array need_logins{"network"sv, "always"sv};

// -- between a member of Settings and a value ----------------------------------------------------

template <typename Member>
struct OptionalOf : std::false_type {
    using Value = Member;
};

template <typename Inner>
struct OptionalOf<std::optional<Inner>> : std::true_type {
    using Value = Inner;
};

template <typename Member>
constexpr KeyType type_of() {
    if constexpr (OptionalOf<Member>::value)
        return type_of<typename OptionalOf<Member>::Value>();
    else if constexpr (std::is_same_v<Member, bool>)
        return KeyType::boolean;
    else if constexpr (std::is_same_v<Member, std::filesystem::path>)
        return KeyType::path;
    else if constexpr (std::is_same_v<Member, TextList>)
        return KeyType::list;
    else if constexpr (std::is_same_v<Member, TextMap>)
        return KeyType::map;
    else if constexpr (std::is_same_v<Member, LabelItems>)
        return KeyType::label_items;
    else if constexpr (std::is_floating_point_v<Member>)
        return KeyType::number;
    else if constexpr (std::is_integral_v<Member> || std::is_same_v<Member, std::chrono::seconds>)
        return KeyType::integer;
    else
        return KeyType::text;
}

// The names of an enumeration's values, in their order.
template <typename Member>
constexpr std::span<const std::string_view> names_of() {
    if constexpr (std::is_same_v<Member, pki::KeyKind>)
        return key_kinds;
    else if constexpr (std::is_same_v<Member, Provider>)
        return providers;
    else if constexpr (std::is_same_v<Member, Issue>)
        return issues;
    else if constexpr (std::is_same_v<Member, Registration>)
        return registrations;
    else if constexpr (std::is_same_v<Member, prepare::Start>)
        return starts;
    else if constexpr (std::is_same_v<Member, prepare::SameBoard>)
        return same_boards;
    else if constexpr (std::is_same_v<Member, Offline>)
        return offlines;
    else if constexpr (std::is_same_v<Member, prepare::Format>)
        return formats;
    else if constexpr (std::is_same_v<Member, label::PrintFormat>)
        return print_formats;
    else if constexpr (std::is_same_v<Member, logins::NeedLogin>)
        return need_logins;
}

template <typename Member>
KeyValue value_of(const Member& member) {
    if constexpr (OptionalOf<Member>::value)
        return member ? value_of(*member) : KeyValue(std::monostate());
    else if constexpr (std::is_same_v<Member, std::filesystem::path>)
        return member.string();
    else if constexpr (std::is_same_v<Member, std::chrono::seconds>)
        return static_cast<std::int64_t>(member.count());
    else if constexpr (std::is_enum_v<Member>)
        return std::string(names_of<Member>()[static_cast<std::size_t>(member)]);
    else if constexpr (type_of<Member>() == KeyType::integer)
        return static_cast<std::int64_t>(member);
    else
        return member;
}

template <typename Member>
void put_value(Member& member, const KeyValue& value) {
    if constexpr (OptionalOf<Member>::value) {
        if (std::holds_alternative<std::monostate>(value))
            member.reset();
        else
            put_value(member.emplace(), value);
    } else if constexpr (std::is_same_v<Member, std::chrono::seconds>)
        member = std::chrono::seconds(std::get<std::int64_t>(value));
    else if constexpr (std::is_enum_v<Member>) {
        // check_value has let nothing else through.
        const auto names = names_of<Member>();
        const auto found = std::ranges::find(names, std::get<std::string>(value));
        if (found != names.end()) member = static_cast<Member>(found - names.begin());
    } else if constexpr (std::is_same_v<Member, std::filesystem::path>)
        member = std::get<std::string>(value);
    else if constexpr (type_of<Member>() == KeyType::integer)
        member = static_cast<Member>(std::get<std::int64_t>(value));
    else
        member = std::get<Member>(value);
}

// A row for the member that Access, a lambda without captures, names.
template <typename Access>
constexpr Key row(std::string_view name, std::string_view flag, Access, std::string_view meaning) {
    using Member = std::remove_reference_t<decltype(Access{}(std::declval<Settings&>()))>;
    Key key{};
    key.name = name;
    key.type = type_of<Member>();
    key.flag = flag;
    key.meaning = meaning;
    key.get = [](const Settings& settings) { return value_of(Access{}(settings)); };
    key.set = [](Settings& settings, const KeyValue& value) {
        put_value(Access{}(settings), value);
    };
    return key;
}

// usual: what most have, for the sample file; without the key, something else decides.
constexpr Key not_set(Key key, std::string_view usual) {
    key.usual = usual;
    return key;
}

constexpr Key within_range(Key key, std::int64_t least, std::int64_t most) {
    key.least = least;
    key.most = most;
    return key;
}

constexpr Key or_word(Key key, std::string_view zero_word) {
    key.zero_word = zero_word;
    return key;
}

constexpr Key one_of(Key key, std::span<const std::string_view> choices) {
    key.choices = choices;
    return key;
}

constexpr Key checked(Key key, std::string (*fault)(const KeyValue&)) {
    key.fault = fault;
    return key;
}

constexpr Key names_shown(Key key) {
    key.is_shown = false;
    return key;
}

constexpr Key sampled(Key key, std::string_view sample) {
    key.sample = sample;
    return key;
}

constexpr Key elsewhere(Key key) {
    key.beside_file = false;
    return key;
}

// -- the table -----------------------------------------------------------------------------------

constexpr std::array table{
    row(
        "firmware.directory", "--firmware", [](auto& s) -> auto& { return s.firmware.directory; },
        "the ESP-IDF project's folder"),
    row(
        "firmware.update", "", [](auto& s) -> auto& { return s.firmware.update; },
        "bring the source up to date from git before a run: stash local changes, fast-forward"),
    row(
        "firmware.build", "", [](auto& s) -> auto& { return s.firmware.build; },
        "shell line that builds the firmware, run in its folder before a run; empty: none"),
    elsewhere(row(
        "firmware.artifacts", "", [](auto& s) -> auto& { return s.firmware.artifacts; },
        "the build's folder, or a merged binary, relative to firmware.directory")),
    checked(row(
                "firmware.files", "", [](auto& s) -> auto& { return s.firmware.files; },
                "address in flash and file of each, relative to firmware.directory, instead of "
                "artifacts; in the file also as [[firmware.files]] with offset and path"),
            flash_file_fault),

    checked(row(
                "identity.thing_name", "", [](auto& s) -> auto& { return s.identity.thing_name; },
                "a board's thing; {mac} and {lot} are filled in"),
            thing_name_fault),
    sampled(checked(row(
                        "identity.thing_type", "",
                        [](auto& s) -> auto& { return s.identity.thing_type; },
                        "thing type, made when it is missing; empty: none"),
                    thing_type_fault),
            "\"my-product\""),
    checked(
        row(
            "identity.thing_groups", "", [](auto& s) -> auto& { return s.identity.thing_groups; },
            "groups that each thing joins, made when they are missing"),
        groups_fault),
    checked(row(
                "identity.attributes", "", [](auto& s) -> auto& { return s.identity.attributes; },
                "attributes of each thing; {mac}, {lot} and {serial} are filled in"),
            attributes_fault),
    one_of(row(
               "identity.key", "", [](auto& s) -> auto& { return s.identity.key; },
               "kind of each board's key"),
           key_kinds),
    one_of(row(
               "identity.issue", "", [](auto& s) -> auto& { return s.identity.issue; },
               "who issues: AWS IoT from a request made here, AWS IoT with the key too, your own "
               "authority (own-ca), or nobody: keys and certificates were made ahead (minted)"),
           issues),
    row(
        "identity.minted", "", [](auto& s) -> auto& { return s.identity.minted; },
        "minted: the folder of `imprint registry mint`"),
    row(
        "identity.ca.certificate", "", [](auto& s) -> auto& { return s.identity.ca.certificate; },
        "own-ca: the authority's certificate, a PEM file (minted: where it has to be shown)"),
    row(
        "identity.ca.key", "", [](auto& s) -> auto& { return s.identity.ca.key; },
        "own-ca: the authority's key, a PEM file of mode 0600 or a pkcs11: URI"),
    checked(row(
                "identity.ca.subject", "", [](auto& s) -> auto& { return s.identity.ca.subject; },
                "own-ca: each certificate's subject; {thing}, {mac} and {lot} are filled in"),
            subject_fault),
    within_range(row(
                     "identity.ca.validity_days", "",
                     [](auto& s) -> auto& { return s.identity.ca.validity_days; },
                     "own-ca: for how long a certificate is good; never longer than the authority"),
                 1, 36'500),
    one_of(row(
               "identity.ca.registration", "",
               [](auto& s) -> auto& { return s.identity.ca.registration; },
               "own-ca, minted: how AWS IoT hears of a certificate"),
           registrations),
    checked(row(
                "identity.policy.name", "", [](auto& s) -> auto& { return s.identity.policy.name; },
                "policy that each certificate gets"),
            policy_name_fault),
    sampled(row(
                "identity.policy.document", "",
                [](auto& s) -> auto& { return s.identity.policy.document; },
                "JSON file to make the policy from when it is missing; empty: it must exist"),
            "\"imprint-policy.json\""),
    row(
        "identity.policy.allow_wide", "",
        [](auto& s) -> auto& { return s.identity.policy.allow_wide; },
        "take a policy that lets every board do everything, as iot:* on * does"),

    one_of(row(
               "registry.provider", "", [](auto& s) -> auto& { return s.registry.provider; },
               "AWS IoT, or the local registry of `imprint registry serve`"),
           providers),
    row(
        "registry.profile", "--profile", [](auto& s) -> auto& { return s.registry.profile; },
        "profile of the AWS CLI's files; empty: as the AWS CLI chooses"),
    row(
        "registry.region", "--region", [](auto& s) -> auto& { return s.registry.region; },
        "AWS region; empty: as the AWS CLI finds it"),
    checked(row(
                "registry.endpoint_url", "--endpoint-url",
                [](auto& s) -> auto& { return s.registry.endpoint_url; },
                "another address of the registry; empty: AWS's own, or the local registry's"),
            url_fault),
    row(
        "registry.state", "", [](auto& s) -> auto& { return s.registry.state; },
        "folder of the local registry"),
    within_range(row(
                     "registry.deadline", "", [](auto& s) -> auto& { return s.registry.deadline; },
                     "seconds for which cloud trouble holds a board back before it fails"),
                 1, 3600),
    within_range(
        row(
            "registry.call_timeout", "", [](auto& s) -> auto& { return s.registry.call_timeout; },
            "seconds after which an answer that has not come is taken to be lost"),
        1, 300),

    one_of(row(
               "registry.offline", "", [](auto& s) -> auto& { return s.registry.offline; },
               "own-ca, minted: prepare boards without the registry; `imprint registry push` "
               "registers "
               "them later"),
           offlines),
    checked(
        row(
            "registry.data_endpoint", "", [](auto& s) -> auto& { return s.registry.data_endpoint; },
            "host[:port] of the broker that boards are told; empty: the registry's own"),
        endpoint_fault),

    one_of(
        row(
            "credentials.format", "", [](auto& s) -> auto& { return s.credentials.format; },
            "how the credentials lie in their partition: as files of SPIFFS, as values in an NVS "
            "namespace, or as esp_secure_cert_mgr reads them"),
        formats),
    row(
        "credentials.partition", "", [](auto& s) -> auto& { return s.credentials.partition; },
        "partition for the credentials; empty: the only one of that format in the table, with nvs "
        "the only one that is not called nvs"),
    checked(row(
                "credentials.certificate_name", "",
                [](auto& s) -> auto& { return s.credentials.certificate_name; },
                "spiffs: the certificate's file in the image"),
            file_name_fault),
    checked(row(
                "credentials.private_key_name", "",
                [](auto& s) -> auto& { return s.credentials.private_key_name; },
                "spiffs: the private key's file in the image"),
            file_name_fault),
    checked(row(
                "credentials.root_ca_name", "",
                [](auto& s) -> auto& { return s.credentials.root_ca_name; },
                "spiffs: the root CA's file in the image"),
            file_name_fault),
    row(
        "credentials.root_ca", "", [](auto& s) -> auto& { return s.credentials.root_ca; },
        "PEM file that boards trust the broker by; empty: Amazon Root CA 1 and 3, or the "
        "local registry's"),
    row(
        "credentials.extra_directory", "",
        [](auto& s) -> auto& { return s.credentials.extra_directory; },
        "folder of more files for the image, named as its format wants them; empty: none"),
    row(
        "credentials.table", "", [](auto& s) -> auto& { return s.credentials.table; },
        "CSV of further files, keys or entries of each board, a row for each MAC or serial; empty: "
        "none"),
    names_shown(
        checked(row(
                    "credentials.values", "", [](auto& s) -> auto& { return s.credentials.values; },
                    "texts that each board gets as further files, keys or entries, by their names; "
                    "{mac}, {thing}, {lot}, {serial} and {scan} are filled in"),
                values_fault)),
    row(
        "credentials.archive", "", [](auto& s) -> auto& { return s.credentials.archive; },
        "folder that keeps each board's key and certificate (mode 0700); empty: kept nowhere"),

    within_range(
        row(
            "credentials.copies", "", [](auto& s) -> auto& { return s.credentials.copies; },
            "2: the credentials are in the image twice, in other blocks or pages of flash, where "
            "there is room; a board whose first ones are damaged reads the second"),
        1, 2),

    not_set(within_range(row(
                             "credentials.spiffs.page_size", "",
                             [](auto& s) -> auto& { return s.credentials.spiffs.page_size; },
                             "the firmware's CONFIG_SPIFFS_PAGE_SIZE; not set: as its build says"),
                         256, 65536),
            "256"),
    not_set(
        within_range(row(
                         "credentials.spiffs.obj_name_len", "",
                         [](auto& s) -> auto& { return s.credentials.spiffs.obj_name_len; },
                         "the firmware's CONFIG_SPIFFS_OBJ_NAME_LEN; not set: as its build says"),
                     2, 65536),
        "32"),
    not_set(
        within_range(row(
                         "credentials.spiffs.meta_length", "",
                         [](auto& s) -> auto& { return s.credentials.spiffs.meta_length; },
                         "the firmware's CONFIG_SPIFFS_META_LENGTH; not set: as its build says"),
                     0, 65536),
        "4"),
    not_set(row(
                "credentials.spiffs.use_magic", "",
                [](auto& s) -> auto& { return s.credentials.spiffs.use_magic; },
                "the firmware's CONFIG_SPIFFS_USE_MAGIC; not set: as its build says"),
            "true"),
    not_set(row(
                "credentials.spiffs.use_magic_length", "",
                [](auto& s) -> auto& { return s.credentials.spiffs.use_magic_length; },
                "the firmware's CONFIG_SPIFFS_USE_MAGIC_LENGTH; not set: as its build says"),
            "true"),

    checked(row(
                "station.name", "", [](auto& s) -> auto& { return s.station.name; },
                "what this station is called in the ledger; its computer's name is there anyway"),
            record_text_fault),
    checked(row(
                "station.operator", "--operator",
                [](auto& s) -> auto& { return s.station.operator_name; },
                "who works at the station, for the ledger"),
            record_text_fault),
    checked(row(
                "station.ports", "", [](auto& s) -> auto& { return s.station.ports; },
                "serial ports of the bays; empty: --port, or those that are found"),
            ports_fault),
    or_word(
        within_range(row(
                         "station.baud", "--baud", [](auto& s) -> auto& { return s.station.baud; },
                         "baud rate for flashing; auto: the highest that a bay is found to carry"),
                     9600, 5'000'000),
        "auto"),
    checked(row(
                "station.bays", "", [](auto& s) -> auto& { return s.station.bays; },
                "names of bays: name = port or USB path"),
            bays_fault),
    row(
        "station.bays_file", "", [](auto& s) -> auto& { return s.station.bays_file; },
        "more names of bays: the file that `imprint station setup` writes"),
    row(
        "station.stub_directory", "", [](auto& s) -> auto& { return s.station.stub_directory; },
        "folder of stub flashers; empty: the one that ships with Imprint"),
    row(
        "station.use_stub", "", [](auto& s) -> auto& { return s.station.use_stub; },
        "run the stub flasher; false: the ROM loader does the work, slower"),
    row(
        "station.remember_rates", "", [](auto& s) -> auto& { return s.station.remember_rates; },
        "begin at the rate that a bay had to step down to before"),
    one_of(row(
               "station.start", "", [](auto& s) -> auto& { return s.station.start; },
               "prepare --watch: what starts the work on a board: plug: its port appears; answer: "
               "it answers where the port stays; key: the start key; scan: a scanned code"),
           starts),
    one_of(row(
               "station.again", "", [](auto& s) -> auto& { return s.station.again; },
               "prepare --watch: a board that has passed in this lot is in a bay once more: ask: "
               "told, and prepared if somebody says so; refuse: told; prepare: prepared anew"),
           same_boards),
    within_range(row(
                     "station.switch_off_after", "",
                     [](auto& s) -> auto& { return s.station.switch_off_after; },
                     "prepare --watch: boards that fail in a row until their bay is switched off; "
                     "0: never"),
                 0, 1000),
    row(
        "station.watch", "", [](auto& s) -> auto& { return s.station.watch; },
        "prepare --watch: where ports come and go: udev, or a folder of links to ports"),
    row(
        "station.lot_needed", "", [](auto& s) -> auto& { return s.station.lot_needed; },
        "prepare --watch, station: no board is begun without a lot"),
    within_range(row(
                     "station.shift", "", [](auto& s) -> auto& { return s.station.shift_hours; },
                     "hours within which a lot's golden samples have to have passed here"),
                 1, 168),

    checked(row(
                "verify.console", "", [](auto& s) -> auto& { return s.verify.console; },
                "text that a board prints once it is connected; {mac} and {lot} are filled in; "
                "empty: do not watch"),
            filled_text_fault),
    within_range(row(
                     "verify.timeout", "", [](auto& s) -> auto& { return s.verify.timeout; },
                     "seconds to wait for that text"),
                 1, 3600),

    row(
        "verify.connect", "", [](auto& s) -> auto& { return s.verify.connect; },
        "prove each new identity at the broker before its board starts: connect, publish, and be "
        "refused what is another's"),
    checked(row(
                "verify.topic", "", [](auto& s) -> auto& { return s.verify.topic; },
                "topic that the proof publishes to; {mac} and {lot} are filled in; empty: one that "
                "the policy allows"),
            filled_text_fault),

    row(
        "ledger.path", "--ledger", [](auto& s) -> auto& { return s.ledger.path; },
        "file of the station's record"),

    within_range(row(
                     "label.width", "", [](auto& s) -> auto& { return s.label.sheet.width; },
                     "of a board's label, in mm"),
                 label::least_side, label::most_side),
    within_range(row(
                     "label.height", "", [](auto& s) -> auto& { return s.label.sheet.height; },
                     "of a board's label, in mm"),
                 label::least_side, label::most_side),
    within_range(row(
                     "label.dpi", "", [](auto& s) -> auto& { return s.label.sheet.dpi; },
                     "dots an inch of the label printer"),
                 label::least_dpi, label::most_dpi),
    row(
        "label.font", "", [](auto& s) -> auto& { return s.label.sheet.font; },
        "family of the letters"),
    checked(row(
                "label.printer", "", [](auto& s) -> auto& { return s.label.printer; },
                "where a label is printed for each board that passes: cups:QUEUE, "
                "tcp://HOST[:PORT], file:FOLDER; empty: nowhere"),
            printer_fault),
    one_of(row(
               "label.format", "", [](auto& s) -> auto& { return s.label.format; },
               "what the printer gets; auto: ZPL over TCP, else PDF"),
           print_formats),
    row(
        "label.item", "", [](auto& s) -> auto& { return s.label.sheet.items; },
        "what stands on a label, in the file as [[label.item]]; empty: a QR code of the MAC "
        "address and lines of text"),

    checked(row(
                "page.listen", "", [](auto& s) -> auto& { return s.page.listen; },
                "address and port of the station's page; another than this machine's own needs "
                "certificate, key and users"),
            listen_fault),
    row(
        "page.certificate", "", [](auto& s) -> auto& { return s.page.certificate; },
        "the page's certificate and those of its issuers, a PEM file; empty: no TLS"),
    row(
        "page.key", "", [](auto& s) -> auto& { return s.page.key; },
        "its key, a PEM file of mode 0600"),
    row(
        "page.users", "", [](auto& s) -> auto& { return s.page.users; },
        "file of those who may log in, written by `imprint station user`"),
    one_of(row(
               "page.login", "", [](auto& s) -> auto& { return s.page.login; },
               "where a login is needed: network: unless page.listen is this machine alone; "
               "always: there too"),
           need_logins),
};

constexpr std::array to_come_table{
    KeyToCome{"ledger.url", "use ledger.path for the built-in SQLite ledger"},
};

std::string toml_text(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out += fmt::format("\\{}", c);
        else if (c == '\n')
            out += "\\n";
        else if (c == '\t')
            out += "\\t";
        else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
            out += fmt::format("\\u{:04X}", static_cast<unsigned char>(c));
        else
            out += c;
    }
    return out + '"';
}

bool is_bare_key(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
    });
}

TextList split(std::string_view text, char separator) {
    TextList parts;
    while (!text.empty()) {
        const auto end = std::min(text.find(separator), text.size());
        parts.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

std::string default_of(const Key& key, const Settings& defaults) {
    const KeyValue value = key.get(defaults);
    if (std::holds_alternative<std::monostate>(value)) return "not set";
    return fmt::format("`{}`", to_toml(key, value));
}

}  // namespace

std::string_view to_string(KeyType type) {
    switch (type) {
        case KeyType::text:
            return "text";
        case KeyType::path:
            return "path";
        case KeyType::integer:
            return "integer";
        case KeyType::number:
            return "number";
        case KeyType::boolean:
            return "true or false";
        case KeyType::label_items:
            return "list of tables";
        case KeyType::list:
            return "list of texts";
        case KeyType::map:
            return "table of texts";
    }
    return "text";
}

std::span<const Key> config_keys() {
    return table;
}

const Key* find_config_key(std::string_view name) {
    const auto found = std::ranges::find(table, name, &Key::name);
    return found == table.end() ? nullptr : &*found;
}

std::span<const KeyToCome> keys_to_come() {
    return to_come_table;
}

std::string variable_of(const Key& key) {
    std::string name = "IMPRINT_";
    for (const char c : key.name)
        name += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return name;
}

std::string allowed(const Key& key) {
    if (key.type == KeyType::integer)
        return fmt::format("integer from {} to {}{}", key.least, key.most,
                           key.zero_word.empty() ? "" : fmt::format(" or \"{}\"", key.zero_word));
    if (key.type == KeyType::number)
        return fmt::format("number from {} to {}", key.least, key.most);
    if (key.choices.empty()) return std::string(to_string(key.type));
    std::string text;
    for (const auto& choice : key.choices)
        text += fmt::format("{}\"{}\"", text.empty() ? "" : " or ", choice);
    return text;
}

std::string to_toml(const KeyValue& value) {
    return std::visit(
        [](const auto& plain) -> std::string {
            using Plain = std::remove_cvref_t<decltype(plain)>;
            if constexpr (std::is_same_v<Plain, std::string>) {
                return toml_text(plain);
            } else if constexpr (std::is_same_v<Plain, TextList>) {
                TextList parts;
                for (const auto& text : plain)
                    parts.push_back(toml_text(text));
                return fmt::format("[{}]", fmt::join(parts, ", "));
            } else if constexpr (std::is_same_v<Plain, TextMap>) {
                if (plain.empty()) return "{}";
                TextList parts;
                for (const auto& [name, text] : plain)
                    parts.push_back(fmt::format(
                        "{} = {}", is_bare_key(name) ? name : toml_text(name), toml_text(text)));
                return fmt::format("{{ {} }}", fmt::join(parts, ", "));
            } else if constexpr (std::is_same_v<Plain, LabelItems>) {
                return to_toml(plain);
            } else if constexpr (std::is_same_v<Plain, std::monostate>) {
                return "not set";
            } else {
                return fmt::format("{}", plain);
            }
        },
        value);
}

std::string to_toml(const Key& key, const KeyValue& value) {
    const auto* number = std::get_if<std::int64_t>(&value);
    const bool word = number != nullptr && *number == 0 && !key.zero_word.empty();
    return word ? toml_text(key.zero_word) : to_toml(value);
}

std::string shown_toml(const Key& key, const KeyValue& value) {
    const auto* map = std::get_if<TextMap>(&value);
    if (key.is_shown || map == nullptr) return without_secrets(to_toml(key, value));
    TextMap names = *map;
    for (auto& [name, text] : names)
        text = "(not shown)";
    return to_toml(KeyValue(names));
}

std::optional<KeyValue> parse_value(const Key& key, std::string_view text) {
    switch (key.type) {
        case KeyType::text:
        case KeyType::path:
            return std::string(text);
        case KeyType::boolean:
            if (text == "true" || text == "1") return true;
            if (text == "false" || text == "0") return false;
            return std::nullopt;
        case KeyType::integer: {
            if (!key.zero_word.empty() && text == key.zero_word) return std::int64_t{0};
            std::int64_t number = 0;
            const std::string digits(text);
            const char* last = digits.data() + digits.size();
            const auto [end, error] = std::from_chars(digits.data(), last, number);
            if (error != std::errc() || end != last) return std::nullopt;
            return number;
        }
        case KeyType::number: {
            double number = 0;
            const std::string digits(text);
            const char* last = digits.data() + digits.size();
            const auto [end, error] = std::from_chars(digits.data(), last, number);
            if (error != std::errc() || end != last) return std::nullopt;
            return number;
        }
        case KeyType::label_items:
            return parse_label_items(text);
        case KeyType::list:
            return split(text, ',');
        case KeyType::map: {
            TextMap map;
            for (const auto& part : split(text, ',')) {
                const auto equals = part.find('=');
                if (equals == std::string::npos || equals == 0) return std::nullopt;
                map[part.substr(0, equals)] = part.substr(equals + 1);
            }
            return map;
        }
    }
    return std::nullopt;
}

namespace {

// What comes from a terminal or the environment may be any bytes; JSON is to carry it.
bool is_text(const KeyValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return image::is_utf8(*text);
    if (const auto* list = std::get_if<TextList>(&value))
        return std::ranges::all_of(*list, image::is_utf8);
    if (const auto* map = std::get_if<TextMap>(&value))
        return std::ranges::all_of(*map, [](const auto& item) {
            return image::is_utf8(item.first) && image::is_utf8(item.second);
        });
    return true;
}

// A value in an error: without its secrets, and its beginning is enough.
std::string told(const Key& key, const KeyValue& value) {
    constexpr std::size_t most = 300;
    std::string text = without_user_names(shown_toml(key, value));
    if (text.size() <= most) return text;
    std::size_t end = most;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        --end;  // not within a character
    return text.substr(0, end) + "…";
}

}  // namespace

Result<void> check_value(const Key& key, const KeyValue& value) {
    const auto wrong = [&](const std::string& why) {
        const std::string what = key.is_shown
                                     ? fmt::format("{} cannot be {}", key.name, told(key, value))
                                     : std::string(key.name);
        return fail(ErrorKind::config, "config_value", fmt::format("{}: {}", what, why));
    };
    // Beyond all that a setting may mean; the rules below need not be quick.
    constexpr std::size_t longest = 64UL * 1024;
    if (const std::size_t bytes = to_toml(value).size(); bytes > longest)
        return wrong(fmt::format("it has {} bytes, and {} is the most", bytes, longest));
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        const bool word = *number == 0 && !key.zero_word.empty();
        if (!word && (*number < key.least || *number > key.most))
            return wrong(fmt::format("it has to be an {}", allowed(key)));
    }
    if (const auto* number = std::get_if<double>(&value)) {
        // Not <: it may be no number at all.
        if (!(*number >= static_cast<double>(key.least) &&
              *number <= static_cast<double>(key.most)))
            return wrong(fmt::format("it has to be a {}", allowed(key)));
    }
    if (std::holds_alternative<std::monostate>(value)) return {};
    if (key.type != KeyType::path && !is_text(value))
        return fail(ErrorKind::config, "config_value", fmt::format("{} is no UTF-8 text", key.name),
                    "use a UTF-8 terminal, or plain letters");
    // "C:\temp" between double quotes has a tab in it.
    if (key.type == KeyType::path &&
        std::ranges::any_of(std::get<std::string>(value), is_control)) {
        auto error = wrong("no path has a control character");
        error.error().hint = backslash_hint;
        return error;
    }
    if (!key.choices.empty()) {
        const auto& text = std::get<std::string>(value);
        if (std::ranges::find(key.choices, text) == key.choices.end())
            return wrong(fmt::format("it has to be {}", allowed(key)));
    }
    if (key.fault != nullptr) {
        if (const std::string why = key.fault(value); !why.empty()) return wrong(why);
    }
    return {};
}

std::string config_table() {
    const Settings defaults;
    std::string text =
        "| key | what | allowed | default | flag | environment |\n|---|---|---|---|---|---|\n";
    for (const auto& key : table)
        text += fmt::format("| `{}` | {} | {} | {} | {} | `{}` |\n", key.name, key.meaning,
                            allowed(key), default_of(key, defaults),
                            key.flag.empty() ? std::string() : fmt::format("`{}`", key.flag),
                            variable_of(key));
    return text;
}

}  // namespace imprint::config
