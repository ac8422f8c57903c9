// device.json, as src/prepare/credential_image.cpp writes it.
#include <cstdio>

#include "common.h"
#include "text_writer.h"

namespace imprint_identity {

namespace {

void add_member(TextWriter& text, const char* name, const char* value) {
    text.add("  \"");
    text.add(name);
    text.add("\": ");
    text.add_string(value);
    text.add(",\n");
}

}  // namespace

std::size_t format_device(const Identity& identity, const Crypto& crypto,
                          char (&into)[Limits::device + 1]) {
    const Text& certificate = identity.certificate;
    const Text& key = identity.private_key;
    Crypto::Digest digest;
    TextWriter text(into, sizeof(into));
    text.add("{\n");
    add_member(text, "thing_name", identity.thing_name.c_str());
    add_member(text, "client_id", identity.client_id.c_str());
    add_member(text, "endpoint", identity.endpoint.c_str());
    char port[32];
    (void)std::snprintf(port, sizeof(port), "  \"port\": %u,\n", unsigned{identity.port});
    text.add(port);
    add_member(text, "lot", identity.lot.c_str());
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
