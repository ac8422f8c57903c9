// XML answers of AWS's query protocol: looks up values by the end of their path.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

namespace imprint::aws {

// Its values may be secrets: they are wiped when it is destroyed.
class XmlAnswer {
  public:
    // Nothing if it is not one well-formed element, as far as pugixml checks; if it has a document
    // type, and with it its own entities; or if it is larger than 64 KiB.
    [[nodiscard]] static std::optional<XmlAnswer> parse(std::string_view text);
    ~XmlAnswer();
    XmlAnswer(XmlAnswer&&) noexcept;
    XmlAnswer& operator=(XmlAnswer&&) = delete;
    XmlAnswer(const XmlAnswer&) = delete;
    XmlAnswer& operator=(const XmlAnswer&) = delete;

    // The text of the first element whose path ends like this, "Credentials/AccessKeyId", and that
    // contains only text. Empty if there is none.
    [[nodiscard]] std::string_view value(std::string_view path) const;

  private:
    struct Parts;
    explicit XmlAnswer(std::unique_ptr<Parts> parts);

    std::unique_ptr<Parts> parts_;
};

}  // namespace imprint::aws
