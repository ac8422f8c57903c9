// The last look at each text before it goes into a report: what is known to be a secret, and what
// looks like one, is replaced. A report is made of what holds none; this is for what somebody has
// put where it does not belong: a key pasted into a setting, a password in a command line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace imprint::support {

inline constexpr std::string_view removed = "[removed]";

// Whether what has this name, a variable or a setting, is a secret: "WIFI_PSK", "userPass", "pin".
// Not "token_file" or "passed".
[[nodiscard]] bool names_a_secret(std::string_view word);

class Scrubber {
  public:
    // Secrets of 8 bytes or more, in any encoding: they are found plain, in base64 and in hex.
    // PINs of 4 to 7 digits: as numbers of their own. Shorter ones would be found everywhere.
    explicit Scrubber(const std::vector<std::string>& secrets = {});

    // Also: private keys in PEM, values of what is named as a secret, user names and passwords in
    // addresses, and long texts that can only be keys.
    [[nodiscard]] std::string clean(std::string text) const;
    // Each text in it, but no name of a member.
    void clean(nlohmann::ordered_json& json) const;

  private:
    std::vector<std::string> forms_;  // longest first
    std::vector<std::string> pins_;
};

}  // namespace imprint::support
