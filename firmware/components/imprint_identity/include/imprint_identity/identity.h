// The identity that Imprint puts on a board: four files, checked before they are used, so that a
// board says in one line what is wrong with it.
//
// This is the portable core: plain C++17 without exceptions, RTTI or ESP-IDF, so that the same
// lines run on the chip, in the simulator and in the tests.
#pragma once

#include <cstddef>
#include <cstdint>

#include "imprint_identity/text.h"

namespace imprint_identity {

enum class Status : std::uint8_t {
    ok,
    storage_unavailable,  // the partition is not there, or holds nothing of this format
    not_prepared,         // none of the files is there
    file_missing,         // but others are there
    damaged,              // what is read is not what was written
    key_mismatch,         // certificate and private key do not belong together
    file_unreadable,
    file_empty,
    file_too_large,
    out_of_memory,
    not_pem,         // no whole PEM block of the kind that the file must hold
    device_invalid,  // device.json is not the JSON that it must be
    field_missing,   // device.json lacks a member
    field_invalid,   // a member has a value that cannot be
    another_boards,  // the client id is not this board's MAC
    // Of a replacement in the field (slots.h).
    nothing_staged,
    no_room,      // the partition is too small for it
    not_written,  // the flash does not take it
};

// A stable word for logs and tests: "file_missing".
const char* to_string(Status status);

struct Problem {
    Status status = Status::ok;
    // One sentence for the console, with the file's name; never a part of the key.
    char text[160] = "";

    explicit operator bool() const { return status != Status::ok; }
};

struct FileNames {
    const char* certificate = "certificate.pem.crt";
    const char* private_key = "private.pem.key";
    const char* root_ca = "aws-root-ca.pem";
    const char* device = "device.json";
};

// How the core gets at files: the chip's file system, an image in memory, a folder.
struct FileSource {
    static constexpr long missing = -1;
    static constexpr long unreadable = -2;

    long (*size)(void* context, const char* name) = nullptr;  // bytes, or one of the above
    // Exactly size bytes; false if they do not come.
    bool (*read)(void* context, const char* name, char* into, std::size_t size) = nullptr;
    void* context = nullptr;
    // Why the last bytes did not come; may be missing, or give an empty text.
    const char* (*trouble)(void* context) = nullptr;
    const char* kind = "file";  // what the console calls one of them
};

// What the core asks of the crypto library: mbedTLS on the chip, OpenSSL on a computer.
struct Crypto {
    enum class Match : std::uint8_t { yes, no, bad_certificate, bad_key };

    using Digest = std::uint8_t[32];

    bool (*sha256)(const void* data, std::size_t size, Digest& into) = nullptr;
    // Both PEM, with an ending NUL that the sizes do not count. public_key: SHA-256 of the
    // certificate's SubjectPublicKeyInfo (RFC 5280, section 4.1), DER.
    Match (*match)(const char* certificate, std::size_t certificate_size, const char* key,
                   std::size_t key_size, Digest& public_key) = nullptr;
};

struct Identity {
    Text thing_name;
    Text client_id;  // the base MAC as 12 lower-case hex digits
    Text endpoint;   // a host name or address
    Text lot;        // may be empty
    std::uint16_t port = 0;
    Text certificate;  // PEM, with an ending NUL as mbedTLS wants it
    Text private_key;
    Text root_ca;
};

struct Limits {
    static constexpr std::size_t pem = 8192;  // bytes of each of the three
    static constexpr std::size_t device = 2048;
    static constexpr std::size_t name = 64;  // with the folder
};

using Mac = std::uint8_t[6];

// The files may be there twice, the second time in this folder and in other blocks of flash.
constexpr const char* copy_folder = "copy/";

// Reads and checks all four files; what is damaged or missing of the first ones is taken from the
// second. into is only changed when all is well; mended then says why a second one was needed.
// Older images have no digests, and their files are checked as far as they tell by themselves.
Problem load(const FileSource& files, const FileNames& names, const Mac& mac, const Crypto& crypto,
             Identity& into, Problem& mended);

// device.json of an identity whose texts are all there, as the station writes it; its length, or 0:
// it does not fit, or its certificate and key cannot be read or do not belong together.
std::size_t format_device(const Identity& identity, const Crypto& crypto,
                          char (&into)[Limits::device + 1]);

// Parts of it, for tests.
Problem parse_device(const char* text, std::size_t size, const Crypto& crypto, Identity& into);
enum class PemKind { certificate, private_key };
bool is_pem(const char* text, std::size_t size, PemKind kind);

}  // namespace imprint_identity
