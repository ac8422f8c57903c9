#include <fmt/format.h>
#include <memory>

#include "cli/commands.h"
#include "image_tool/commands.h"
#include "image_tool/nvs_commands.h"

namespace imprint::cli {

namespace {

using namespace image_tool;

// Of a command that makes an image: INPUT… OUTPUT SIZE, as nvs_partition_gen.py has them.
struct NvsImageOptions {
    std::filesystem::path first;
    std::string second;
    std::string third;
    std::vector<std::string> more;
    std::string version = "2";
    bool full_pages = false;
    std::filesystem::path outdir;

    // Of all these words the last two are output and size.
    [[nodiscard]] Result<NvsCommand> command() const {
        std::vector<std::string> words{first.string(), second, third};
        words.insert(words.end(), more.begin(), more.end());
        NvsCommand command;
        IMPRINT_TRY(command.size, parse_size(words.back()));
        command.output = words[words.size() - 2];
        command.inputs.assign(words.begin(), words.end() - 2);
        command.version = version == "1" ? image::nvs::Version::one : image::nvs::Version::two;
        command.full_pages = full_pages;
        command.outdir = outdir;
        return command;
    }
};

struct NvsKeyOptions {
    NvsKeyCommand command;
    bool keygen = false;
    std::filesystem::path inputkey;
};

void add_image_options(Command& command, NvsImageOptions& options) {
    command.option({"INPUT", "FILE", "CSV: key,type,encoding,value", true}, &options.first);
    command.option({"OUTPUT", "FILE", "image to write", true}, &options.second);
    command.option({"SIZE", "SIZE", "of the partition: 0x6000, 24K", true}, &options.third);
    command.option({"MORE", "FILE",
                    "of all words the last two are OUTPUT and SIZE, and the others "
                    "CSV files that are read as one"},
                   &options.more);
    command.option({.names = "--version",
                    .type = "N",
                    .meaning = "how blobs are kept: 1, in one page; 2, over several (2)",
                    .choices = {"1", "2"}},
                   &options.version);
    command.option(
        {"--full-pages", "", "mark each page as full, as nvs_partition_gen.py before 0.1.7 does"},
        &options.full_pages);
}

void add_key_options(Command& command, NvsKeyCommand& keys) {
    command.option(
        {"--keyfile", "FILE", "where new keys go, in the folder keys (named by the time)"},
        &keys.keyfile);
    command.option({"--key_protect_hmac", "", "derive the keys as a chip does from an HMAC key"},
                   &keys.key_protect_hmac);
    command.option({"--kp_hmac_keygen", "", "make that HMAC key, too"}, &keys.kp_hmac_keygen);
    command.option({"--kp_hmac_keyfile", "FILE", "where it goes, in the folder keys"},
                   &keys.kp_hmac_keyfile);
    command.option({"--kp_hmac_inputkey", "FILE", "the HMAC key, 32 bytes"},
                   &keys.kp_hmac_inputkey);
}

void add_outdir(Command& command, std::filesystem::path& outdir) {
    command.option({"--outdir", "DIR", "where files go that have no absolute path (here)"},
                   &outdir);
}

// "keys/keys-07-14_09-30.bin, mode 0600"
std::string keys_text(const NvsReport& report) {
    std::string text;
    if (!report.keyfile.empty())
        text += fmt::format("{}: the keys, mode 0600\n", report.keyfile.string());
    if (!report.hmac_keyfile.empty())
        text += fmt::format("{}: the HMAC key, mode 0600\n", report.hmac_keyfile.string());
    return text;
}

std::optional<std::string> path_or_none(const std::filesystem::path& path) {
    return path.empty() ? std::nullopt : std::optional(path.string());
}

int show_image(Context& context, const NvsReport& report) {
    for (const auto& warning : report.warnings)
        context.log.warning("{}", warning);
    context.show(events::ImageWritten{.path = report.output.string(),
                                      .pages_used = report.usage.pages_used,
                                      .pages_total = report.usage.pages_total,
                                      .private_key = report.secret,
                                      .values = report.values,
                                      .keys = path_or_none(report.keyfile),
                                      .hmac_key = path_or_none(report.hmac_keyfile)},
                 fmt::format("{}: {} values, {} of {} pages used{}\n{}", report.output.string(),
                             report.values, report.usage.pages_used, report.usage.pages_total,
                             report.secret ? "; mode 0600, for the private key in it" : "",
                             keys_text(report)));
    return 0;
}

void add_generate(Command& group) {
    const auto options = std::make_shared<NvsImageOptions>();
    Command command = group.command("generate", "Make an NVS partition of a CSV.",
                                    "imprint image nvs generate factory.csv nvs.bin 0x6000");
    add_image_options(command, *options);
    add_outdir(command, options->outdir);
    command.common_options().act([options](Context& context) -> Result<int> {
        IMPRINT_TRY(const NvsCommand image, options->command());
        IMPRINT_TRY(const NvsReport report, generate_nvs(image));
        return show_image(context, report);
    });
}

void add_encrypt(Command& group) {
    const auto image = std::make_shared<NvsImageOptions>();
    const auto keys = std::make_shared<NvsKeyOptions>();
    Command command = group.command(
        "encrypt", "Make an encrypted NVS partition of a CSV.",
        "imprint image nvs encrypt factory.csv nvs.bin 0x6000 --keygen --keyfile nvs_keys.bin\n"
        "imprint image nvs encrypt factory.csv nvs.bin 0x6000 --inputkey keys/nvs_keys.bin");
    add_image_options(command, *image);
    command.option({"--keygen", "", "with new keys"}, &keys->keygen);
    command.option({"--inputkey", "FILE", "with these keys"}, &keys->inputkey);
    add_key_options(command, keys->command);
    add_outdir(command, image->outdir);
    command.common_options().act([image, keys](Context& context) -> Result<int> {
        NvsEncryptCommand encrypt;
        IMPRINT_TRY(encrypt.image, image->command());
        encrypt.keygen = keys->keygen;
        encrypt.inputkey = keys->inputkey;
        encrypt.keys = keys->command;
        encrypt.keys.outdir = image->outdir;
        encrypt.keys.now = context.clock.wall();
        IMPRINT_TRY(const NvsReport report, encrypt_nvs(encrypt));
        return show_image(context, report);
    });
}

void add_decrypt(Command& group) {
    const auto options = std::make_shared<NvsDecryptCommand>();
    Command command =
        group.command("decrypt", "Make a plain NVS partition of an encrypted one.",
                      "imprint image nvs decrypt nvs.bin keys/nvs_keys.bin plain.bin");
    command.option({"INPUT", "FILE", "encrypted partition", true}, &options->input);
    command.option({"KEY", "FILE", "its keys", true}, &options->key);
    command.option({"OUTPUT", "FILE", "plain partition to write, with mode 0600", true},
                   &options->output);
    add_outdir(command, options->outdir);
    command.common_options().act([options](Context& context) -> Result<int> {
        IMPRINT_TRY(const NvsReport report, decrypt_nvs(*options));
        context.show(events::FileWritten{.path = report.output.string()},
                     fmt::format("wrote {}, mode 0600\n", report.output.string()));
        return 0;
    });
}

void add_generate_key(Command& group) {
    const auto options = std::make_shared<NvsKeyCommand>();
    Command command = group.command("generate-key", "Make the keys of an encrypted NVS partition.",
                                    "imprint image nvs generate-key --keyfile nvs_keys.bin");
    add_key_options(command, *options);
    add_outdir(command, options->outdir);
    command.common_options().act([options](Context& context) -> Result<int> {
        NvsKeyCommand keys = *options;
        keys.now = context.clock.wall();
        IMPRINT_TRY(const NvsReport report, generate_nvs_key(keys));
        context.show(events::FileWritten{.path = report.keyfile.string()}, keys_text(report));
        if (!report.hmac_keyfile.empty())
            context.show(events::FileWritten{.path = report.hmac_keyfile.string()}, "");
        return 0;
    });
}

}  // namespace

void add_image_nvs(Command& image) {
    Command group =
        image.command("nvs", "NVS partitions out of CSV, with nvs_partition_gen.py's arguments.",
                      "imprint image nvs generate factory.csv nvs.bin 0x6000");
    add_generate(group);
    add_encrypt(group);
    add_decrypt(group);
    add_generate_key(group);
}

}  // namespace imprint::cli
