// Stable names in the place of what tells of boards, people and places. Within one report a value
// always gets the same one, so that it can still be followed; nothing leads back from it.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace imprint::support {

class Pseudonyms {
  public:
    // kind: "thing", "host". Names of one or two characters are left as they are. MAC and IP
    // addresses are found without this, and have their own names where a thing or a host is called
    // by one. Loopback and "any address" (0.0.0.0, ::) stay: they are nobody's.
    void add(const std::string& kind, const std::string& value);

    // Known values as whole words, the longest first; then each MAC address, in any of its forms,
    // and each IP address.
    [[nodiscard]] std::string replace(const std::string& text);
    // Each text in it, but no name of a member.
    void replace(nlohmann::ordered_json& json);

  private:
    [[nodiscard]] std::string name_of(const std::string& kind, const std::string& value);
    [[nodiscard]] std::string without_known(const std::string& text);
    [[nodiscard]] std::string without_addresses(const std::string& text);

    std::map<std::string, std::size_t> count_;        // kind → names given
    std::map<std::string, std::string> names_;        // value → name
    std::map<char, std::vector<std::string>> known_;  // first character → values
};

}  // namespace imprint::support
