#include "imprint_identity/rotation.h"

#include <cstdio>
#include <cstring>

#include "common.h"
#include "imprint_identity/json.h"
#include "text_writer.h"

namespace imprint_identity {

// What of a document counts. Each that is absent is empty.
struct Rotation::Document {
    char id[rotation_id_size] = "";
    Text certificate;
    char reported_id[rotation_id_size] = "";
    char reported_state[16] = "";
    bool has_our_request = false;  // reported under our id
    const Text* request = nullptr;
    bool is_too_long = false;

    [[nodiscard]] bool has_reported(const char* state) const {
        return std::strcmp(reported_id, id) == 0 && std::strcmp(reported_state, state) == 0;
    }

    template <std::size_t room>
    void keep(const JsonScalar& scalar, char (&into)[room]) {
        is_too_long = is_too_long || scalar.size >= room;
        (void)std::snprintf(into, room, "%s", scalar.text);
    }

    void take(const JsonScalar& scalar) {
        if (scalar.kind != JsonScalar::Kind::string) return;
        const auto is = [&scalar](const char* path) { return std::strcmp(scalar.path, path) == 0; };
        if (is("state.desired.rotation.id")) keep(scalar, id);
        if (is("state.desired.rotation.certificate")) {
            certificate = Text(scalar.text, scalar.size);
            is_too_long = is_too_long || scalar.cut;
        }
        if (is("state.reported.rotation.id")) keep(scalar, reported_id);
        if (is("state.reported.rotation.state")) keep(scalar, reported_state);
        if (is("state.reported.rotation.csr"))
            has_our_request = !request->empty() && request->equals(scalar.text);
    }
};

namespace {

constexpr const char* requested_word = "requested";
constexpr const char* committed_word = "committed";
constexpr const char* refused_word = "refused";
constexpr int not_found = 404;

bool put_topic(const char* thing_name, const char* end, char (&into)[shadow_topic_size]) {
    const int length = std::snprintf(into, sizeof(into),
                                     "$aws/things/%s/shadow/name/credentials/%s", thing_name, end);
    return length > 0 && static_cast<std::size_t>(length) < sizeof(into);
}

}  // namespace

bool make_rotation_topics(const char* thing_name, RotationTopics& into) {
    return put_topic(thing_name, "update", into.update) &&
           put_topic(thing_name, "update/delta", into.delta) &&
           put_topic(thing_name, "get", into.get) &&
           put_topic(thing_name, "get/accepted", into.get_accepted) &&
           put_topic(thing_name, "get/rejected", into.get_rejected);
}

Rotation::Next Rotation::take(const char* json, std::size_t size, Problem& told) {
    told = {};
    if (state_ == State::trying) return Next::nothing;  // on its way already
    Text buffer(Limits::pem);
    if (buffer.empty()) {
        told = problem(Status::out_of_memory, "no memory for what the station wants");
        return Next::nothing;
    }
    Document document;
    document.request = &request_;
    const JsonResult result = walk_json(
        json, size,
        [](void* context, const JsonScalar& scalar) -> const char* {
            static_cast<Document*>(context)->take(scalar);
            return nullptr;
        },
        &document, buffer.data(), buffer.size() + 1);
    if (result.problem != nullptr || document.is_too_long) {
        told = problem(Status::field_invalid, "the shadow \"credentials\" is not understood: %s",
                       result.problem != nullptr ? result.problem : "a value is too long");
        return Next::nothing;
    }
    if (document.id[0] == '\0') {
        drop();
        return Next::nothing;
    }
    if (std::strcmp(id_, document.id) != 0) {
        private_key_.clear();
        request_.clear();
        state_ = State::idle;
        std::memcpy(id_, document.id, sizeof(id_));
        // Before a restart, perhaps.
        if (document.has_reported(refused_word)) state_ = State::refused;
    }
    if (state_ == State::refused)
        return document.has_reported(refused_word) ? Next::nothing : Next::report;
    // What is in force has to be known: who refuses the certificate that it works with loses it,
    // for the station then retires it. Flash or memory may be back at the next look.
    Identity in_force;
    Problem mended;
    told = load_in_force(places_, in_force, mended, part_certificate);
    if (told) return Next::nothing;
    return document.certificate.empty() ? ask(document, in_force)
                                        : take_certificate(document, in_force);
}

void Rotation::take_rejected(const char* json, std::size_t size) {
    ShadowAnswer answer;
    read_answer(json, size, answer);
    if (answer.code == not_found && state_ != State::trying) drop();
}

// No rotation is wanted any more.
void Rotation::drop() {
    private_key_.clear();
    request_.clear();
    id_[0] = '\0';
    state_ = State::idle;
    Identity staged;
    Problem mended;
    // Only where there is something: flash is not erased at each start.
    if (load_staged(places_, staged, mended).status != Status::nothing_staged)
        (void)rollback(places_);
}

Rotation::Next Rotation::ask(const Document& document, const Identity& in_force) {
    if (request_.empty() && !make_request_(in_force.thing_name.c_str(), private_key_, request_))
        return refuse("the device could make no key");
    state_ = State::requested;
    const bool is_known = document.has_reported(requested_word) && document.has_our_request;
    return is_known ? Next::nothing : Next::report;
}

Rotation::Next Rotation::take_certificate(const Document& document, const Identity& in_force) {
    if (in_force.certificate.equals(document.certificate.c_str())) {
        // Also what a power cut has left of the wiping. It is in force, whatever becomes of that.
        (void)commit(places_);
        state_ = State::committed;
        return document.has_reported(committed_word) ? Next::nothing : Next::report;
    }
    Identity staged;
    Problem mended;
    if (!load_staged(places_, staged, mended) &&
        staged.certificate.equals(document.certificate.c_str()))
        return begin_trial();
    Crypto::Digest public_key;
    const bool is_for_our_key =
        !private_key_.empty() &&
        places_.crypto.match(document.certificate.c_str(), document.certificate.size(),
                             private_key_.c_str(), private_key_.size(),
                             public_key) == Crypto::Match::yes;
    // Else its key was lost in a restart, or it answers a request before that one.
    return is_for_our_key ? stage_answer(document) : ask(document, in_force);
}

Rotation::Next Rotation::stage_answer(const Document& document) {
    NewCredentials wanted;
    wanted.certificate = document.certificate.c_str();
    wanted.private_key = private_key_.c_str();
    if (const Problem bad = stage(places_, wanted)) return refuse(bad.text);
    return begin_trial();
}

Rotation::Next Rotation::begin_trial() {
    private_key_.clear();
    request_.clear();
    state_ = State::trying;
    return Next::try_staged;
}

Rotation::Next Rotation::connected() {
    if (state_ != State::trying) return Next::nothing;
    const Problem bad = commit(places_);
    Identity staged;
    Problem mended;
    // Only what was seen to be staged still, and is taken back, is refused. Else the new one is in
    // force, and only the wiping of the former key failed; or nobody knows: then the report has the
    // public key of what is in force, which the station compares.
    if (bad && !load_staged(places_, staged, mended) && !rollback(places_)) return refuse(bad.text);
    state_ = State::committed;
    return Next::report;
}

void Rotation::failed(const char* why) {
    if (state_ != State::trying) return;
    (void)rollback(places_);
    (void)refuse(why);
}

Rotation::Next Rotation::refuse(const char* why) {
    private_key_.clear();
    request_.clear();
    state_ = State::refused;
    (void)std::snprintf(why_, sizeof(why_), "%s", why);
    return Next::report;
}

std::size_t Rotation::report(char (&into)[rotation_report_size]) const {
    const char* word = nullptr;
    if (state_ == State::requested) word = requested_word;
    if (state_ == State::committed) word = committed_word;
    if (state_ == State::refused) word = refused_word;
    if (word == nullptr) return 0;
    TextWriter text(into, sizeof(into));
    text.add(R"({"state":{"reported":{"rotation":{"id":)");
    text.add_string(id_);
    text.add(R"(,"state":)");
    text.add_string(word);
    text.add(R"(,"csr":)");
    // Null takes away what was said before.
    if (state_ == State::requested)
        text.add_string(request_.c_str());
    else
        text.add("null");
    text.add(R"(,"public_key":)");
    if (state_ == State::committed) {
        Identity identity;
        Problem mended;
        Crypto::Digest public_key;
        if (load_in_force(places_, identity, mended) ||
            places_.crypto.match(identity.certificate.c_str(), identity.certificate.size(),
                                 identity.private_key.c_str(), identity.private_key.size(),
                                 public_key) != Crypto::Match::yes)
            return 0;
        text.add_digest(public_key);
    } else {
        text.add("null");
    }
    text.add(R"(,"why":)");
    if (state_ == State::refused)
        text.add_string(why_);
    else
        text.add("null");
    text.add("}}}}");
    return text.full() ? 0 : text.size();
}

}  // namespace imprint_identity
