#include "imprint_identity/identity.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <utility>

#include "imprint_identity/json.h"

namespace imprint_identity {

namespace {

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
Problem
problem(Status status, const char* format, ...) {
    Problem made;
    made.status = status;
    va_list arguments;
    va_start(arguments, format);
    (void)std::vsnprintf(made.text, sizeof(made.text), format, arguments);
    va_end(arguments);
    return made;
}

// --- files ---------------------------------------------------------------------------------------

Problem read(const FileSource& files, const char* name, std::size_t limit, Text& into) {
    const long size = files.size(files.context, name);
    if (size == FileSource::missing)
        return problem(Status::file_missing, "the file %s is missing", name);
    if (size < 0) return problem(Status::file_unreadable, "the file %s cannot be read", name);
    if (size == 0) return problem(Status::file_empty, "the file %s is empty", name);
    const auto bytes = static_cast<std::size_t>(size);
    if (bytes > limit)
        return problem(Status::file_too_large, "the file %s has %ld bytes, at most %lu are allowed",
                       name, size, static_cast<unsigned long>(limit));
    Text text(bytes);
    if (text.size() != bytes)
        return problem(Status::out_of_memory, "no memory for the %ld bytes of %s", size, name);
    if (!files.read(files.context, name, text.data(), bytes))
        return problem(Status::file_unreadable, "the file %s cannot be read", name);
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

enum Field { thing_name, client_id, endpoint, port, lot, field_count };

constexpr const char* field_names[field_count] = {"thing_name", "client_id", "endpoint", "port",
                                                  "lot"};

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
        default:
            return true;
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
        case Status::file_missing:
            return "file_missing";
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

Problem parse_device(const char* text, std::size_t size, Identity& into) {
    Device device;
    const JsonResult result = walk_json(text, size, take_member, &device);
    if (device.refused != nullptr)
        return problem(Status::field_invalid, "device.json: %s has a value that cannot be",
                       device.refused);
    if (result.problem != nullptr)
        return problem(Status::device_invalid, "device.json: %s at byte %lu", result.problem,
                       static_cast<unsigned long>(result.at));
    for (int i = 0; i < field_count; ++i)
        if (!device.seen[i] && i != lot)
            return problem(Status::field_missing, "device.json: %s is missing", field_names[i]);
    into.thing_name = std::move(device.values[thing_name]);
    into.client_id = std::move(device.values[client_id]);
    into.endpoint = std::move(device.values[endpoint]);
    into.lot = std::move(device.values[lot]);
    into.port = device.port_number;
    return {};
}

Problem load(const FileSource& files, const FileNames& names, const Mac& mac, Identity& into) {
    Identity found;

    struct Pem {
        const char* name;
        Text* text;
        PemKind kind;
        const char* what;
    };

    const Pem pems[] = {
        {names.certificate, &found.certificate, PemKind::certificate, "certificate"},
        {names.private_key, &found.private_key, PemKind::private_key, "private key"},
        {names.root_ca, &found.root_ca, PemKind::certificate, "certificate"},
    };
    for (const Pem& pem : pems) {
        if (const Problem bad = read(files, pem.name, Limits::pem, *pem.text)) return bad;
        if (!is_pem(pem.text->c_str(), pem.text->size(), pem.kind))
            return problem(Status::not_pem, "the file %s holds no whole PEM %s", pem.name,
                           pem.what);
    }
    Text device;
    if (const Problem bad = read(files, names.device, Limits::device, device)) return bad;
    if (const Problem bad = parse_device(device.c_str(), device.size(), found)) return bad;
    char id[13];
    mac_to_id(mac, id);
    if (!found.client_id.equals(id))
        return problem(Status::another_boards,
                       "these credentials are for the board %s, this board is %s",
                       found.client_id.c_str(), id);
    into = std::move(found);
    return {};
}

}  // namespace imprint_identity
