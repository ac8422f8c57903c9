// Stable names in the place of what tells of boards, people and places. Within one report a value
// always gets the same one, so that it can still be followed; nothing leads back from it.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace imprint::support {

class Pseudonyms {
  public:
    // kind: "thing", "host". Names of one or two characters are left as they are, and words that
    // tell of nobody ("imprint", "root", "localhost"). MAC and IP addresses are found without this,
    // and have their own names where a thing or a host is called by one. Loopback and "any address"
    // (0.0.0.0, ::) stay: they are nobody's. The first part of a host's name has its name, too.
    void add(const std::string& kind, const std::string& value);

    // Finds serial numbers in names of ports, of devices that are not there any more:
    // /dev/serial/by-id/usb-MAKER_PRODUCT_SERIAL-if00.
    void learn(const nlohmann::ordered_json& json);

    // Known values as whole words in any case, the longest first; then each MAC address, in any of
    // its forms (in EUI-64, too), and each IP address. 12 digits without a letter, and pairs of
    // digits with blanks, dots or underscores between, are a MAC address only where they are known
    // as one or have a letter; a known one is found within words, too.
    [[nodiscard]] std::string replace(const std::string& text);
    // Each text in it, but no name of a member.
    void replace(nlohmann::ordered_json& json);

  private:
    [[nodiscard]] std::string name_of(const std::string& kind, const std::string& value);
    void add_word(const std::string& value);
    void learn_of(const std::string& text);
    [[nodiscard]] std::string without_known(const std::string& text);
    [[nodiscard]] std::string without_mac(const std::string& text, std::size_t& at);
    [[nodiscard]] std::string without_addresses(const std::string& text);

    std::map<std::string, std::size_t> count_;        // kind → names given
    std::map<std::string, std::string> names_;        // value in small letters → name
    std::map<char, std::vector<std::string>> known_;  // first character → such values
    std::set<std::string> macs_;                      // known ones: 12 digits
    std::map<std::string, std::string> beginnings_;   // of certificate ids: 12 digits → id
};

}  // namespace imprint::support
