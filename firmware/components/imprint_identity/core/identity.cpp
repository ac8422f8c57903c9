#include "imprint_identity/identity.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <utility>

#include "common.h"
#include "imprint_identity/json.h"

namespace imprint_identity {

Problem problem(Status status, const char* format, ...) {
    Problem made;
    made.status = status;
    va_list arguments;
    va_start(arguments, format);
    (void)std::vsnprintf(made.text, sizeof(made.text), format, arguments);
    va_end(arguments);
    return made;
}

void to_hex(const Crypto::Digest& digest, Hex& into) {
    constexpr const char* digits = "0123456789abcdef";
    char* at = into;
    for (const std::uint8_t byte : digest) {
        *at++ = digits[byte >> 4];
        *at++ = digits[byte & 15];
    }
    *at = '\0';
}

bool copy_name(const char* name, char (&into)[Limits::name]) {
    const int length = std::snprintf(into, sizeof(into), "%s%s", copy_folder, name);
    return length > 0 && static_cast<std::size_t>(length) < sizeof(into);
}

namespace {

// --- files ---------------------------------------------------------------------------------------

Problem read(const FileSource& files, const char* name, std::size_t limit, Text& into) {
    const long size = files.size(files.context, name);
    if (size == FileSource::missing)
        return problem(Status::file_missing, "the %s %s is missing, and others are there",
                       files.kind, name);
    if (size < 0)
        return problem(Status::file_unreadable, "the %s %s cannot be read", files.kind, name);
    if (size == 0) return problem(Status::file_empty, "the %s %s is empty", files.kind, name);
    const auto bytes = static_cast<std::size_t>(size);
    if (bytes > limit)
        return problem(Status::file_too_large, "the %s %s has %ld bytes, at most %lu are allowed",
                       files.kind, name, size, static_cast<unsigned long>(limit));
    Text text(bytes);
    if (text.size() != bytes)
        return problem(Status::out_of_memory, "no memory for the %ld bytes of %s", size, name);
    if (!files.read(files.context, name, text.data(), bytes)) {
        const char* why = files.trouble != nullptr ? files.trouble(files.context) : "";
        if (*why != '\0')
            return problem(Status::damaged, "the %s %s is damaged: %s", files.kind, name, why);
        return problem(Status::file_unreadable, "the %s %s cannot be read", files.kind, name);
    }
    into = std::move(text);
    return {};
}

// --- PEM -----------------------------------------------------------------------------------------

bool is_base64(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct Piece {
    const char* text;
    std::size_t size;
};

bool starts_with(Piece piece, const char* wanted) {
    const std::size_t length = std::strlen(wanted);
    return piece.size >= length && std::memcmp(piece.text, wanted, length) == 0;
}

Piece behind(Piece piece, std::size_t count) {
    return {piece.text + count, piece.size - count};
}

bool find(Piece piece, const char* wanted, std::size_t& at) {
    for (at = 0; at < piece.size; ++at)
        if (starts_with(behind(piece, at), wanted)) return true;
    return false;
}

// Base64 in lines: characters and white space, then at most two '=', in whole groups of four.
bool is_base64_body(Piece body) {
    std::size_t characters = 0;
    std::size_t padding = 0;
    for (std::size_t i = 0; i < body.size; ++i) {
        const char c = body.text[i];
        if (is_space(c)) continue;
        if (c == '=')
            ++padding;
        else if (!is_base64(c) || padding != 0)
            return false;
        else
            ++characters;
    }
    return characters != 0 && padding <= 2 && (characters + padding) % 4 == 0;
}

bool skip(Piece& text, const char* wanted) {
    if (!starts_with(text, wanted)) return false;
    text = behind(text, std::strlen(wanted));
    return true;
}

// Takes one block of that label from the front of the text, or leaves the text as it is.
bool take_block(Piece& text, const char* label) {
    constexpr const char* close = "-----";
    Piece rest = text;
    if (!skip(rest, "-----BEGIN ") || !skip(rest, label) || !skip(rest, close)) return false;
    std::size_t at = 0;
    if (!find(rest, close, at)) return false;
    const Piece body{rest.text, at};
    rest = behind(rest, at);
    if (!skip(rest, "-----END ") || !skip(rest, label) || !skip(rest, close)) return false;
    if (!is_base64_body(body)) return false;
    text = rest;
    return true;
}

// --- device.json ---------------------------------------------------------------------------------

enum Field {
    thing_name,
    client_id,
    endpoint,
    port,
    lot,
    certificate_digest,
    private_key_digest,
    root_ca_digest,
    public_key_digest,
    field_count
};

constexpr const char* field_names[field_count] = {
    "thing_name",         "client_id",      "endpoint",         "port", "lot", "sha256.certificate",
    "sha256.private_key", "sha256.root_ca", "sha256.public_key"};

bool is_needed(int field) {
    return field < lot;
}

struct Device {
    Text values[field_count];
    bool seen[field_count] = {};
    std::uint16_t port_number = 0;
    const char* refused = nullptr;  // the member that cannot be
};

bool all_of(const char* text, const char* punctuation) {
    for (; *text != '\0'; ++text) {
        const char c = *text;
        const bool plain = is_base64(c) && c != '+' && c != '/';
        if (!plain && std::strchr(punctuation, c) == nullptr) return false;
    }
    return true;
}

bool parse_port(const char* text, std::uint16_t& into) {
    unsigned long number = 0;
    for (; *text != '\0'; ++text) {
        if (*text < '0' || *text > '9') return false;
        number = number * 10 + static_cast<unsigned long>(*text - '0');
        if (number > 65535) return false;
    }
    into = static_cast<std::uint16_t>(number);
    return number != 0;
}

bool is_valid(Field field, const JsonScalar& scalar, std::uint16_t& port_number) {
    if (scalar.cut) return false;
    if (field == port)
        return scalar.kind == JsonScalar::Kind::number && parse_port(scalar.text, port_number);
    if (scalar.kind != JsonScalar::Kind::string) return false;
    switch (field) {
        case thing_name:  // AWS IoT's rule for the names of things
        case client_id:
            return scalar.size >= 1 && scalar.size <= 128 && all_of(scalar.text, ":_-");
        case endpoint:  // a host name, or an address
            return scalar.size >= 1 && scalar.size <= 253 && all_of(scalar.text, ".-:");
        case lot:
            return true;
        default:
            return scalar.size == sizeof(Hex) - 1;
    }
}

const char* take_member(void* context, const JsonScalar& scalar) {
    auto& device = *static_cast<Device*>(context);
    for (int i = 0; i < field_count; ++i) {
        if (std::strcmp(scalar.path, field_names[i]) != 0) continue;
        if (device.seen[i]) return "a member comes twice";
        device.seen[i] = true;
        if (!is_valid(static_cast<Field>(i), scalar, device.port_number)) {
            device.refused = field_names[i];
            return "a member has a value that cannot be";
        }
        device.values[i] = Text(scalar.text, scalar.size);
    }
    return nullptr;
}

void mac_to_id(const Mac& mac, char (&id)[13]) {
    (void)std::snprintf(id, sizeof(id), "%02x%02x%02x%02x%02x%02x", mac[0], mac[1], mac[2], mac[3],
                        mac[4], mac[5]);
}

}  // namespace

const char* to_string(Status status) {
    switch (status) {
        case Status::ok:
            return "ok";
        case Status::storage_unavailable:
            return "storage_unavailable";
        case Status::not_prepared:
            return "not_prepared";
        case Status::file_missing:
            return "file_missing";
        case Status::damaged:
            return "damaged";
        case Status::key_mismatch:
            return "key_mismatch";
        case Status::file_unreadable:
            return "file_unreadable";
        case Status::file_empty:
            return "file_empty";
        case Status::file_too_large:
            return "file_too_large";
        case Status::out_of_memory:
            return "out_of_memory";
        case Status::not_pem:
            return "not_pem";
        case Status::device_invalid:
            return "device_invalid";
        case Status::field_missing:
            return "field_missing";
        case Status::field_invalid:
            return "field_invalid";
        case Status::another_boards:
            return "another_boards";
        case Status::nothing_staged:
            return "nothing_staged";
        case Status::no_room:
            return "no_room";
        case Status::not_written:
            return "not_written";
    }
    return "unknown";
}

bool is_pem(const char* text, std::size_t size, PemKind kind) {
    static constexpr const char* certificates[] = {"CERTIFICATE", nullptr};
    static constexpr const char* keys[] = {"EC PRIVATE KEY", "RSA PRIVATE KEY", "PRIVATE KEY",
                                           nullptr};
    const char* const* labels = kind == PemKind::certificate ? certificates : keys;
    Piece rest{text, size};
    std::size_t at = 0;
    std::size_t found = 0;
    while (find(rest, "-----BEGIN ", at)) {
        rest = behind(rest, at);
        // OpenSSL may write the curve's name in front of an EC key.
        if (kind == PemKind::private_key && take_block(rest, "EC PARAMETERS")) continue;
        const char* const* label = labels;
        while (*label != nullptr && !take_block(rest, *label))
            ++label;
        if (*label == nullptr) return false;
        ++found;
    }
    return kind == PemKind::certificate ? found >= 1 : found == 1;
}

namespace {

// The checksum is the last member, and over all that is in front of its own name: it is looked at
// before anything else is believed. has_one: the text has such a member.
Problem check_sum(const char* text, std::size_t size, const Crypto& crypto, bool& has_one) {
    constexpr const char* name = "\"checksum\"";
    const Piece whole{text, size};
    std::size_t at = size;
    for (std::size_t i = 0; i < size; ++i)
        if (starts_with(behind(whole, i), name)) at = i;
    has_one = at != size;
    if (!has_one || crypto.sha256 == nullptr) return {};
    Crypto::Digest digest;
    Hex hex;
    if (!crypto.sha256(text, at, digest))
        return problem(Status::out_of_memory, "no memory for the checksum of device.json");
    to_hex(digest, hex);
    Piece value = behind(whole, at + std::strlen(name));
    if (skip(value, ": \"") && skip(value, hex) && starts_with(value, "\"")) return {};
    return problem(Status::damaged, "device.json is damaged: its checksum is another one");
}

Problem parse_facts(const char* text, std::size_t size, const Crypto& crypto, Device& device) {
    bool has_checksum = false;
    if (const Problem bad = check_sum(text, size, crypto, has_checksum)) return bad;
    const JsonResult result = walk_json(text, size, take_member, &device);
    if (device.refused != nullptr)
        return problem(Status::field_invalid, "device.json: %s has a value that cannot be",
                       device.refused);
    if (result.problem != nullptr)
        return problem(has_checksum ? Status::damaged : Status::device_invalid,
                       "device.json: %s at byte %lu", result.problem,
                       static_cast<unsigned long>(result.at));
    if (!has_checksum && (device.seen[certificate_digest] || device.seen[private_key_digest] ||
                          device.seen[root_ca_digest] || device.seen[public_key_digest]))
        return problem(Status::damaged, "device.json is damaged: no checksum is in it");
    for (int i = 0; i < field_count; ++i)
        if (!device.seen[i] && is_needed(i))
            return problem(Status::field_missing, "device.json: %s is missing", field_names[i]);
    return {};
}

void take_facts(Device& device, Identity& into) {
    into.thing_name = std::move(device.values[thing_name]);
    into.client_id = std::move(device.values[client_id]);
    into.endpoint = std::move(device.values[endpoint]);
    into.lot = std::move(device.values[lot]);
    into.port = device.port_number;
}

// One load of an identity, with what it asks for in each of its steps.
struct Loading {
    const FileSource& files;
    const FileNames& names;
    const Crypto& crypto;
    Device device;
    Identity found;
    Problem mended;

    struct Pem {
        const char* name;
        Text Identity::* text;
        PemKind kind;
        const char* what;
        Field digest;
    };

    // The file by this name as it should be, from the first place; else from the second. try_it
    // gives what is wrong with the one by a name.
    template <typename Try>
    Problem from_either(const char* name, const Try& try_it) {
        const Problem first = try_it(name);
        if (!first) return {};
        char second_name[Limits::name];
        if (!copy_name(name, second_name)) return first;
        const Problem second = try_it(second_name);
        if (!second) {
            if (!mended) mended = first;
            return {};
        }
        // What is there says more than what is not.
        const bool only_second_is_there =
            first.status == Status::file_missing && second.status != Status::file_missing;
        return only_second_is_there ? second : first;
    }

    Problem read_device() {
        return from_either(names.device, [this](const char* name) {
            Text text;
            if (const Problem bad = read(files, name, Limits::device, text)) return bad;
            Device facts;
            const Problem bad = parse_facts(text.c_str(), text.size(), crypto, facts);
            if (!bad) device = std::move(facts);
            return bad;
        });
    }

    Problem read_pem(const Pem& pem) {
        return from_either(pem.name, [&](const char* name) {
            Text text;
            if (const Problem bad = read(files, name, Limits::pem, text)) return bad;
            if (const Problem bad = check_digest(name, text, pem.digest)) return bad;
            if (!is_pem(text.c_str(), text.size(), pem.kind))
                return problem(Status::not_pem, "the %s %s holds no whole PEM %s", files.kind, name,
                               pem.what);
            found.*pem.text = std::move(text);
            return Problem();
        });
    }

    Problem check_digest(const char* name, const Text& text, Field field) const {
        if (crypto.sha256 == nullptr || !device.seen[field]) return {};
        Crypto::Digest digest;
        Hex hex;
        if (!crypto.sha256(text.c_str(), text.size(), digest))
            return problem(Status::out_of_memory, "no memory for the digest of %s", name);
        to_hex(digest, hex);
        if (device.values[field].equals(hex)) return {};
        return problem(Status::damaged,
                       "the %s %s is damaged: its SHA-256 is not the one in device.json",
                       files.kind, name);
    }

    [[nodiscard]] Problem check_match() const {
        if (crypto.match == nullptr) return {};
        Crypto::Digest digest;
        switch (crypto.match(found.certificate.c_str(), found.certificate.size(),
                             found.private_key.c_str(), found.private_key.size(), digest)) {
            case Crypto::Match::bad_certificate:
                return problem(Status::not_pem, "the certificate in %s cannot be read",
                               names.certificate);
            case Crypto::Match::bad_key:
                return problem(Status::not_pem, "the private key in %s cannot be read",
                               names.private_key);
            case Crypto::Match::no:
                return problem(Status::key_mismatch,
                               "the private key in %s is not the one of the certificate in %s",
                               names.private_key, names.certificate);
            case Crypto::Match::yes:
                break;
        }
        if (!device.seen[public_key_digest]) return {};
        Hex hex;
        to_hex(digest, hex);
        if (device.values[public_key_digest].equals(hex)) return {};
        return problem(Status::key_mismatch,
                       "the certificate in %s is not the one that device.json is for",
                       names.certificate);
    }

    bool is_there(const char* name) const {
        return files.size(files.context, name) != FileSource::missing;
    }

    // A board that has nothing was never prepared; one that has some of it is damaged.
    [[nodiscard]] bool has_any() const {
        for (const char* name :
             {names.certificate, names.private_key, names.root_ca, names.device}) {
            if (is_there(name)) return true;
            char second[Limits::name];
            if (copy_name(name, second) && is_there(second)) return true;
        }
        return false;
    }

    Problem run(const Mac& mac) {
        if (!has_any())
            return problem(Status::not_prepared,
                           "none of the identity's files is there (%s, …): this board was never "
                           "prepared, or all of it was erased",
                           names.device);
        if (const Problem bad = read_device()) return bad;
        const Pem pems[] = {
            {names.certificate, &Identity::certificate, PemKind::certificate, "certificate",
             certificate_digest},
            {names.private_key, &Identity::private_key, PemKind::private_key, "private key",
             private_key_digest},
            {names.root_ca, &Identity::root_ca, PemKind::certificate, "certificate",
             root_ca_digest},
        };
        for (const Pem& pem : pems)
            if (const Problem bad = read_pem(pem)) return bad;
        take_facts(device, found);
        char id[13];
        mac_to_id(mac, id);
        if (!found.client_id.equals(id))
            return problem(Status::another_boards,
                           "these credentials are for the board %s, this board is %s",
                           found.client_id.c_str(), id);
        return check_match();
    }
};

}  // namespace

Problem parse_device(const char* text, std::size_t size, const Crypto& crypto, Identity& into) {
    Device device;
    const Problem bad = parse_facts(text, size, crypto, device);
    if (!bad) take_facts(device, into);
    return bad;
}

Problem load(const FileSource& files, const FileNames& names, const Mac& mac, const Crypto& crypto,
             Identity& into, Problem& mended) {
    Loading loading{files, names, crypto, {}, {}, {}};
    const Problem bad = loading.run(mac);
    if (bad) return bad;
    into = std::move(loading.found);
    mended = loading.mended;
    return {};
}

}  // namespace imprint_identity
