// Each event's JSON, byte for byte: names, members, order and words are an interface.
#include "events/json.h"

#include <gtest/gtest.h>
#include <set>

#include <nlohmann/json.hpp>

#include "events/csv.h"

namespace imprint::events {
namespace {

const WallTime some_time = WallTime(std::chrono::sys_days(std::chrono::year(2026) / 7 / 14)) +
                           std::chrono::hours(9) + std::chrono::minutes(30) +
                           std::chrono::milliseconds(125);
const MacAddress some_mac{{0x24, 0x6F, 0x28, 0xA1, 0xB2, 0xC3}};

LedgerBoard some_board() {
    return {.mac = some_mac,
            .thing = "t",
            .outcome = BoardStanding::passed,
            .lot = "A7",
            .certificate_id = "c",
            .certificate_state = {CertificateState::proven},
            .certificate_serial = "2a",
            .not_before = {some_time},
            .not_after = {},
            .chip = "esp32",
            .firmware = "f",
            .firmware_commit = "",
            .app_version = "1.0",
            .app_elf_sha256 = "e",
            .started = some_time,
            .ended = {},
            .station = "line \"1\", left",
            .bay = "bay0",
            .host = "h",
            .operator_name = "ann",
            .account = "123456789012",
            .region = "eu-west-1",
            .endpoint = "host",
            .attempts = 2,
            .code = "",
            .reason = "",
            .serial = "S1"};
}

struct Golden {
    Body body;
    std::string_view name;
    std::string_view members;
};

// One of each, with every member that it may have.
std::vector<Golden> golden() {
    return {
        {FirmwareUpdate{.from = "a1", .to = "b2", .commits = 3, .stash = ""}, "firmware_update",
         R"("from":"a1","to":"b2","commits":3,"stash":"")"},
        {FirmwareReady{.commit = "b2",
                       .chip = "ESP32",
                       .files = {"0x1000 boot.bin (3 bytes, SHA-256 ab)"},
                       .file_list = {{"boot.bin", 0x1000, 3, "ab"}}},
         "firmware_ready",
         R"-("commit":"b2","chip":"ESP32","files":["0x1000 boot.bin (3 bytes, SHA-256 ab)"],)-"
         R"("file_list":[{"path":"boot.bin","offset":4096,"size":3,"sha256":"ab"}])"},
        {Note{.text = "one \"thing\""}, "note", R"("text":"one \"thing\"")"},
        {RunStarted{.version = "0.1.0",
                    .boards = 2,
                    .lot = "A7",
                    .endpoint = "host",
                    .firmware_commit = "b2",
                    .bays = {"bay0", "bay1"}},
         "run_started",
         R"("version":"0.1.0","boards":2,"lot":"A7","endpoint":"host","firmware_commit":"b2",)"
         R"("bays":["bay0","bay1"],"watch":false,"app":"","app_version":"")"},
        {RunChanged{.lot = "A7", .firmware_commit = "b2", .app = "a", .app_version = "1"},
         "run_changed", R"("lot":"A7","firmware_commit":"b2","app":"a","app_version":"1")"},
        {PageReady{.url = "http://127.0.0.1:7625"}, "page_ready",
         R"("url":"http://127.0.0.1:7625")"},
        {SerialScanned{.serial = "TH-7"}, "serial_scanned", R"("serial":"TH-7")"},
        {BoardStarted{.port = "/dev/ttyUSB0"}, "board_started", R"("port":"/dev/ttyUSB0")"},
        {BoardIdentified{.chip = "ESP32", .revision = "v3.1", .flash_size = 4194304, .port = "p"},
         "board_identified", R"("chip":"ESP32","revision":"v3.1","flash_size":4194304,"port":"p")"},
        {BoardStep{.step = Step::verify}, "board_step", R"("step":"verify")"},
        {BoardProgress{.step = Step::firmware, .done = 1, .total = 5'000'000'000}, "board_progress",
         R"("step":"firmware","done":1,"total":5000000000)"},
        {BoardConsole{.port = "p", .line = "boot"}, "board_console", R"("port":"p","line":"boot")"},
        {BoardPassed{.thing = "t",
                     .certificate_id = "c",
                     .seconds = 12.34,
                     .retired = 1,
                     .retirement_owed = 0,
                     .queued = false,
                     .bytes_written = 4096},
         "board_passed",
         R"("thing":"t","certificate_id":"c","seconds":12.34,"retired":1,"retirement_owed":0,)"
         R"("queued":false,"bytes_written":4096)"},
        {BoardFailed{.kind = ErrorKind::board,
                     .code = "board_lost",
                     .reason = "it stopped answering",
                     .hint = "check the cable",
                     .certificate_state = CertificateFate::inactive},
         "board_failed",
         R"("kind":"board","code":"board_lost","reason":"it stopped answering",)"
         R"("mend":"check the cable","certificate_state":"inactive")"},
        {BoardSkipped{.thing = "t",
                      .certificate_id = "c",
                      .lot = "A7",
                      .passed = some_time,
                      .firmware = "f",
                      .other_firmware = true},
         "board_skipped",
         R"("thing":"t","certificate_id":"c","lot":"A7","passed":"2026-07-14T09:30:00.125Z",)"
         R"("firmware":"f","other_firmware":true)"},
        {BoardStopped{.certificate_state = CertificateFate::inactive}, "board_stopped",
         R"("certificate_state":"inactive")"},
        {BayChanged{.status = BayStatus::off,
                    .port = "/dev/ttyUSB0",
                    .code = "bay_off",
                    .reason = "r",
                    .hint = "h"},
         "bay_changed",
         R"("status":"off","port":"/dev/ttyUSB0","code":"bay_off","reason":"r","mend":"h",)"
         R"("in_a_row":0,"place":"")"},
        {BayEmpty{.reason = "nothing answers", .hint = "look"}, "bay_empty",
         R"("reason":"nothing answers","mend":"look")"},
        {RunFinished{.passed = 1,
                     .failed = 2,
                     .seconds = 3.5,
                     .skipped = 3,
                     .stopped = 4,
                     .empty = 5,
                     .results = {{"bay0", {some_mac}, AttemptOutcome::failed, "x"},
                                 {"bay1", {}, AttemptOutcome::empty, ""}}},
         "run_finished",
         R"("passed":1,"failed":2,"seconds":3.5,"skipped":3,"stopped":4,"empty":5,"results":[)"
         R"({"bay":"bay0","mac":"246f28a1b2c3","outcome":"failed","code":"x"},)"
         R"({"bay":"bay1","mac":"","outcome":"empty","code":""}])"},
        {CommandFailed{
             .kind = ErrorKind::interrupted, .code = "interrupted", .reason = "r", .hint = ""},
         "error", R"("kind":"interrupted","code":"interrupted","reason":"r","mend":"")"},
        {LogLine{.level = LogLevel::warning, .line = "slow"}, "log",
         R"("level":"warning","line":"slow")"},

        {BoardInfo{.port = "p",
                   .mac = some_mac,
                   .chip = "ESP32",
                   .revision = "v3.1",
                   .crystal_mhz = 40,
                   .flash_id = "164020",
                   .flash_size = 4194304,
                   .flash_size_told = 4194304,
                   .security_known = true,
                   .secure_boot = false,
                   .flash_encryption = true,
                   .flash_encryption_release = false,
                   .encrypted_writes = true,
                   .secure_download_mode = false,
                   .keys = {"k"},
                   .nvs = "not encrypted",
                   .stub = true,
                   .baud = 921600,
                   .nvs_protection = NvsProtection::plain},
         "board_info",
         R"("port":"p","mac":"246f28a1b2c3","chip":"ESP32","revision":"v3.1","crystal_mhz":40,)"
         R"("flash_id":"164020","flash_size":4194304,"flash_size_told":4194304,)"
         R"("security_known":true,"secure_boot":false,"flash_encryption":true,)"
         R"("flash_encryption_release":false,"encrypted_writes":true,)"
         R"("secure_download_mode":false,"keys":["k"],"nvs":"not encrypted","stub":true,)"
         R"("baud":921600,"nvs_protection":"plain")"},
        {BoardFlashed{.port = "p",
                      .mac = some_mac,
                      .files = 3,
                      .bytes = 8192,
                      .written = 4096,
                      .encrypted = 0,
                      .started = true},
         "board_flashed",
         R"("port":"p","mac":"246f28a1b2c3","files":3,"bytes":8192,"written":4096,)"
         R"("encrypted":0,"started":true)"},
        {BoardCompared{.port = "p",
                       .mac = some_mac,
                       .differs = 4096,
                       .files = {"app.bin"},
                       .to_send = 2000,
                       .seconds = 0.25},
         "board_compared",
         R"("port":"p","mac":"246f28a1b2c3","differs":4096,"files":["app.bin"],)"
         R"("to_send":2000,"seconds":0.25)"},
        {BoardRead{.port = "p", .mac = some_mac, .path = "flash.bin", .bytes = 16}, "board_read",
         R"("port":"p","mac":"246f28a1b2c3","path":"flash.bin","bytes":16)"},
        {BoardErased{.port = "p", .mac = some_mac, .offset = 4096, .bytes = 8192}, "board_erased",
         R"("port":"p","mac":"246f28a1b2c3","offset":4096,"bytes":8192)"},
        {ImageWritten{.path = "i.bin",
                      .files = 2,
                      .bytes = 10,
                      .pages_used = 3,
                      .pages_total = 30,
                      .private_key = true,
                      .csv = false},
         "image_written",
         R"("path":"i.bin","files":2,"bytes":10,"pages_used":3,"pages_total":30,)"
         R"("private_key":true,"csv":false)"},
        {ImageUnpacked{.path = "d", .files = {"/a"}, .private_key = false}, "image_unpacked",
         R"("path":"d","files":["/a"],"private_key":false)"},
        {FileWritten{.path = "imprint.toml"}, "file_written", R"("path":"imprint.toml")"},
        {BoardReady{.port = "bays/bay0", .terminal = "/dev/pts/3", .mac = some_mac}, "board_ready",
         R"("port":"bays/bay0","terminal":"/dev/pts/3","mac":"246f28a1b2c3")"},
        {BenchReady{.directory = "bench", .hands = "bench/hands.sock", .bays = {"1", "2"}},
         "bench_ready", R"("directory":"bench","hands":"bench/hands.sock","bays":["1","2"])"},
        {HandMoved{
             .action = HandAction::swap, .former = some_mac, .seconds = 12.5, .long_enough = false},
         "hand", R"("action":"swap","former":"246f28a1b2c3","seconds":12.5,"long_enough":false)"},
        {BayNamed{.place = "1-2.3", .port = "/dev/ttyUSB0", .known = true}, "bay_named",
         R"("place":"1-2.3","port":"/dev/ttyUSB0","known":true,"former":"")"},
        {RegistryServing{.endpoint_url = "http://127.0.0.1:1",
                         .mqtt_port = 8883,
                         .region = "eu-west-1",
                         .credentials = "c",
                         .root_ca = "r"},
         "registry_serving",
         R"("endpoint_url":"http://127.0.0.1:1","mqtt_port":8883,"region":"eu-west-1",)"
         R"("credentials":"c","root_ca":"r")"},
        {DemoFinished{.passed = 4, .failed = 0, .connected = {"246f28a1b2c3"}, .state = ""},
         "demo_finished", R"("passed":4,"failed":0,"connected":["246f28a1b2c3"],"state":"")"},

        {Thing{.thing = "t",
               .arn = "arn",
               .thing_type = "lamp",
               .attributes = {"a=1", "b=2 c=3"},
               .groups = {"g"},
               .certificates = {"c ACTIVE"},
               .attribute_map = {{"a", "1"}, {"b", "2 c=3"}},
               .certificate_list = {{.certificate_id = "c",
                                     .status = RegistryStatus::active,
                                     .created = some_time,
                                     .policies = {"p"}}}},
         "thing",
         R"("thing":"t","arn":"arn","thing_type":"lamp","attributes":["a=1","b=2 c=3"],)"
         R"("groups":["g"],"certificates":["c ACTIVE"],"attribute_map":{"a":"1","b":"2 c=3"},)"
         R"("certificate_list":[{"certificate_id":"c","status":"ACTIVE",)"
         R"("created":"2026-07-14T09:30:00.125Z","policies":["p"]}])"},
        {Minted{.made = 5, .there_before = 1, .seconds = 0.5, .folder = "minted"}, "minted",
         R"("made":5,"there_before":1,"seconds":0.5,"folder":"minted")"},
        {Exported{.format = "bulk", .count = 5, .file = "f", .template_file = "f.template.json"},
         "exported", R"("format":"bulk","count":5,"file":"f","template":"f.template.json")"},
        {RegisterFailed{
             .thing = "t", .certificate_id = "c", .code = "x", .reason = "r", .hint = "m"},
         "register_failed",
         R"("thing":"t","certificate_id":"c","code":"x","reason":"r","mend":"m")"},
        {Registered{.registered = 1, .failed = 2, .left = 3, .seconds = 4}, "registered",
         R"("registered":1,"failed":2,"left":3,"seconds":4.0)"},
        {AuthorityRegistered{.certificate_id = "c",
                             .there_before = false,
                             .just_in_time = true,
                             .by_template = false},
         "authority_registered",
         R"("certificate_id":"c","there_before":false,"just_in_time":true,"by_template":false)"},
        {PolicyFinding{.code = "wide_open", .statement = 1, .text = "t"}, "policy_finding",
         R"("code":"wide_open","statement":1,"text":"t")"},
        {PolicyDecision{.allowed = false,
                        .outcome = PolicyOutcome::implicitly_denied,
                        .action = "iot:Publish",
                        .resource = "arn",
                        .statement = 0,
                        .why = "w"},
         "policy_decision",
         R"("allowed":false,"outcome":"implicitly denied","action":"iot:Publish",)"
         R"("resource":"arn","statement":0,"why":"w")"},
        {PolicyPut{.policy = "p", .change = PolicyChange::added, .version = "3", .pruned = ""},
         "policy_put", R"("policy":"p","change":"added","version":"3","pruned":"")"},
        {PolicyVersion{.policy = "p", .version = "3", .is_default = true, .created = some_time},
         "policy_version",
         R"("policy":"p","version":"3","default":true,"created":"2026-07-14T09:30:00.125Z")"},
        {Rotation{.thing = "t",
                  .state = RotationState::staged,
                  .certificate_id = "c",
                  .retired = 0,
                  .image = "images/t.bin",
                  .offset = 0x110000,
                  .size = 0xF0000,
                  .reason = "r"},
         "rotation",
         R"("thing":"t","state":"staged","certificate_id":"c","retired":0,)"
         R"("image":"images/t.bin","offset":1114112,"size":983040,"reason":"r")"},
        {RegistrationQueued{
             .thing = "t", .certificate_id = "c", .since = some_time, .superseded = false},
         "registration_queued",
         R"("thing":"t","certificate_id":"c","since":"2026-07-14T09:30:00.125Z",)"
         R"("superseded":false)"},
        {Pushed{.thing = "t", .certificate_id = "c", .superseded = false, .retired = 1}, "pushed",
         R"("thing":"t","certificate_id":"c","superseded":false,"retired":1)"},
        {PushFailed{.thing = "t", .certificate_id = "c", .code = "x", .reason = "r", .hint = "m"},
         "push_failed", R"("thing":"t","certificate_id":"c","code":"x","reason":"r","mend":"m")"},
        {PushFinished{.pushed = 1, .superseded = 2, .failed = 3, .left = 4}, "push_finished",
         R"("pushed":1,"superseded":2,"failed":3,"left":4)"},
        {ThingRetired{.thing = "t", .reason = "lost", .certificates = {"c"}, .thing_deleted = true},
         "thing_retired",
         R"("thing":"t","reason":"lost","certificates":["c"],"thing_deleted":true)"},
        {Leftover{.kind = LeftoverKind::unused_certificate,
                  .thing = "t",
                  .certificate_id = "c",
                  .status = {RegistryStatus::inactive},
                  .ours = true,
                  .why = "w",
                  .action = "removed",
                  .cause = LeftoverCause::never_proven,
                  .outcome = LeftoverAction::removed,
                  .created = some_time},
         "leftover",
         R"("kind":"unused_certificate","thing":"t","certificate_id":"c","status":"INACTIVE",)"
         R"("ours":true,"why":"w","action":"removed","cause":"never_proven",)"
         R"("outcome":"removed","created":"2026-07-14T09:30:00.125Z")"},
        {SweepFinished{.found = 3, .ours = 2, .removed = 1}, "sweep_finished",
         R"("found":3,"ours":2,"removed":1)"},
        {Difference{.thing = "t",
                    .certificate_id = "c",
                    .in_ledger = "proven",
                    .in_registry = "ACTIVE, without the policy p",
                    .hint = "m",
                    .kind = DifferenceKind::without_policy,
                    .status = RegistryStatus::active,
                    .arn = "arn",
                    .replaced_by = "d",
                    .policy = "p",
                    .other_thing = "u"},
         "difference",
         R"("thing":"t","certificate_id":"c","in_ledger":"proven",)"
         R"("in_registry":"ACTIVE, without the policy p","mend":"m","kind":"without_policy",)"
         R"("status":"ACTIVE","arn":"arn","replaced_by":"d","policy":"p","other_thing":"u")"},
        {Reconciled{.certificates = 3, .differences = 1, .waiting = 0}, "reconciled",
         R"("certificates":3,"differences":1,"waiting":0)"},

        {ConfigValue{.key = "station.baud", .value = "115200", .origin = "default"}, "config_value",
         R"("key":"station.baud","value":"115200","origin":"default")"},
        {Check{.name = "ledger",
               .health = Health::warning,
               .found = "f",
               .hint = "m",
               .code = "",
               .facts = {{"path", "l.sqlite"}}},
         "check",
         R"("name":"ledger","health":"warn","found":"f","mend":"m","code":"",)"
         R"("facts":{"path":"l.sqlite"})"},
        {LedgerAttempt{.attempt = 1,
                       .run = 2,
                       .mac = {some_mac},
                       .bay = "bay0",
                       .lot = "A7",
                       .chip = "esp32",
                       .thing = "t",
                       .certificate_id = "c",
                       .firmware = "f",
                       .firmware_commit = "b2",
                       .app_version = "1.0",
                       .started = some_time,
                       .ended = {some_time},
                       .outcome = AttemptOutcome::passed,
                       .code = "",
                       .reason = "",
                       .certificate_state = {CertificateState::proven},
                       .station = "line 1",
                       .host = "h",
                       .operator_name = "ann",
                       .account = "123456789012",
                       .region = "eu-west-1",
                       .merged = true,
                       .serial = "S1",
                       .verdict = BoardVerdict::passed,
                       .golden = false},
         "ledger_attempt",
         R"("attempt":1,"run":2,"mac":"246f28a1b2c3","bay":"bay0","lot":"A7","chip":"esp32",)"
         R"("thing":"t","certificate_id":"c","firmware":"f","firmware_commit":"b2",)"
         R"("app_version":"1.0","started":"2026-07-14T09:30:00.125Z",)"
         R"("ended":"2026-07-14T09:30:00.125Z","outcome":"passed","code":"","reason":"",)"
         R"("certificate_state":"proven","station":"line 1","host":"h","operator":"ann",)"
         R"("account":"123456789012","region":"eu-west-1","merged":true,"serial":"S1",)"
         R"("verdict":"passed","golden":false)"},
        {some_board(), "ledger_board",
         R"("mac":"246f28a1b2c3","thing":"t","outcome":"passed","lot":"A7","certificate_id":"c",)"
         R"("certificate_state":"proven","certificate_serial":"2a",)"
         R"("not_before":"2026-07-14T09:30:00.125Z","not_after":"","chip":"esp32","firmware":"f",)"
         R"("firmware_commit":"","app_version":"1.0","app_elf_sha256":"e",)"
         R"("started":"2026-07-14T09:30:00.125Z","ended":"","station":"line \"1\", left",)"
         R"("bay":"bay0","host":"h","operator":"ann","account":"123456789012",)"
         R"("region":"eu-west-1","endpoint":"host","attempts":2,"code":"","reason":"",)"
         R"("serial":"S1")"},
        {LabelWritten{.path = "label.pdf", .format = "pdf", .boards = {"246f28a1b2c3"}},
         "label_written", R"("path":"label.pdf","format":"pdf","boards":["246f28a1b2c3"])"},
        {LabelPrinted{.printer = "tcp://p", .waiting = 2}, "label_printed",
         R"("printer":"tcp://p","waiting":2)"},
        {LabelTrouble{.printer = "tcp://p",
                      .code = "label_printer",
                      .reason = "r",
                      .hint = "h",
                      .waiting = 3,
                      .given_up = true},
         "label_trouble",
         R"("printer":"tcp://p","code":"label_printer","reason":"r","mend":"h",)"
         R"("waiting":3,"given_up":true)"},
        {PageUser{.name = "anna", .role = UserRole::engineer, .change = UserChange::added},
         "page_user", R"("name":"anna","role":"engineer","change":"added")"},
        {LedgerMerged{.path = "o",
                      .runs = 1,
                      .attempts = 2,
                      .certificates = 3,
                      .changed = 4,
                      .lots = 5,
                      .serials = 6,
                      .conflicts = {"one"}},
         "ledger_merged",
         R"("path":"o","runs":1,"attempts":2,"certificates":3,"changed":4,"lots":5,"serials":6,)"
         R"("conflicts":["one"])"},
        {Lot{.name = "order-17",
             .code = "4711",
             .state = {LotState::open},
             .target = 250,
             .opened = {some_time},
             .since = {some_time},
             .chip = "esp32",
             .least_revision = "v0.1",
             .most_revision = "",
             .flash_size = 4194304,
             .firmware = "f",
             .serial_template = "S{number}",
             .failed_serial = "keep",
             .golden = {"246f28a1b2c3"},
             .merged = false,
             .boards = 4,
             .passed = 3,
             .failed = 1,
             .error = 0,
             .aborted = 0,
             .running = 0,
             .first_passed = 3,
             .first_failed = 1,
             .unidentified = 2,
             .first_pass_yield = 0.75},
         "lot",
         R"("name":"order-17","code":"4711","state":"open","target":250,)"
         R"("opened":"2026-07-14T09:30:00.125Z","since":"2026-07-14T09:30:00.125Z",)"
         R"("chip":"esp32","least_revision":"v0.1","most_revision":"","flash_size":4194304,)"
         R"("firmware":"f","serial_template":"S{number}","failed_serial":"keep",)"
         R"("golden":["246f28a1b2c3"],"merged":false,"boards":4,"passed":3,"failed":1,"error":0,)"
         R"("aborted":0,"running":0,"first_passed":3,"first_failed":1,"unidentified":2,)"
         R"("first_pass_yield":0.75)"},
        {LotBoard{.lot = "order-17",
                  .mac = some_mac,
                  .serial = "S1",
                  .verdict = BoardVerdict::passed,
                  .first = BoardVerdict::failed,
                  .golden = false,
                  .thing = "t",
                  .certificate_id = "c",
                  .certificate_state = {CertificateState::proven},
                  .chip = "esp32",
                  .firmware = "f",
                  .firmware_commit = "b2",
                  .app_version = "1.0",
                  .started = some_time,
                  .ended = {some_time},
                  .attempts = 2,
                  .operator_name = "ann",
                  .bay = "bay0",
                  .station = "line 1",
                  .host = "h",
                  .code = "",
                  .reason = ""},
         "lot_board",
         R"("lot":"order-17","mac":"246f28a1b2c3","serial":"S1","verdict":"passed",)"
         R"("first":"failed","golden":false,"thing":"t","certificate_id":"c",)"
         R"("certificate_state":"proven","chip":"esp32","firmware":"f","firmware_commit":"b2",)"
         R"("app_version":"1.0","started":"2026-07-14T09:30:00.125Z",)"
         R"("ended":"2026-07-14T09:30:00.125Z","attempts":2,"operator":"ann","bay":"bay0",)"
         R"("station":"line 1","host":"h","code":"","reason":"")"},
        {LedgerFile{.run = 2, .path = "a", .offset = 4096, .size = 3, .sha256 = "ab"},
         "ledger_file", R"("run":2,"path":"a","offset":4096,"size":3,"sha256":"ab")"},
        {LedgerCertificate{.mac = some_mac,
                           .certificate_id = "c",
                           .state = CertificateState::overwritten,
                           .requested = some_time,
                           .policy = "p",
                           .deactivation_owed = true},
         "ledger_certificate",
         R"("mac":"246f28a1b2c3","certificate_id":"c","state":"overwritten",)"
         R"("requested":"2026-07-14T09:30:00.125Z","policy":"p","deactivation_owed":true)"},
        {LedgerRetirement{.thing = "t",
                          .reason = "lost",
                          .intended = some_time,
                          .done = {},
                          .certificates = "c d",
                          .certificate_list = {"c", "d"}},
         "ledger_retirement",
         R"("thing":"t","reason":"lost","intended":"2026-07-14T09:30:00.125Z","done":"",)"
         R"("certificates":"c d","certificate_list":["c","d"])"},
        {LedgerRun{.run = 7,
                   .command = "registry push",
                   .version = "1",
                   .lot = "",
                   .started = some_time,
                   .ended = {},
                   .running = true,
                   .passed = 2,
                   .failed = 1,
                   .effects = 9,
                   .station = "line 1",
                   .host = "h",
                   .operator_name = "ann",
                   .account = "1",
                   .region = "r"},
         "ledger_run",
         R"("run":7,"command":"registry push","version":"1","lot":"",)"
         R"("started":"2026-07-14T09:30:00.125Z","ended":"","running":true,"passed":2,)"
         R"("failed":1,"effects":9,"station":"line 1","host":"h","operator":"ann",)"
         R"("account":"1","region":"r","merged":false)"},
        {LedgerEffect{.effect = 4,
                      .run = 7,
                      .attempt = 0,
                      .kind = "activate",
                      .subject = "c",
                      .intended = some_time,
                      .done = {some_time},
                      .result = "done"},
         "ledger_effect",
         R"("effect":4,"run":7,"attempt":0,"kind":"activate","subject":"c",)"
         R"("intended":"2026-07-14T09:30:00.125Z","done":"2026-07-14T09:30:00.125Z",)"
         R"("result":"done")"},
    };
}

TEST(JsonTest, of_each_event_is_what_it_always_was) {
    for (const auto& one : golden())
        EXPECT_EQ(to_json({some_time, {}, {}, one.body}),
                  "{\"v\":1,\"event\":\"" + std::string(one.name) +
                      "\",\"time\":\"2026-07-14T09:30:00.125Z\"," + std::string(one.members) + '}');
}

TEST(JsonTest, is_known_of_every_event_there_is) {
    std::set<const Summary*> seen;
    for (const auto& one : golden())
        EXPECT_TRUE(seen.insert(&one.body.summary()).second) << one.name;
    const auto count = []<EventBody... Bodies>(Group<Bodies...>) { return sizeof...(Bodies); };
    EXPECT_EQ(seen.size(), count(AllEvents()));
}

TEST(JsonTest, names_bay_and_board_before_the_members) {
    EXPECT_EQ(to_json({some_time, "bay0", some_mac, BoardStep{.step = Step::queue}}),
              R"({"v":1,"event":"board_step","time":"2026-07-14T09:30:00.125Z","bay":"bay0",)"
              R"("mac":"246f28a1b2c3","step":"queue"})");
}

TEST(JsonTest, leaves_out_what_is_not_known) {
    EXPECT_EQ(
        to_json({some_time,
                 "bay0",
                 {},
                 BoardFailed{.kind = ErrorKind::bug, .code = "c", .reason = "r", .hint = ""}}),
        R"({"v":1,"event":"board_failed","time":"2026-07-14T09:30:00.125Z","bay":"bay0",)"
        R"("kind":"bug","code":"c","reason":"r","mend":""})");
    // In secure download mode.
    EXPECT_EQ(to_json({some_time,
                       {},
                       {},
                       BoardInfo{.port = "p",
                                 .chip = "ESP32-C3",
                                 .security_known = true,
                                 .secure_boot = false,
                                 .flash_encryption = false,
                                 .secure_download_mode = true,
                                 .keys = {}}}),
              R"({"v":1,"event":"board_info","time":"2026-07-14T09:30:00.125Z","port":"p",)"
              R"("chip":"ESP32-C3","security_known":true,"secure_boot":false,)"
              R"("flash_encryption":false,"secure_download_mode":true,"keys":[]})");
}

TEST(JsonTest, has_an_empty_string_where_it_always_had_one) {
    const std::string line = to_json({some_time,
                                      {},
                                      {},
                                      Leftover{.kind = LeftoverKind::bare_thing,
                                               .thing = "t",
                                               .certificate_id = "",
                                               .status = {},
                                               .ours = false,
                                               .why = "w",
                                               .action = "left alone",
                                               .cause = LeftoverCause::no_certificate,
                                               .outcome = LeftoverAction::left_alone}});
    EXPECT_TRUE(line.contains(R"("certificate_id":"","status":"","ours":false)")) << line;
    EXPECT_FALSE(line.contains("created")) << line;
}

TEST(JsonTest, does_not_hold_what_a_person_reads_instead) {
    Event event{some_time, {}, {}, FileWritten{.path = "a"}};
    event.text = "wrote a\n";
    EXPECT_FALSE(to_json(event).contains("wrote"));
}

TEST(JsonTest, stays_one_valid_line_whatever_a_board_prints) {
    std::string hostile;
    for (int byte = 0; byte < 256; ++byte)
        hostile += static_cast<char>(byte);
    const std::string line = to_json({some_time, hostile, {}, BoardConsole{.line = hostile}});
    EXPECT_EQ(line.find('\n'), std::string::npos);
    EXPECT_TRUE(nlohmann::json::accept(line));
}

TEST(CsvTest, no_control_character_and_nothing_but_utf8_gets_into_a_list) {
    LedgerBoard board = some_board();
    board.lot = "\x1b[2J\x1b]0;x\x07";
    board.bay =
        "\xff\xfe"
        "a\xc3\xbc";
    board.station =
        "\xc2\x9b"
        "2J\x7f";
    board.reason = "two\nlines";
    const std::string line = csv_line(board);
    EXPECT_TRUE(line.contains(",?[2J?]0;x?,")) << line;
    EXPECT_TRUE(
        line.contains(",\xEF\xBF\xBD\xEF\xBF\xBD"
                      "a\xc3\xbc,"))
        << line;
    EXPECT_TRUE(line.contains(",?2J?,")) << line;
    EXPECT_TRUE(line.contains(",\"two\nlines\",S1\r\n")) << line;
}

TEST(CsvTest, a_boards_members_are_columns_and_what_would_break_a_line_is_in_quotes) {
    EXPECT_TRUE(csv_head<LedgerBoard>().starts_with("mac,thing,outcome,lot,certificate_id,"));
    EXPECT_TRUE(csv_head<LedgerBoard>().ends_with(",attempts,code,reason,serial\r\n"));
    EXPECT_EQ(csv_line(some_board()),
              "246f28a1b2c3,t,passed,A7,c,proven,2a,2026-07-14T09:30:00.125Z,,esp32,f,,1.0,e,"
              "2026-07-14T09:30:00.125Z,,\"line \"\"1\"\", left\",bay0,h,ann,123456789012,"
              "eu-west-1,host,2,,,S1\r\n");
    EXPECT_EQ(csv_cell("a\nb"), "\"a\nb\"");
    EXPECT_EQ(csv_cell("plain text"), "plain text");
}

}  // namespace
}  // namespace imprint::events
