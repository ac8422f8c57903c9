// Images of NVS partitions out of CSV, plain and encrypted.
#include <fmt/format.h>
#include <system_error>

#include "base/files.h"
#include "base/secret.h"
#include "image_tool/nvs_commands.h"
#include "image_tool/nvs_csv.h"
#include "image_tool/nvs_new_keys.h"
#include "image_tool/nvs_values.h"
#include "image_tool/nvs_wifi.h"
#include "image_tool/output_folder.h"
#include "image_tool/private_key.h"

namespace imprint::image_tool {

namespace {

namespace fs = std::filesystem;
using image::nvs::Builder;
using image::nvs::Built;
using image::nvs::Entry;

struct Filled {
    Built built;
    std::size_t values = 0;
    bool holds_private_key = false;
};

struct Csv {
    fs::path path;
    std::vector<NvsRow> rows;
};

// Puts rows into an image.
class RowWriter {
  public:
    RowWriter(Builder& builder, Filled& filled) : builder_(builder), filled_(filled) {}

    void look_at(const Csv& csv) { wifi_.look_at(csv.rows); }

    Result<void> write(const NvsRow& row, const fs::path& folder) {
        for (Entry& extra : wifi_.before(row))
            IMPRINT_CHECK(add(extra));
        if (row.type == "namespace") return builder_.enter(row.key);
        IMPRINT_TRY(Entry entry, nvs_entry_of(row, [&folder](const fs::path& path) {
                        return read_file(found(path, folder));
                    }));
        IMPRINT_CHECK(add(entry));
        for (Entry& extra : wifi_.after(row))
            IMPRINT_CHECK(add(extra));
        return {};
    }

  private:
    // From the current folder, as the reference has it; what is not there, from the CSV's.
    [[nodiscard]] static fs::path found(const fs::path& path, const fs::path& folder) {
        std::error_code error;
        return path.is_absolute() || fs::exists(path, error) ? path : folder / path;
    }

    Result<void> add(Entry& entry) {
        const bool is_text_or_blob =
            entry.type == image::nvs::Type::string || entry.type == image::nvs::Type::blob;
        filled_.holds_private_key |=
            is_text_or_blob && looks_like_private_key(entry.key, entry.data);
        auto added = builder_.add(entry);
        wipe(entry.data);
        if (added) ++filled_.values;
        return added;
    }

    Builder& builder_;
    Filled& filled_;
    WifiExtras wifi_;
};

Result<Csv> read_csv_file(const fs::path& input, const fs::path& output) {
    std::error_code error;
    if (fs::equivalent(input, output, error))
        return fail(ErrorKind::usage, "output_inside_input",
                    fmt::format("the image would replace {}, which it is made of", input.string()),
                    "write it elsewhere");
    IMPRINT_TRY(Bytes bytes, read_file(input, file_limit::long_text));
    auto rows = parse_nvs_csv(bytes);
    wipe(bytes);
    if (!rows) return with_context(std::move(rows).error(), input.string());
    return Csv{input, std::move(*rows)};
}

Result<void> write_rows(RowWriter& writer, const Csv& csv) {
    for (const NvsRow& row : csv.rows)
        if (auto written = writer.write(row, csv.path.parent_path()); !written)
            return with_context(std::move(written).error(),
                                fmt::format("{}, line {}", csv.path.string(), row.line));
    return {};
}

Result<Filled> fill(const NvsCommand& command, const fs::path& output) {
    IMPRINT_TRY(Builder builder, Builder::create(command.size, command.version));
    Filled filled;
    RowWriter writer(builder, filled);
    std::vector<Csv> all;
    for (const fs::path& input : command.inputs) {
        IMPRINT_TRY(Csv csv, read_csv_file(input, output));
        writer.look_at(csv);
        all.push_back(std::move(csv));
    }
    Result<void> written;
    for (Csv& csv : all) {
        if (written) written = write_rows(writer, csv);
        for (NvsRow& row : csv.rows)
            if (row.value) wipe(*row.value);
    }
    if (!written) return std::unexpected(std::move(written).error());
    filled.built = std::move(builder).finish(
        command.full_pages ? image::nvs::Ending::all_are_full : image::nvs::Ending::last_is_active);
    return filled;
}

NvsReport report_of(const Filled& filled, const fs::path& output) {
    NvsReport report;
    report.output = output;
    report.values = filled.values;
    report.usage = filled.built.usage;
    if (filled.built.read_only)
        report.warnings.push_back(
            fmt::format("the partition has fewer than 0x{:X} bytes: a device can only read it, and "
                        "mounts it only if the partition table marks it as readonly",
                        image::nvs::least_writable));
    return report;
}

Result<void> write_image(const fs::path& path, Bytes& image, FileMode mode) {
    auto written = make_parent(path);
    if (written) written = write_file(path, image, mode, Durability::cached);
    wipe(image);
    return written;
}

Result<NvsReport> write_encrypted(const NvsCommand& command, const image::nvs::Keys& keys) {
    const fs::path output = command.outdir / command.output;
    IMPRINT_TRY(Filled filled, fill(command, output));
    NvsReport report = report_of(filled, output);
    image::nvs::encrypt(filled.built.image, keys);
    IMPRINT_CHECK(write_image(output, filled.built.image, FileMode::ordinary));
    return report;
}

}  // namespace

Result<NvsReport> generate_nvs(const NvsCommand& command) {
    const fs::path output = command.outdir / command.output;
    IMPRINT_TRY(Filled filled, fill(command, output));
    NvsReport report = report_of(filled, output);
    report.secret = filled.holds_private_key;
    IMPRINT_CHECK(write_image(output, filled.built.image,
                              report.secret ? FileMode::secret : FileMode::ordinary));
    return report;
}

Result<NvsReport> encrypt_nvs(const NvsEncryptCommand& command) {
    if (command.keygen == !command.inputkey.empty())
        return fail(ErrorKind::usage, "bad_usage", "encrypt takes one of --keygen and --inputkey",
                    "say where its keys come from");
    if (!command.keygen) {
        IMPRINT_TRY(const image::nvs::Keys keys, read_nvs_keys(command.inputkey));
        IMPRINT_TRY(NvsReport report, write_encrypted(command.image, keys));
        if (!command.keys.keyfile.empty() || command.keys.key_protect_hmac)
            report.warnings.emplace_back(
                "the keys are those of --inputkey; what else is said of keys is not used");
        return report;
    }
    IMPRINT_TRY(const NewKeys made, new_nvs_keys(command.keys));
    // Keys first: an image whose keys are nowhere is of no use to anybody.
    IMPRINT_CHECK(keep(made));
    auto report = write_encrypted(command.image, made.keys);
    if (!report) {
        drop(made);
        return report;
    }
    report->keyfile = made.keyfile;
    report->hmac_keyfile = made.hmac_keyfile;
    return report;
}

Result<NvsReport> decrypt_nvs(const NvsDecryptCommand& command) {
    const fs::path output = command.outdir / command.output;
    IMPRINT_TRY(const image::nvs::Keys keys, read_nvs_keys(command.key));
    IMPRINT_TRY(Bytes image, read_file(command.input, file_limit::flash_image));
    if (auto done = image::nvs::decrypt(image, keys); !done) {
        wipe(image);
        return with_context(std::move(done).error(), command.input.string());
    }
    NvsReport report;
    report.output = output;
    report.secret = true;  // somebody has encrypted it
    IMPRINT_CHECK(write_image(output, image, FileMode::secret));
    return report;
}

}  // namespace imprint::image_tool
