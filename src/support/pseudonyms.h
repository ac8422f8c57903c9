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
    // kind: "thing", "host". Names of one or two characters are left as they are. A MAC address is
    // found without this, and keeps its own name where a thing is called by it.
    void add(const std::string& kind, const std::string& value);

    // Known values as whole words, the longest first; then each MAC address, in any of its forms.
    [[nodiscard]] std::string replace(const std::string& text);
    // Each text in it, but no name of a member.
    void replace(nlohmann::ordered_json& json);

  private:
    [[nodiscard]] std::string name_of(const std::string& kind, const std::string& value);
    [[nodiscard]] std::string without_known(const std::string& text);
    [[nodiscard]] std::string without_macs(const std::string& text);

    std::map<std::string, std::size_t> count_;        // kind → names given
    std::map<std::string, std::string> names_;        // value → name
    std::map<char, std::vector<std::string>> known_;  // first character → values
};

}  // namespace imprint::support
