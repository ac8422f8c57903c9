// New credentials over the air, the device's side: it makes a key that never leaves it, asks for a
// certificate, and tries what it gets beside what it has. Its station is
// `imprint registry rotate --over-the-air`; the two talk by a named shadow of the device's thing
// (AWS IoT Core developer guide, "Device Shadow service documents" and "Shadow MQTT topics"):
//
//   desired.rotation    id           which rotation this is
//                       certificate  PEM: the answer to the device's request
//   reported.rotation   id           the one that it has taken up
//                       state        requested, committed, refused
//                       csr          requested: PKCS #10 (RFC 2986) for its new key, PEM
//                       public_key   committed: SHA-256 of the certificate's SubjectPublicKeyInfo
//                       why          refused: a sentence. The new certificate is not in force,
//                                    and never will be: the station retires it
//
//   on each connection: subscribe to get_accepted, get_rejected and delta, publish {} to get
//   get_accepted:  take()      delta: publish {} to get      get_rejected: take_rejected()
//   Next::report:  publish report() to update
//   Next::try_staged: end the connection, make one with load_staged(), tell connected() or
//   failed(); after failed(), and after a restart, connect with load_in_force()
//
// Nothing is lost by a restart at any point: a request is made anew, a staged set is tried again.
#pragma once

#include <cstddef>
#include <cstdint>

#include "imprint_identity/replace.h"
#include "imprint_identity/shadow.h"

namespace imprint_identity {

inline constexpr std::size_t rotation_report_size = 3072;
inline constexpr std::size_t rotation_id_size = 65;  // with an ending NUL

struct RotationTopics {
    char update[shadow_topic_size] = "";
    char delta[shadow_topic_size] = "";
    char get[shadow_topic_size] = "";
    char get_accepted[shadow_topic_size] = "";
    char get_rejected[shadow_topic_size] = "";
};

// False if the thing's name is too long.
bool make_rotation_topics(const char* thing_name, RotationTopics& into);

// Makes a key and a request for a certificate with that common name, both PEM. False: no key, or no
// memory.
using MakeRequest = bool (*)(const char* common_name, Text& private_key, Text& request);

class Rotation {
  public:
    enum class Next : std::uint8_t { nothing, report, try_staged };

    // places outlives it, and has slots.
    Rotation(const Places& places, MakeRequest make_request)
        : places_(places), make_request_(make_request) {}

    // A document of get_accepted. told: what is wrong with it, or why nothing can be done about it
    // now, for the console; the next one may find better times.
    Next take(const char* json, std::size_t size, Problem& told);
    // A message of get_rejected: where the thing has no such shadow, no rotation is wanted. A
    // broker that has no time, or a fault, has said nothing of it.
    void take_rejected(const char* json, std::size_t size);
    // There is a connection that was made with load_staged(): what it was made with is put in
    // force.
    Next connected();
    // There is none, and why: the staged credentials are wiped.
    void failed(const char* why);

    // Its length; 0: there is nothing to report, or it does not fit.
    std::size_t report(char (&into)[rotation_report_size]) const;

    [[nodiscard]] bool is_trying() const { return state_ == State::trying; }

  private:
    enum class State : std::uint8_t { idle, requested, trying, committed, refused };

    struct Document;

    void drop();
    Next ask(const Document& document, const Identity& in_force);
    Next take_certificate(const Document& document, const Identity& in_force);
    Next refuse(const char* why);
    Next begin_trial();
    Next stage_answer(const Document& document);

    const Places& places_;
    MakeRequest make_request_;
    State state_ = State::idle;
    char id_[rotation_id_size] = "";
    char why_[sizeof(Problem::text)] = "";
    Text private_key_;
    Text request_;
};

}  // namespace imprint_identity
