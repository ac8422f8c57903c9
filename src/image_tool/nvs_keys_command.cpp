// Keys for NVS partitions: made, kept in files, found again.
#include <ctime>
#include <fmt/format.h>
#include <system_error>

#include "base/files.h"
#include "image_tool/nvs_commands.h"
#include "image_tool/nvs_new_keys.h"
#include "image_tool/output_folder.h"

namespace imprint::image_tool {

namespace {

namespace fs = std::filesystem;
using image::nvs::Keys;

std::unexpected<Error> misused_keys(std::string message, std::string hint = {}) {
    return fail(ErrorKind::usage, "bad_usage", std::move(message), std::move(hint));
}

Result<void> check_options(const NvsKeyCommand& command) {
    const bool names_hmac = command.kp_hmac_keygen || !command.kp_hmac_inputkey.empty() ||
                            !command.kp_hmac_keyfile.empty();
    if (!command.key_protect_hmac && names_hmac)
        return misused_keys("an HMAC key has a meaning only with --key_protect_hmac",
                            "say it as well, or leave the others out");
    if (!command.key_protect_hmac) return {};
    if (command.kp_hmac_keygen == !command.kp_hmac_inputkey.empty())
        return misused_keys(
            "--key_protect_hmac takes one of --kp_hmac_keygen and "
            "--kp_hmac_inputkey");
    if (!command.kp_hmac_keygen && !command.kp_hmac_keyfile.empty())
        return misused_keys("--kp_hmac_keyfile is where --kp_hmac_keygen writes its key");
    return {};
}

// "keys-07-14_09-30.bin"
std::string dated_name(WallTime now) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    std::tm local{};
    static_cast<void>(::localtime_r(&seconds, &local));
    return fmt::format("keys-{:02}-{:02}_{:02}-{:02}.bin", local.tm_mon + 1, local.tm_mday,
                       local.tm_hour, local.tm_min);
}

fs::path in_keys_folder(const NvsKeyCommand& command, fs::path name) {
    if (!name.has_extension()) name += ".bin";
    return command.outdir / "keys" / name;
}

// Keys that are gone make each board that has them unreadable.
Result<void> check_is_new(const fs::path& path) {
    std::error_code error;
    if (!fs::exists(fs::symlink_status(path, error))) return {};
    return fail(
        ErrorKind::usage, "nvs_keys_exist",
        fmt::format("{} is there already, and may be the only copy of its keys", path.string()),
        "name another file, or move this one away");
}

Result<Secret> read_secret(const fs::path& path) {
    IMPRINT_TRY(Bytes bytes, read_file(path));
    return Secret(std::move(bytes));
}

Result<void> write_key(const fs::path& path, const Secret& key) {
    const fs::path folder = path.parent_path();
    std::error_code error;
    if (!folder.empty() && !fs::exists(folder, error)) {
        IMPRINT_CHECK(make_parent(folder));
        IMPRINT_CHECK(make_private_directory(folder));
    }
    return write_file(path, key.reveal(), FileMode::secret);
}

}  // namespace

Result<Keys> read_nvs_keys(const fs::path& file) {
    IMPRINT_TRY(const Secret bytes, read_secret(file));
    auto keys = Keys::parse(bytes);
    if (!keys) return with_context(std::move(keys).error(), file.string());
    return keys;
}

Result<NewKeys> new_nvs_keys(const NvsKeyCommand& command) {
    IMPRINT_CHECK(check_options(command));
    const fs::path name =
        command.keyfile.empty() ? fs::path(dated_name(command.now)) : command.keyfile;
    NewKeys made{Keys::random(), in_keys_folder(command, name), {}, {}};
    IMPRINT_CHECK(check_is_new(made.keyfile));
    if (!command.key_protect_hmac) return made;
    if (command.kp_hmac_keygen) {
        fs::path default_name = name.parent_path() / "hmac-";
        default_name += name.filename();
        made.hmac_keyfile = in_keys_folder(
            command, command.kp_hmac_keyfile.empty() ? default_name : command.kp_hmac_keyfile);
        IMPRINT_CHECK(check_is_new(made.hmac_keyfile));
        made.hmac_key = random_secret(image::nvs::hmac_key_size);
    } else {
        IMPRINT_TRY(made.hmac_key, read_secret(command.kp_hmac_inputkey));
    }
    auto keys = Keys::of_hmac_key(made.hmac_key);
    if (!keys) return with_context(std::move(keys).error(), command.kp_hmac_inputkey.string());
    made.keys = std::move(*keys);
    return made;
}

Result<void> keep(const NewKeys& made) {
    if (!made.hmac_keyfile.empty()) IMPRINT_CHECK(write_key(made.hmac_keyfile, made.hmac_key));
    auto written = write_key(made.keyfile, made.keys.partition());
    if (!written) drop(made);
    return written;
}

void drop(const NewKeys& made) {
    std::error_code ignored;
    fs::remove(made.keyfile, ignored);
    if (!made.hmac_keyfile.empty()) fs::remove(made.hmac_keyfile, ignored);
}

Result<NvsReport> generate_nvs_key(const NvsKeyCommand& command) {
    IMPRINT_TRY(const NewKeys made, new_nvs_keys(command));
    IMPRINT_CHECK(keep(made));
    NvsReport report;
    report.keyfile = made.keyfile;
    report.hmac_keyfile = made.hmac_keyfile;
    return report;
}

}  // namespace imprint::image_tool
