// device.json, as src/prepare/credential_image.cpp writes it.
#include <cstdio>
#include <cstring>

#include "common.h"

namespace imprint_identity {

namespace {

// Into a buffer that always ends with a NUL; full() once something did not fit.
class Writer {
  public:
    Writer(char* into, std::size_t room) : into_(into), room_(room) { *into_ = '\0'; }

    [[nodiscard]] bool full() const { return full_; }

    [[nodiscard]] std::size_t size() const { return size_; }

    void add(char c) {
        if (size_ + 1 >= room_) {
            full_ = true;
            return;
        }
        into_[size_++] = c;
        into_[size_] = '\0';
    }

    void add(const char* text) {
        while (*text != '\0')
            add(*text++);
    }

    // RFC 8259, section 7.
    void add_string(const char* text) {
        add('"');
        for (; *text != '\0'; ++text) {
            const auto byte = static_cast<unsigned char>(*text);
            if (byte == '"' || byte == '\\') add('\\');
            if (byte >= 0x20) {
                add(*text);
                continue;
            }
            char escaped[8];
            (void)std::snprintf(escaped, sizeof(escaped), "\\u%04x", unsigned{byte});
            add(escaped);
        }
        add('"');
    }

    void add_digest(const Crypto::Digest& digest) {
        Hex hex;
        to_hex(digest, hex);
        add('"');
        add(hex);
        add('"');
    }

    void add_member(const char* name, const char* value) {
        add("  \"");
        add(name);
        add("\": ");
        add_string(value);
        add(",\n");
    }

  private:
    char* into_;
    std::size_t room_;
    std::size_t size_ = 0;
    bool full_ = false;
};

}  // namespace

std::size_t format_device(const Identity& identity, const Crypto& crypto,
                          char (&into)[Limits::device + 1]) {
    const Text& certificate = identity.certificate;
    const Text& key = identity.private_key;
    Crypto::Digest digest;
    Writer text(into, sizeof(into));
    text.add("{\n");
    text.add_member("thing_name", identity.thing_name.c_str());
    text.add_member("client_id", identity.client_id.c_str());
    text.add_member("endpoint", identity.endpoint.c_str());
    char port[32];
    (void)std::snprintf(port, sizeof(port), "  \"port\": %u,\n", unsigned{identity.port});
    text.add(port);
    text.add_member("lot", identity.lot.c_str());
    text.add("  \"sha256\": {\n");

    const struct {
        const char* name;
        const Text* file;
    } files[] = {
        {"certificate", &certificate}, {"private_key", &key}, {"root_ca", &identity.root_ca}};

    for (const auto& one : files) {
        if (!crypto.sha256(one.file->c_str(), one.file->size(), digest)) return 0;
        text.add("    \"");
        text.add(one.name);
        text.add("\": ");
        text.add_digest(digest);
        text.add(",\n");
    }
    if (crypto.match(certificate.c_str(), certificate.size(), key.c_str(), key.size(), digest) !=
        Crypto::Match::yes)
        return 0;
    text.add("    \"public_key\": ");
    text.add_digest(digest);
    text.add("\n  },\n  ");
    if (!crypto.sha256(into, text.size(), digest)) return 0;
    text.add("\"checksum\": ");
    text.add_digest(digest);
    text.add("\n}\n");
    return text.full() ? 0 : text.size();
}

}  // namespace imprint_identity
