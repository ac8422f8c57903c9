#include "fleet/export.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/fd.h"
#include "base/text.h"
#include "fleet/provisioning_template.h"
#include "pki/certificate.h"

namespace imprint::fleet {

namespace {

using nlohmann::json;

constexpr std::array<std::pair<ExportFormat, std::string_view>, 4> formats = {{
    {ExportFormat::bulk, "bulk"},
    {ExportFormat::csv, "csv"},
    {ExportFormat::thingpress, "thingpress"},
    {ExportFormat::thingpress_espressif, "thingpress-espressif"},
}};

std::unexpected<Error> named_otherwise(const minted::MintedIdentity& identity,
                                       const std::string& name) {
    return fail(ErrorKind::config, "export_names",
                fmt::format("ThingPress would call the thing \"{}\" \"{}\"", identity.thing, name),
                "mint with identity.ca.subject = \"CN={thing}\" (thingpress), or with "
                "thing_name = \"{mac}\" and --list (thingpress-espressif); or export as bulk");
}

Result<std::string> line_of(ExportFormat format, const prepare::IdentitySettings& settings,
                            const minted::MintedIdentity& one) {
    switch (format) {
        case ExportFormat::bulk:
            return json(template_parameters(settings, one)).dump() + "\n";
        case ExportFormat::csv:
            return fmt::format("{},{},{},{}\n", one.thing, one.mac, one.certificate_id,
                               csv_cell(one.certificate_pem));
        case ExportFormat::thingpress: {
            IMPRINT_TRY(const auto info, pki::inspect_certificate(one.certificate_pem));
            if (info.subject_common_name != one.thing)
                return named_otherwise(one, info.subject_common_name);
            return to_base64(as_bytes(one.certificate_pem)) + "\n";
        }
        case ExportFormat::thingpress_espressif:
            if (one.mac != one.thing) return named_otherwise(one, one.mac);
            return fmt::format("{},{}\n", one.mac, csv_cell(one.certificate_pem));
    }
    return std::string();
}

std::string_view head_of(ExportFormat format) {
    if (format == ExportFormat::csv) return "thing,mac,certificate_id,certificate\n";
    if (format == ExportFormat::thingpress_espressif) return "MAC,cert\n";
    return "";
}

}  // namespace

Result<ExportFormat> parse_export_format(std::string_view text) {
    for (const auto& [format, name] : formats)
        if (name == text) return format;
    return fail(ErrorKind::usage, "export_format",
                fmt::format("there is no export format \"{}\"", text),
                "use bulk, csv, thingpress or thingpress-espressif");
}

Result<std::int64_t> export_identities(minted::MintedStore& store, ExportFormat format,
                                       const prepare::IdentitySettings& settings,
                                       const std::filesystem::path& path) {
    const auto unwritable = [&path](int number) {
        return fail(ErrorKind::config, "file_unwritable",
                    fmt::format("cannot write {}: {}", path.string(),
                                std::generic_category().message(number)),
                    "name a file in a folder that can be written");
    };
    std::string part = path.string() + ".XXXXXX";
    // A name that nobody can guess and nobody has taken: a link that waits there is not followed.
    const Fd made(::mkostemp(part.data(), O_CLOEXEC));
    if (!made) return unwritable(errno);
    static_cast<void>(::fchmod(made.get(), 0644));
    std::ofstream file(part, std::ios::binary);
    if (!file) return unwritable(errno);
    file << head_of(format);
    std::int64_t count = 0;
    Result<void> fault;
    auto done = store.each([&](const minted::MintedIdentity& one) {
        auto line = line_of(format, settings, one);
        if (!line) {
            fault = std::unexpected(std::move(line).error());
            return false;
        }
        file << *line;
        ++count;
        return file.good();
    });
    std::error_code failed;
    if (done && fault && (!file.flush() || ::fsync(made.get()) != 0)) {
        const int number = errno;
        std::filesystem::remove(part, failed);
        return unwritable(number);
    }
    file.close();
    if (!done || !fault) {
        std::filesystem::remove(part, failed);
        return std::unexpected(!done ? std::move(done).error() : std::move(fault).error());
    }
    std::filesystem::rename(part, path, failed);
    if (failed) return unwritable(failed.value());
    return count;
}

}  // namespace imprint::fleet
