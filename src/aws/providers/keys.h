// Keys as they are written down: in a file's section, in an answer's JSON.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "aws/credentials.h"
#include "aws/ini.h"
#include "base/error.h"

namespace imprint::aws {

// Nothing where neither half of a key stands there; half a key is error no_credentials.
[[nodiscard]] Result<std::optional<Credentials>> keys_of_section(const IniSection* section,
                                                                 std::string source);

// "2026-07-14T09:30:00Z", with a fraction or an offset such as +02:00; "UTC" is as good as Z.
[[nodiscard]] std::optional<WallTime> parse_timestamp(std::string_view text);

// What a JSON object of keys calls its members; empty: it has none such.
struct KeyNames {
    const char* id = "AccessKeyId";
    const char* secret = "SecretAccessKey";
    const char* token = "SessionToken";
    const char* expires = "Expiration";
    bool session = false;          // token and end must be there
    const char* inside = nullptr;  // the member that the object is in, where it is not the whole
    bool versioned = false;        // and the answer says that it is of "Version": 1
};

// Error: credentials_answer_damaged (registry), which names what is missing and quotes nothing.
// The text is wiped.
[[nodiscard]] Result<Credentials> keys_of_json(std::string& text, const KeyNames& names,
                                               std::string source);

// Before a message is told: what services explain a refused signature with goes, and so does each
// secret, also where it is percent-encoded.
[[nodiscard]] std::string without_secrets(std::string message,
                                          std::initializer_list<std::string_view> secrets);

// For strings that held a secret and are about to go.
class WipeAtEnd {
  public:
    explicit WipeAtEnd(std::string& text) : text_(text) {}

    ~WipeAtEnd() { wipe(text_); }

    WipeAtEnd(const WipeAtEnd&) = delete;
    WipeAtEnd& operator=(const WipeAtEnd&) = delete;
    WipeAtEnd(WipeAtEnd&&) = delete;
    WipeAtEnd& operator=(WipeAtEnd&&) = delete;

  private:
    std::string& text_;
};

}  // namespace imprint::aws
