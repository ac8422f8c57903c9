#include "imprint_identity/json.h"

#include <cstring>

namespace imprint_identity {

namespace {

class Walker {
  public:
    // room: of the buffer, without an ending NUL.
    Walker(const char* text, std::size_t size, JsonSink sink, void* context, char* buffer,
           std::size_t room)
        : text_(text),
          size_(size),
          sink_(sink),
          context_(context),
          value_(buffer),
          value_room_(room) {}

    Walker(const Walker&) = delete;
    Walker& operator=(const Walker&) = delete;
    Walker(Walker&&) = delete;
    Walker& operator=(Walker&&) = delete;

    // The last value may have been a password.
    ~Walker() {
        volatile char* byte = value_;
        for (std::size_t i = 0; i <= value_room_; ++i)
            *byte++ = 0;
    }

    JsonResult run() {
        skip_space();
        if (value(0)) {
            skip_space();
            if (at_ != size_) fail("more behind the end");
        }
        return {problem_, at_};
    }

  private:
    bool fail(const char* problem) {
        if (problem_ == nullptr) problem_ = problem;
        return false;
    }

    [[nodiscard]] bool ended() const { return at_ == size_; }

    [[nodiscard]] char peek() const { return ended() ? '\0' : text_[at_]; }

    void skip_space() {
        while (!ended() && std::strchr(" \t\r\n", text_[at_]) != nullptr && text_[at_] != '\0')
            ++at_;
    }

    bool take(char wanted) {
        if (ended() || text_[at_] != wanted) return false;
        ++at_;
        return true;
    }

    bool take_word(const char* word) {
        const std::size_t length = std::strlen(word);
        if (size_ - at_ < length || std::memcmp(text_ + at_, word, length) != 0) return false;
        at_ += length;
        return true;
    }

    bool value(std::size_t depth) {
        if (depth == JsonLimits::depth) return fail("nested too deep");
        if (ended()) return fail("the text ends too early");
        switch (peek()) {
            case '{':
                return object(depth);
            case '[':
                return array(depth);
            case '"':
                return string() && emit(JsonScalar::Kind::string);
            case 't':
                return word("true", JsonScalar::Kind::boolean);
            case 'f':
                return word("false", JsonScalar::Kind::boolean);
            case 'n':
                return word("null", JsonScalar::Kind::null);
            default:
                return number();
        }
    }

    bool word(const char* wanted, JsonScalar::Kind kind) {
        if (!take_word(wanted)) return fail("not a value");
        start_value();
        for (const char* c = wanted; *c != '\0'; ++c)
            put(*c);
        return emit(kind);
    }

    bool object(std::size_t depth) {
        ++at_;
        skip_space();
        if (take('}')) return true;
        const std::size_t outer = path_size_;
        do {
            skip_space();
            if (peek() != '"') return fail("a member's name is missing");
            if (!string()) return false;
            if (value_cut_ || !extend_path()) return fail("a member's name is too long");
            skip_space();
            if (!take(':')) return fail("a colon is missing");
            skip_space();
            if (!value(depth + 1)) return false;
            cut_path(outer);
            skip_space();
        } while (take(','));
        return take('}') || fail("a comma or a closing brace is missing");
    }

    bool array(std::size_t depth) {
        ++at_;
        skip_space();
        if (take(']')) return true;
        const std::size_t outer = path_size_;
        if (path_size_ + 2 >= sizeof(path_)) return fail("nested too deep");
        std::memcpy(path_ + path_size_, "[]", 3);
        path_size_ += 2;
        do {
            skip_space();
            if (!value(depth + 1)) return false;
            skip_space();
        } while (take(','));
        cut_path(outer);
        return take(']') || fail("a comma or a closing bracket is missing");
    }

    bool digits() {
        const std::size_t from = at_;
        while (!ended() && text_[at_] >= '0' && text_[at_] <= '9')
            ++at_;
        return at_ != from;
    }

    bool number() {
        const std::size_t from = at_;
        take('-');
        if (!take('0') && !digits()) {
            at_ = from;
            return fail("not a value");
        }
        if (take('.') && !digits()) return fail("a digit is missing");
        if (take('e') || take('E')) {
            if (!take('+')) take('-');
            if (!digits()) return fail("a digit is missing");
        }
        start_value();
        for (std::size_t i = from; i < at_; ++i)
            put(text_[i]);
        return emit(JsonScalar::Kind::number);
    }

    void start_value() {
        value_size_ = 0;
        value_cut_ = false;
    }

    void put(char c) {
        if (value_size_ == value_room_)
            value_cut_ = true;
        else
            value_[value_size_++] = c;
    }

    void put_utf8(unsigned long code) {
        if (code < 0x80) {
            put(static_cast<char>(code));
        } else if (code < 0x800) {
            put(static_cast<char>(0xC0 | code >> 6));
            put(static_cast<char>(0x80 | (code & 0x3F)));
        } else if (code < 0x10000) {
            put(static_cast<char>(0xE0 | code >> 12));
            put(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
            put(static_cast<char>(0x80 | (code & 0x3F)));
        } else {
            put(static_cast<char>(0xF0 | code >> 18));
            put(static_cast<char>(0x80 | (code >> 12 & 0x3F)));
            put(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
            put(static_cast<char>(0x80 | (code & 0x3F)));
        }
    }

    bool hex4(unsigned long& code) {
        code = 0;
        for (int i = 0; i < 4; ++i) {
            const char c = peek();
            unsigned long digit = 0;
            if (c >= '0' && c <= '9')
                digit = static_cast<unsigned long>(c - '0');
            else if (c >= 'a' && c <= 'f')
                digit = static_cast<unsigned long>(c - 'a') + 10;
            else if (c >= 'A' && c <= 'F')
                digit = static_cast<unsigned long>(c - 'A') + 10;
            else
                return fail("four hex digits are missing");
            code = code << 4 | digit;
            ++at_;
        }
        return true;
    }

    bool unicode_escape() {
        unsigned long code = 0;
        if (!hex4(code)) return false;
        if (code >= 0xDC00 && code <= 0xDFFF) return fail("half a surrogate pair");
        if (code >= 0xD800 && code <= 0xDBFF) {
            unsigned long low = 0;
            if (!take('\\') || !take('u')) return fail("half a surrogate pair");
            if (!hex4(low)) return false;
            if (low < 0xDC00 || low > 0xDFFF) return fail("half a surrogate pair");
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        }
        if (code == 0) return fail("a NUL in a string");
        put_utf8(code);
        return true;
    }

    bool string() {
        ++at_;
        start_value();
        for (;;) {
            if (ended()) return fail("a string has no end");
            const char c = text_[at_++];
            if (c == '"') return true;
            if (static_cast<unsigned char>(c) < 0x20) {
                --at_;
                return fail("a control character in a string");
            }
            if (c != '\\') {
                put(c);
                continue;
            }
            static constexpr char names[] = "\"\\/bfnrt";
            static constexpr char meant[] = "\"\\/\b\f\n\r\t";
            const char escape = peek();
            const char* found = escape == '\0' ? nullptr : std::strchr(names, escape);
            if (escape == 'u') {
                ++at_;
                if (!unicode_escape()) return false;
            } else if (found != nullptr) {
                ++at_;
                put(meant[found - names]);
            } else {
                return fail("an unknown escape");
            }
        }
    }

    // The string that was just read becomes the innermost name of the path.
    bool extend_path() {
        const std::size_t dot = path_size_ == 0 ? 0 : 1;
        if (path_size_ + dot + value_size_ >= sizeof(path_)) return false;
        if (dot != 0) path_[path_size_++] = '.';
        std::memcpy(path_ + path_size_, value_, value_size_);
        path_size_ += value_size_;
        path_[path_size_] = '\0';
        return true;
    }

    void cut_path(std::size_t size) {
        path_size_ = size;
        path_[size] = '\0';
    }

    bool emit(JsonScalar::Kind kind) {
        value_[value_size_] = '\0';
        const JsonScalar scalar{path_, kind, value_, value_size_, value_cut_};
        const char* problem = sink_(context_, scalar);
        return problem == nullptr || fail(problem);
    }

    const char* text_;
    std::size_t size_;
    std::size_t at_ = 0;
    JsonSink sink_;
    void* context_;
    const char* problem_ = nullptr;
    char path_[JsonLimits::path + 1] = {};
    std::size_t path_size_ = 0;
    char* value_;
    std::size_t value_room_;
    std::size_t value_size_ = 0;
    bool value_cut_ = false;
};

}  // namespace

JsonResult walk_json(const char* text, std::size_t size, JsonSink sink, void* context) {
    char value[JsonLimits::value + 1] = {};
    return Walker(text, size, sink, context, value, JsonLimits::value).run();
}

JsonResult walk_json(const char* text, std::size_t size, JsonSink sink, void* context, char* buffer,
                     std::size_t room) {
    if (room == 0) return {"no room for a value", 0};
    return Walker(text, size, sink, context, buffer, room - 1).run();
}

}  // namespace imprint_identity
