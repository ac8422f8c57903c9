// Events of commands that work on boards by hand, on files, and on simulated boards.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/mac.h"
#include "events/describe.h"
#include "events/words.h"

namespace imprint::events {

struct BoardInfo {
    std::string port;
    std::optional<MacAddress> mac = {};
    std::string chip;
    std::optional<std::string> revision = {};
    std::optional<std::uint32_t> crystal_mhz = {};
    std::optional<std::string> flash_id = {};
    std::optional<std::uint64_t> flash_size = {};
    std::optional<std::uint64_t> flash_size_told = {};
    bool security_known;
    bool secure_boot;
    bool flash_encryption;
    std::optional<bool> flash_encryption_release = {};
    std::optional<bool> encrypted_writes = {};
    bool secure_download_mode;
    std::vector<std::string> keys;
    std::optional<std::string> nvs = {};
    std::optional<bool> stub = {};
    std::optional<std::uint32_t> baud = {};
    std::optional<NvsProtection> nvs_protection = {};

    static constexpr Summary summary{
        "board_info",
        "`board info`; in secure download mode a chip tells little, and the optional ones are "
        "missing"};

    static constexpr void members(const auto& member) {
        member("port", &BoardInfo::port, "that the board is on");
        member("mac", &BoardInfo::mac, "12 lower-case hex digits");
        member("chip", &BoardInfo::chip, "`ESP32-S3`, …");
        member("revision", &BoardInfo::revision, "of the chip: `v3.1`");
        member("crystal_mhz", &BoardInfo::crystal_mhz, "of the crystal beside it", "MHz");
        member("flash_id", &BoardInfo::flash_id, "JEDEC id, 6 hex digits");
        member("flash_size", &BoardInfo::flash_size, "that it has; 0: not known", in_bytes);
        member("flash_size_told", &BoardInfo::flash_size_told, "that its id tells", in_bytes);
        member("security_known", &BoardInfo::security_known,
               "whether the chip tells what is locked");
        member("secure_boot", &BoardInfo::secure_boot, "on");
        member("flash_encryption", &BoardInfo::flash_encryption, "on");
        member("flash_encryption_release", &BoardInfo::flash_encryption_release,
               "on for good, in release mode");
        member("encrypted_writes", &BoardInfo::encrypted_writes,
               "the loader may write encrypted flash");
        member("secure_download_mode", &BoardInfo::secure_download_mode, "on");
        member("keys", &BoardInfo::keys, "purposes of the key blocks that are in use");
        member("nvs", &BoardInfo::nvs,
               "for a person: who can read what firmware keeps; scripts take `nvs_protection`");
        member("stub", &BoardInfo::stub, "the stub does the work, in place of the ROM's loader");
        member("baud", &BoardInfo::baud, "that it answered at", "bits/s");
        member("nvs_protection", &BoardInfo::nvs_protection, "`nvs` as a word");
    }
};

struct BoardFlashed {
    std::string port;
    MacAddress mac;
    std::uint64_t files;
    std::uint64_t bytes;
    std::uint64_t written;
    std::uint64_t encrypted;
    bool started;

    static constexpr Summary summary{"board_flashed", "`board flash`: all of it is proven"};

    static constexpr void members(const auto& member) {
        member("port", &BoardFlashed::port, "that the board is on");
        member("mac", &BoardFlashed::mac, "12 lower-case hex digits");
        member("files", &BoardFlashed::files, "how many");
        member("bytes", &BoardFlashed::bytes, "of whole sectors", in_bytes);
        member("written", &BoardFlashed::written, "of them; the others were there", in_bytes);
        member("encrypted", &BoardFlashed::encrypted,
               "of them: by the chip, and so not to be proven", in_bytes);
        member("started", &BoardFlashed::started, "seen to be");
    }
};

struct BoardCompared {
    std::string port;
    MacAddress mac;
    std::uint64_t differs;
    std::vector<std::string> files;
    std::uint64_t to_send;
    double seconds;

    static constexpr Summary summary{"board_compared", "`board verify` and `board flash --plan`"};

    static constexpr void members(const auto& member) {
        member("port", &BoardCompared::port, "that the board is on");
        member("mac", &BoardCompared::mac, "12 lower-case hex digits");
        member("differs", &BoardCompared::differs, "of whole sectors", in_bytes);
        member("files", &BoardCompared::files, "those that differ");
        member("to_send", &BoardCompared::to_send, "over the wire, compressed", in_bytes);
        member("seconds", &BoardCompared::seconds, "that writing and proving takes, about",
               in_seconds);
    }
};

struct BoardRead {
    std::string port;
    MacAddress mac;
    std::string path;
    std::uint64_t bytes;

    static constexpr Summary summary{"board_read", "`board read`"};

    static constexpr void members(const auto& member) {
        member("port", &BoardRead::port, "that the board is on");
        member("mac", &BoardRead::mac, "12 lower-case hex digits");
        member("path", &BoardRead::path, "of the file, which has mode 0600");
        member("bytes", &BoardRead::bytes, "that were read", in_bytes);
    }
};

struct BoardErased {
    std::string port;
    MacAddress mac;
    std::uint32_t offset;
    std::uint32_t bytes;

    static constexpr Summary summary{"board_erased", "`board erase`"};

    static constexpr void members(const auto& member) {
        member("port", &BoardErased::port, "that the board is on");
        member("mac", &BoardErased::mac, "12 lower-case hex digits");
        member("offset", &BoardErased::offset, "in flash, where it begins");
        member("bytes", &BoardErased::bytes, "that were erased", in_bytes);
    }
};

struct ImageWritten {
    std::string path;
    std::optional<std::uint64_t> files = {};
    std::optional<std::uint64_t> bytes = {};
    std::optional<std::uint64_t> pages_used = {};
    std::optional<std::uint64_t> pages_total = {};
    std::optional<bool> private_key = {};
    std::optional<bool> csv = {};
    std::optional<std::uint64_t> values = {};
    std::optional<std::string> keys = {};
    std::optional<std::string> hmac_key = {};

    static constexpr Summary summary{"image_written",
                                     "`image spiffs`, `image nvs` and `image partition-table`"};

    static constexpr void members(const auto& member) {
        member("path", &ImageWritten::path, "of the file");
        member("files", &ImageWritten::files, "SPIFFS: how many are in it");
        member("bytes", &ImageWritten::bytes, "SPIFFS: of their content", in_bytes);
        member("pages_used", &ImageWritten::pages_used, "SPIFFS, NVS: how many");
        member("pages_total", &ImageWritten::pages_total, "SPIFFS, NVS: how many");
        member("private_key", &ImageWritten::private_key,
               "SPIFFS, NVS: one is in it, and the image has mode 0600");
        member("csv", &ImageWritten::csv, "partition table: it is text");
        member("values", &ImageWritten::values, "NVS: how many are in it");
        member("keys", &ImageWritten::keys, "NVS: the file of the keys that were made for it");
        member("hmac_key", &ImageWritten::hmac_key,
               "NVS: the file of the HMAC key that was made for these");
    }
};

struct ImageUnpacked {
    std::string path;
    std::vector<std::string> files;
    bool private_key;

    static constexpr Summary summary{"image_unpacked", "`image unpack`"};

    static constexpr void members(const auto& member) {
        member("path", &ImageUnpacked::path, "of the folder");
        member("files", &ImageUnpacked::files, "that were in it");
        member("private_key", &ImageUnpacked::private_key,
               "one is among them, and the folder has mode 0700");
    }
};

struct FileWritten {
    std::string path;

    static constexpr Summary summary{
        "file_written", "`init`, `simulate firmware`, `image nvs decrypt` and `generate-key`"};

    static constexpr void members(const auto& member) {
        member("path", &FileWritten::path, "of the file");
    }
};

struct BoardReady {
    std::string port;
    std::optional<std::string> terminal = {};
    MacAddress mac;

    static constexpr Summary summary{"board_ready", "`simulate board`: a board may be opened"};

    static constexpr void members(const auto& member) {
        member("port", &BoardReady::port, "to name with `--port`");
        member("terminal", &BoardReady::terminal,
               "the pseudo-terminal behind it; of none with `--rfc2217`");
        member("mac", &BoardReady::mac, "12 lower-case hex digits");
    }
};

struct BenchReady {
    std::string directory;
    std::string hands;
    std::vector<std::string> bays;

    static constexpr Summary summary{"bench_ready", "`simulate bench`: boards can be put in"};

    static constexpr void members(const auto& member) {
        member("directory", &BenchReady::directory, "for `station.watch`");
        member("hands", &BenchReady::hands, "the socket that takes commands");
        member("bays", &BenchReady::bays, "their names");
    }
};

struct HandMoved {
    HandAction action = HandAction::put;
    std::optional<MacAddress> former = {};
    std::optional<double> seconds = {};
    std::optional<bool> long_enough = {};

    static constexpr Summary summary{
        "hand",
        "`simulate bench`: what was done at `bay`; `mac` is the board that is in it now, or "
        "was taken out"};

    static constexpr void members(const auto& member) {
        member("action", &HandMoved::action, "what");
        member("former", &HandMoved::former, "`swap`: the board that was in it before");
        member("seconds", &HandMoved::seconds,
               "`take`, `swap`: how long that one had been in, since it was put in or its cable "
               "was mended",
               in_seconds);
        member("long_enough", &HandMoved::long_enough,
               "likewise: as long as `--stay` says, with a whole cable");
    }
};

struct BayNamed {
    std::string place;
    std::string port;
    bool known = false;
    std::string former = {};

    static constexpr Summary summary{"bay_named",
                                     "`station setup`, and set-up in the page: what the bay at "
                                     "this place is called from now on"};

    static constexpr void members(const auto& member) {
        member("place", &BayNamed::place, "a USB path, or a port without one");
        member("port", &BayNamed::port, "that a board had there");
        member("known", &BayNamed::known, "it had that name before");
        member("former", &BayNamed::former, "what it was called until now; empty: nothing");
    }
};

struct RegistryServing {
    std::string endpoint_url;
    std::uint16_t mqtt_port;
    std::string region;
    std::string credentials;
    std::string root_ca;

    static constexpr Summary summary{"registry_serving", "`registry serve`: it answers"};

    static constexpr void members(const auto& member) {
        member("endpoint_url", &RegistryServing::endpoint_url, "of the control plane");
        member("mqtt_port", &RegistryServing::mqtt_port, "of the broker on this machine; 0: none");
        member("region", &RegistryServing::region, "that it plays");
        member("credentials", &RegistryServing::credentials, "path of the AWS credentials file");
        member("root_ca", &RegistryServing::root_ca, "path of the broker's root certificate");
    }
};

struct DemoFinished {
    std::uint64_t passed;
    std::uint64_t failed;
    std::vector<std::string> connected;
    std::string state;

    static constexpr Summary summary{"demo_finished", "`demo`"};

    static constexpr void members(const auto& member) {
        member("passed", &DemoFinished::passed, "how many boards");
        member("failed", &DemoFinished::failed, "how many boards");
        member("connected", &DemoFinished::connected, "MACs of those that the broker saw");
        member("state", &DemoFinished::state, "folder of `--state`, or empty");
    }
};

using BoardEvents = Group<BoardInfo, BoardFlashed, BoardCompared, BoardRead, BoardErased,
                          ImageWritten, ImageUnpacked, FileWritten, BoardReady, BenchReady,
                          HandMoved, BayNamed, RegistryServing, DemoFinished>;

}  // namespace imprint::events
