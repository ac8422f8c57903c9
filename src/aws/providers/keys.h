// Parses keys from a file's section or from an answer's JSON.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "aws/credentials.h"
#include "aws/ini.h"
#include "base/error.h"

namespace imprint::aws {

// Nothing if there is neither half of a key; if there is only one half, the error is
// no_credentials.
[[nodiscard]] Result<std::optional<Credentials>> keys_of_section(const IniSection* section,
                                                                 std::string source);

// The member names in a JSON object of keys; empty: there is no such member.
struct KeyNames {
    const char* id = "AccessKeyId";
    const char* secret = "SecretAccessKey";
    const char* token = "SessionToken";
    const char* expires = "Expiration";
    bool session = false;          // token and expiration are required
    const char* inside = nullptr;  // the member that contains the object, if it is nested
    bool versioned = false;        // the answer must state "Version": 1
};

// Error: credentials_answer_damaged (registry), which names what is missing and quotes nothing. The
// text is wiped.
[[nodiscard]] Result<Credentials> keys_of_json(std::string& text, const KeyNames& names,
                                               std::string source);

// For messages that are shown: removes a service's explanation of a refused signature, and every
// secret, even if it is percent-encoded.
[[nodiscard]] std::string without_secrets(std::string message,
                                          std::initializer_list<std::string_view> secrets);

// Wipes strings that held a secret before they are destroyed.
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
