// Further files, keys or entries of each board beside its credentials: credentials.values, texts
// with placeholders, and credentials.table, a CSV with a row for each board.
//
//   mac,wifi/ssid,wifi/channel:u8
//   24:6f:28:aa:bb:cc,line-1,6
//
// One column is mac or serial; the others are named like what they become, and behind a colon how
// their values are written: string (the usual one), hex2bin, base64, file, and for NVS u8 to i64.
// An empty field is no value.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/mac.h"
#include "prepare/credential_format.h"
#include "prepare/settings.h"

namespace imprint::prepare {

class BoardValues {
  public:
    // Whom they are for.
    struct Board {
        std::string mac;  // as MacAddress::id has it
        std::string thing;
        std::string lot;
        std::string serial;   // may be empty
        std::string scanned;  // what was scanned for it; may be empty
    };

    // Reads and checks all of it. Errors (config): credential_table, with file, line and column;
    // credential_extra; those of read_file.
    [[nodiscard]] static Result<BoardValues> read(const CredentialSettings& settings,
                                                  const CredentialFormat& format);

    // The paths that a board may get, with the column or key that sets each.
    [[nodiscard]] std::vector<CredentialFormat::OwnPath> names() const;

    // Errors (board): credential_table_row, serial_not_scanned.
    [[nodiscard]] Result<std::vector<Extra>> of(const Board& board) const;

    // As large as any board's can be.
    [[nodiscard]] std::vector<Extra> largest(const Board& longest) const;

  private:
    struct Template {
        std::string path;
        std::string name;  // in credentials.values
        std::string text;
    };

    struct Table;

    [[nodiscard]] Result<void> read_templates(const CredentialSettings& settings,
                                              const CredentialFormat& format);

    std::vector<Template> templates_;
    std::shared_ptr<const Table> table_;  // null: there is none
};

}  // namespace imprint::prepare
