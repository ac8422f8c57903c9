#include "aws/providers/xml.h"

#include <string>
#include <utility>

#include <pugixml.hpp>

#include "base/secret.h"

namespace imprint::aws {

namespace {

constexpr std::size_t largest = 64UL * 1024;  // an answer with credentials has about 2 KiB

// The document type is kept to be seen; what it defines is never expanded. Character references and
// the five predefined entities are.
constexpr unsigned how =
    pugi::parse_escapes | pugi::parse_cdata | pugi::parse_trim_pcdata | pugi::parse_doctype;

// In the document's order.
pugi::xml_node after(pugi::xml_node node) {
    if (const auto inside = node.first_child()) return inside;
    while (node && !node.next_sibling())
        node = node.parent();
    return node.next_sibling();
}

bool is_at(pugi::xml_node node, std::string_view path) {
    for (;; node = node.parent()) {
        const auto slash = path.rfind('/');
        if (node.name() != path.substr(slash + 1)) return false;  // npos + 1 is 0
        if (slash == std::string_view::npos) return true;
        path = path.substr(0, slash);
    }
}

bool is_text(const pugi::xml_node& node) {
    return node.type() == pugi::node_pcdata || node.type() == pugi::node_cdata;
}

}  // namespace

struct XmlAnswer::Parts {
    explicit Parts(std::string_view from) : text(from) {}

    ~Parts() { wipe(text); }

    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;
    Parts(Parts&&) = delete;
    Parts& operator=(Parts&&) = delete;

    std::string text;  // in which all values lie
    pugi::xml_document document;
};

XmlAnswer::XmlAnswer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

XmlAnswer::~XmlAnswer() = default;
XmlAnswer::XmlAnswer(XmlAnswer&&) noexcept = default;

std::optional<XmlAnswer> XmlAnswer::parse(std::string_view text) {
    if (text.size() > largest) return std::nullopt;
    auto parts = std::make_unique<Parts>(text);
    const auto parsed = parts->document.load_buffer_inplace(parts->text.data(), parts->text.size(),
                                                            how, pugi::encoding_utf8);
    if (!parsed) return std::nullopt;
    int roots = 0;
    for (const auto node : parts->document.children()) {
        if (node.type() != pugi::node_element) return std::nullopt;
        ++roots;
    }
    if (roots != 1) return std::nullopt;
    return XmlAnswer(std::move(parts));
}

std::string_view XmlAnswer::value(std::string_view path) const {
    for (pugi::xml_node node = parts_->document.first_child(); node; node = after(node)) {
        const auto inside = node.first_child();
        if (is_at(node, path) && is_text(inside) && !inside.next_sibling()) return inside.value();
    }
    return {};
}

}  // namespace imprint::aws
