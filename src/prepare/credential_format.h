// How credentials lie in their partition. A format is a row of the table in credential_format.cpp
// and a class: nothing else of preparing knows which one it is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "image/nvs.h"
#include "image/partition_table.h"
#include "prepare/settings.h"

namespace imprint::prepare {

// The build's image for the credential partition: not flashed as it is.
struct OwnImage {
    std::filesystem::path path;
    std::uint32_t offset = 0;  // in flash
    Bytes content;
};

// What an image holds beside the identity: a file, a value of NVS, an entry.
struct Extra {
    std::string path;  // as CredentialFormat::path_of has it
    Bytes data;
    std::string origin;  // "build/storage.bin", for errors
    image::nvs::Type type = image::nvs::Type::blob;
    std::uint64_t bits = 0;  // of a number
};

// One board's identity, as its image has it.
struct IdentityTexts {
    ByteView certificate;
    ByteView private_key;
    ByteView root_ca;
    ByteView device;  // device.json
};

struct PackedCredentials {
    Bytes image;  // of the whole partition
    std::vector<std::string> warnings;
    bool is_copied = false;  // the identity is in it twice
};

// What no name in an image can have, whatever its format, as the end of a sentence: parts that lead
// elsewhere, for it becomes a file again (`image unpack`), and what steers a terminal. Empty:
// nothing.
[[nodiscard]] std::string name_parts_fault(std::string_view name);

class CredentialFormat {
  public:
    CredentialFormat() = default;
    CredentialFormat(const CredentialFormat&) = delete;
    CredentialFormat& operator=(const CredentialFormat&) = delete;
    virtual ~CredentialFormat() = default;

    struct OwnPath {
        std::string path;
        std::string set_by;  // "credentials.certificate_name"
    };

    // Where the identity lies, with its second copy: nothing else can have these paths.
    [[nodiscard]] virtual std::vector<OwnPath> own_paths(
        const CredentialSettings& settings) const = 0;

    // A name that a person has given, as the path by which it is known. Error: credential_extra
    // (config): nothing of that name or type can be there.
    [[nodiscard]] virtual Result<std::string> path_of(std::string_view name,
                                                      image::nvs::Type type) const = 0;

    // What the project's own image for the partition holds, with notes. Error:
    // project_files_unreadable (config).
    [[nodiscard]] virtual Result<std::vector<Extra>> read(
        const OwnImage& own, std::vector<std::string>& notes) const = 0;

    // One board's image, which holds its key: the caller wipes it. Twice, where that is wanted and
    // there is room. Errors (config): what does not fit, in the format's own words.
    [[nodiscard]] virtual Result<PackedCredentials> pack(
        const IdentityTexts& identity, const std::vector<const Extra*>& extras,
        const CredentialSettings& settings) const = 0;
};

struct FormatNotes {
    std::shared_ptr<const CredentialFormat> format;
    std::vector<std::string> notes;
};

struct FormatRow {
    Format format;
    std::string_view key;                                 // of credentials.format
    std::string_view title;                               // "SPIFFS"
    std::string_view example;                             // a line of a partition table
    std::string_view kind;                                // of partition: "data/spiffs"
    bool (*accepts)(const image::Partition& partition);   // one that is named
    bool (*is_meant)(const image::Partition& partition);  // one that is not
    bool may_be_encrypted;  // the bootloader encrypts it at the first start
    // Errors (config): what is wrong with the partition or the build's settings.
    Result<FormatNotes> (*make)(const image::Partition& partition, const FirmwareSettings& firmware,
                                const CredentialSettings& settings);
};

[[nodiscard]] const FormatRow& row_of(Format format);

}  // namespace imprint::prepare
