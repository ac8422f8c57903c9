#include "aws/providers/xml.h"

#include <algorithm>
#include <charconv>

#include "base/secret.h"

namespace imprint::aws {

namespace {

constexpr std::size_t deepest = 32;

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool is_name(std::string_view name) {
    return !name.empty() && std::ranges::none_of(name, [](char c) {
        return is_blank(c) || c == '<' || c == '>' || c == '&' || c == '/' || c == '=' ||
               c == '"' || c == '\'';
    });
}

void append_utf8(std::string& text, std::uint32_t point) {
    const auto byte = [&text](std::uint32_t value) { text += static_cast<char>(value); };
    if (point < 0x80) {
        byte(point);
    } else if (point < 0x800) {
        byte(0xC0 | point >> 6);
        byte(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
        byte(0xE0 | point >> 12);
        byte(0x80 | (point >> 6 & 0x3F));
        byte(0x80 | (point & 0x3F));
    } else {
        byte(0xF0 | point >> 18);
        byte(0x80 | (point >> 12 & 0x3F));
        byte(0x80 | (point >> 6 & 0x3F));
        byte(0x80 | (point & 0x3F));
    }
}

// name: what stands between & and ;
bool append_entity(std::string& text, std::string_view name) {
    constexpr std::pair<std::string_view, char> known[] = {
        {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    for (const auto& [entity, c] : known) {
        if (name == entity) {
            text += c;
            return true;
        }
    }
    if (!name.starts_with('#')) return false;
    name.remove_prefix(1);
    const int base = name.starts_with('x') ? 16 : 10;
    if (base == 16) name.remove_prefix(1);
    std::uint32_t point = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), point, base);
    if (error != std::errc() || name.empty() || end != name.data() + name.size() || point == 0 ||
        point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
        return false;
    append_utf8(text, point);
    return true;
}

bool append_text(std::string& text, std::string_view raw) {
    // References only get shorter: no copy of a secret is left behind by growing.
    text.reserve(text.size() + raw.size());
    while (!raw.empty()) {
        const std::size_t mark = std::min(raw.find('&'), raw.size());
        text += raw.substr(0, mark);
        raw.remove_prefix(mark);
        if (raw.empty()) break;
        const std::size_t end = raw.find(';');
        if (end == std::string_view::npos || !append_entity(text, raw.substr(1, end - 1)))
            return false;
        raw.remove_prefix(end + 1);
    }
    return true;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back()))
        text.remove_suffix(1);
    return text;
}

class Parser {
  public:
    explicit Parser(std::string_view text) : rest_(text) {}

    ~Parser() {
        for (auto& element : open_)
            wipe(element.text);
    }

    Parser(const Parser&) = delete;
    Parser& operator=(const Parser&) = delete;
    Parser(Parser&&) = delete;
    Parser& operator=(Parser&&) = delete;

    [[nodiscard]] std::optional<XmlText> parse() {
        while (!rest_.empty())
            if (!(rest_.front() == '<' ? markup() : text())) return std::nullopt;
        if (!open_.empty() || !had_root_) return std::nullopt;
        return std::move(found_);
    }

  private:
    struct Element {
        std::string name;
        std::string text;
        bool has_elements = false;
    };

    // Passes over "<!-- … -->" and the like; false where the end is missing.
    bool skip(std::string_view end) {
        const std::size_t at = rest_.find(end);
        if (at == std::string_view::npos) return false;
        rest_.remove_prefix(at + end.size());
        return true;
    }

    bool text() {
        const std::size_t end = std::min(rest_.find('<'), rest_.size());
        const std::string_view raw = rest_.substr(0, end);
        rest_.remove_prefix(end);
        if (open_.empty()) return trimmed(raw).empty();
        return append_text(open_.back().text, raw);
    }

    bool markup() {
        if (rest_.starts_with("<!--")) return skip("-->");
        if (rest_.starts_with("<?")) return skip("?>");
        if (rest_.starts_with("<![CDATA[")) {
            const std::size_t end = rest_.find("]]>");
            if (end == std::string_view::npos || open_.empty()) return false;
            open_.back().text += rest_.substr(9, end - 9);
            rest_.remove_prefix(end + 3);
            return true;
        }
        if (rest_.starts_with("<!")) return false;
        const std::size_t end = tag_end();
        if (end == std::string_view::npos) return false;
        std::string_view tag = rest_.substr(1, end - 1);
        rest_.remove_prefix(end + 1);
        if (tag.starts_with('/')) return close(trimmed(tag.substr(1)));
        const bool empty = tag.ends_with('/');
        if (empty) tag.remove_suffix(1);
        const std::string_view name = tag.substr(
            0, static_cast<std::size_t>(std::ranges::find_if(tag, is_blank) - tag.begin()));
        return open(name) && (!empty || close(name));
    }

    // The > of a tag, past those in its attributes' values.
    [[nodiscard]] std::size_t tag_end() const {
        char quote = 0;
        for (std::size_t i = 1; i < rest_.size(); ++i) {
            const char c = rest_[i];
            if (quote != 0) {
                if (c == quote) quote = 0;
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (c == '>') {
                return i;
            } else if (c == '<') {
                break;
            }
        }
        return std::string_view::npos;
    }

    bool open(std::string_view name) {
        if (!is_name(name) || open_.size() == deepest || (open_.empty() && had_root_)) return false;
        had_root_ = true;
        if (!open_.empty()) open_.back().has_elements = true;
        open_.push_back({std::string(name), {}, false});
        return true;
    }

    bool close(std::string_view name) {
        if (open_.empty() || open_.back().name != name) return false;
        Element& element = open_.back();
        if (!element.has_elements) {
            std::string path;
            for (const auto& outer : open_)
                path += "/" + outer.name;
            found_.add(std::move(path), std::string(trimmed(element.text)));
        }
        wipe(element.text);
        open_.pop_back();
        return true;
    }

    std::string_view rest_;
    std::vector<Element> open_;
    bool had_root_ = false;
    XmlText found_;
};

}  // namespace

XmlText::~XmlText() {
    for (auto& [path, text] : elements_)
        wipe(text);
}

std::string_view XmlText::value(std::string_view path) const {
    for (const auto& [whole, text] : elements_)
        if (whole.ends_with(path) && whole.size() > path.size() &&
            whole[whole.size() - path.size() - 1] == '/')
            return text;
    return {};
}

void XmlText::add(std::string path, std::string text) {
    elements_.emplace_back(std::move(path), std::move(text));
}

std::optional<XmlText> parse_xml(std::string_view text) {
    return Parser(text).parse();
}

}  // namespace imprint::aws
