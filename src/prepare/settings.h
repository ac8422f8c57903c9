// The user's settings for preparing boards, as plain values. config/config.h reads them from
// imprint.toml, the environment and the command line; nothing below the station knows where a value
// came from.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "label/settings.h"
#include "logins/settings.h"
#include "pki/key.h"

namespace imprint::prepare {

struct FirmwareSettings {
    std::filesystem::path directory = ".";      // of the ESP-IDF project
    bool update = false;                        // git: stash, fast-forward pull
    std::string build;                          // a shell line, run in directory; empty: no build
    std::filesystem::path artifacts = "build";  // the build's folder, or a merged binary in it;
                                                // relative to directory
    std::map<std::string, std::string>
        files;  // address → file, relative to directory; not empty: instead of artifacts
};

struct PolicySettings {
    std::string name = "imprint-device";
    std::filesystem::path document;  // JSON; empty: the policy must exist already
    bool allow_wide = false;         // accept a policy even if it is as wide as iot:* on *
};

// Who makes a board's key and signs its certificate.
enum class Issue : std::uint8_t {
    csr,       // key made here, certificate by the registry from a request
    aws_keys,  // both by the registry: the key is sent over the network
    own_ca,    // key made here, certificate signed here by the owner's authority
    minted,    // both made ahead by `imprint registry mint`: the authority's key is not needed here
};

// How the registry learns of a certificate that the owner's authority has signed.
enum class Registration : std::uint8_t {
    without_ca,    // RegisterCertificateWithoutCA: the registry does not know the authority
    with_ca,       // RegisterCertificate: the registry knows the authority
    just_in_time,  // on the device's first connection; nothing is registered from here
};

struct AuthoritySettings {
    std::filesystem::path certificate;  // PEM
    std::filesystem::path key;          // PEM file of mode 0600, or a "pkcs11:" URI
    std::string subject = "CN={thing}";
    std::uint32_t validity_days = 7300;
    Registration registration = Registration::without_ca;
};

struct IdentitySettings {
    std::string thing_name = "{mac}";
    std::string thing_type;  // empty: none
    std::vector<std::string> thing_groups;
    std::map<std::string, std::string> attributes;  // "{mac}", "{lot}" and "{serial}" are filled in
    pki::KeyKind key = pki::KeyKind::ec_p256;
    Issue issue = Issue::csr;
    AuthoritySettings ca;  // own_ca: all of it; minted: only how they are registered
    std::filesystem::path minted = "minted";  // folder of minted::MintedStore
    PolicySettings policy;

    // The owner's own authority issues: the registry is not needed for that.
    [[nodiscard]] bool is_of_own_authority() const {
        return issue == Issue::own_ca || issue == Issue::minted;
    }

    // The station registers nothing: the board's first connection does.
    [[nodiscard]] bool is_just_in_time() const {
        return is_of_own_authority() && ca.registration == Registration::just_in_time;
    }
};

enum class Provider { aws, local };

// With the owner's authority, a board can be prepared without the registry; its registration is
// queued.
enum class Offline : std::uint8_t { never, when_unreachable, always };

struct RegistrySettings {
    Provider provider = Provider::aws;
    std::string profile;       // aws
    std::string region;        // aws; empty: as the AWS CLI finds it
    std::string endpoint_url;  // empty: AWS's own, or what the local registry's folder says
    std::filesystem::path state = "registry";  // local: the folder that `registry serve` keeps
    std::chrono::seconds deadline{60};         // longest time that cloud trouble may delay a board
    std::chrono::seconds call_timeout{20};     // an answer that takes longer counts as lost
    Offline offline = Offline::never;
    std::string data_endpoint;  // "host[:port]" of the broker; empty: the registry is asked for it
};

// How the firmware's SPIFFS is configured (ESP-IDF's CONFIG_SPIFFS_…). Values that are not set here
// are read from the firmware's build.
struct SpiffsSettings {
    std::optional<std::uint32_t> page_size;     // bytes
    std::optional<std::uint32_t> obj_name_len;  // bytes, with the ending NUL
    std::optional<std::uint32_t> meta_length;   // bytes
    std::optional<bool> use_magic;
    std::optional<bool> use_magic_length;
    bool operator==(const SpiffsSettings&) const = default;
};

// How credentials lie in their partition (prepare/credential_format.h).
enum class Format : std::uint8_t { spiffs, nvs, esp_secure_cert };

struct CredentialSettings {
    Format format = Format::spiffs;
    std::string partition;  // empty: the only one of that format in the table
    // Of SPIFFS alone.
    std::string certificate_name = "certificate.pem.crt";
    std::string private_key_name = "private.pem.key";
    std::string root_ca_name = "aws-root-ca.pem";
    std::filesystem::path root_ca;          // PEM; empty: Amazon's, or the local registry's
    std::filesystem::path extra_directory;  // more files for the image
    std::filesystem::path archive;          // empty: no archive
    // Further files, keys or entries of each board: a CSV with a row for each, and texts with
    // placeholders, by their names (prepare/board_values.h).
    std::filesystem::path table;  // empty: none
    std::map<std::string, std::string> values;
    // How often the credentials are in the image. Twice: in blocks of their own, and a board whose
    // first ones are damaged reads the second.
    std::uint32_t copies = 2;
    SpiffsSettings spiffs;
};

// What starts the work on a board at a bench whose bays live on (station/bay_life.h).
enum class Start : std::uint8_t {
    plug,    // a port that appears
    answer,  // a board that answers where the port stays
    key,     // the start key
    scan,    // a scanned code
};

// A board that has passed in this lot, and is in a bay once more.
enum class SameBoard : std::uint8_t {
    ask,      // told; prepared anew if somebody says so
    refuse,   // told
    prepare,  // prepared anew
};

struct StationSettings {
    std::string name;                // of the station, for the record
    std::string operator_name;       // who works at it, for the record
    std::vector<std::string> ports;  // empty: given on the command line, or detected
    std::uint32_t baud = 921600;     // 0: the highest that a bay's bridge and cable carry
    // name → port or USB path: the configuration's, and those of bays_file.
    std::map<std::string, std::string> bays;
    std::map<std::string, std::string> configured_bays;  // the first of them alone
    // Written by `imprint station setup`; it need not be there.
    std::filesystem::path bays_file = "imprint-bays.toml";
    std::filesystem::path stub_directory;  // empty: the one shipped with Imprint
    bool use_stub = true;
    bool remember_rates = true;
    Start start = Start::plug;
    SameBoard again = SameBoard::ask;
    unsigned switch_off_after = 5;  // boards that failed in a row in one bay; 0: never
    // Where boards come and go: "udev", or a folder of links to ports.
    std::string watch = "udev";
    bool lot_needed = false;         // where boards come and go, none is begun without a lot
    std::uint32_t shift_hours = 12;  // for which a lot's golden samples have passed
    // Where the baud rates that bays had to step down to are stored; empty: nowhere. Not a key of
    // its own: $XDG_STATE_HOME/imprint/rates.json.
    std::filesystem::path rates = {};
};

struct VerifySettings {
    std::string console = "imprint: connected as {mac}";  // text to wait for; empty: do not watch
    std::chrono::seconds timeout{30};
    bool connect = false;  // the station proves each new identity at the broker itself
    std::string topic;  // to publish to for that; "{mac}" is filled in; empty: one from the policy
};

struct LedgerSettings {
    std::filesystem::path path = "imprint-ledger.sqlite";
};

struct Settings {
    FirmwareSettings firmware;
    IdentitySettings identity;
    RegistrySettings registry;
    CredentialSettings credentials;
    StationSettings station;
    VerifySettings verify;
    LedgerSettings ledger;
    label::Settings label;
    logins::Settings page;
    // The file that the settings were read from; empty: none. Not a key of its own.
    std::filesystem::path config = {};
};

}  // namespace imprint::prepare
