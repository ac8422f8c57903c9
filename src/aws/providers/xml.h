// Answers of AWS's query protocol, which are XML: values by the end of their path.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

namespace imprint::aws {

// Its values may be secrets: they are wiped when it goes.
class XmlAnswer {
  public:
    // Nothing where it is not one element and well-formed, as far as pugixml minds; where it has a
    // document type, and with it entities of its own; and where it is larger than 64 KiB.
    [[nodiscard]] static std::optional<XmlAnswer> parse(std::string_view text);
    ~XmlAnswer();
    XmlAnswer(XmlAnswer&&) noexcept;
    XmlAnswer& operator=(XmlAnswer&&) = delete;
    XmlAnswer(const XmlAnswer&) = delete;
    XmlAnswer& operator=(const XmlAnswer&) = delete;

    // Of the first element at the end of such a path, "Credentials/AccessKeyId", that has nothing
    // but text in it. Empty where there is none.
    [[nodiscard]] std::string_view value(std::string_view path) const;

  private:
    struct Parts;
    explicit XmlAnswer(std::unique_ptr<Parts> parts);

    std::unique_ptr<Parts> parts_;
};

}  // namespace imprint::aws
