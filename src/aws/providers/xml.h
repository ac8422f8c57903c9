// As much XML as the answers of AWS's query protocol are made of: elements, text, the predefined
// entities and character references; attributes, comments and declarations are passed over. A
// document type is refused, and with it every entity of its own.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace imprint::aws {

// The elements that have text and no elements in them. They may be secrets: wiped when it goes.
class XmlText {
  public:
    XmlText() = default;
    ~XmlText();
    XmlText(XmlText&&) noexcept = default;
    XmlText& operator=(XmlText&&) = delete;
    XmlText(const XmlText&) = delete;
    XmlText& operator=(const XmlText&) = delete;

    // The first whose path ends so: "Credentials/AccessKeyId". Empty where there is none.
    [[nodiscard]] std::string_view value(std::string_view path) const;

    void add(std::string path, std::string text);

  private:
    std::vector<std::pair<std::string, std::string>> elements_;
};

// Nothing where it is not well-formed that far, or nested deeper than 32.
[[nodiscard]] std::optional<XmlText> parse_xml(std::string_view text);

}  // namespace imprint::aws
