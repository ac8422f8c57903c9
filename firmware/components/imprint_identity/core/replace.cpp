#include "imprint_identity/replace.h"

#include <cstring>

#include "common.h"

namespace imprint_identity {

namespace {

// The slots, and what they have to know of the bench.
struct Replaced {
    explicit Replaced(const Places& places)
        : slots(places.slots, {}, places.crypto, places.mac,
                read_bench(places, bench) ? &bench : nullptr) {}

    static bool read_bench(const Places& places, Crypto::Digest& into) {
        if (places.bench.read == nullptr || !spiffs::is_sound(places.bench_geometry)) return false;
        spiffs::Volume volume(places.bench, places.bench_geometry);
        return device_digest(volume.source(), places.names, places.crypto, into);
    }

    Crypto::Digest bench;
    slots::Slots slots;
};

Problem no_slots() {
    return problem(Status::storage_unavailable,
                   "there is no partition for credentials that are replaced");
}

void put(const char* text, Text& into) {
    if (text != nullptr) into = Text(text, std::strlen(text));
}

slots::Set::File file_of(const Text& text) {
    return {text.c_str(), text.size()};
}

// In both copies.
bool wipe_bench_key(const Places& places) {
    if (places.bench.read == nullptr || !spiffs::is_sound(places.bench_geometry)) return true;
    spiffs::Volume volume(places.bench, places.bench_geometry);
    char copy[Limits::name];
    return volume.wipe(places.names.private_key) &&
           (!copy_name(places.names.private_key, copy) || volume.wipe(copy));
}

// The keys from before the bench prepared the board anew, once what it has written is whole.
Problem wipe_outdated(const Places& places, slots::Slots& slots) {
    bool has_outdated = false;
    if (const Problem bad = slots.look_for_outdated(has_outdated)) return bad;
    Identity identity;
    Problem mended;
    if (!has_outdated || load_in_force(places, identity, mended)) return {};
    return slots.wipe_outdated();
}

}  // namespace

Problem load_in_force(const Places& places, Identity& into, Problem& mended) {
    if (places.slots.read != nullptr) {
        const Problem bad = Replaced(places).slots.load(into, mended);
        if (bad.status != Status::nothing_staged) return bad;
    }
    if (places.bench.read != nullptr)
        return spiffs::load(places.bench, places.bench_geometry, places.bench_name, places.names,
                            places.mac, places.crypto, into, mended);
    return problem(Status::storage_unavailable, "there is no SPIFFS partition %s",
                   places.bench_name);
}

Problem load_staged(const Places& places, Identity& into, Problem& mended) {
    if (places.slots.read == nullptr) return no_slots();
    return Replaced(places).slots.load_staged(into, mended);
}

Problem stage(const Places& places, const NewCredentials& wanted) {
    if (places.slots.read == nullptr) return no_slots();
    Identity identity;
    Problem mended;
    if (const Problem bad = load_in_force(places, identity, mended)) return bad;
    put(wanted.certificate, identity.certificate);
    put(wanted.private_key, identity.private_key);
    put(wanted.root_ca, identity.root_ca);
    put(wanted.endpoint, identity.endpoint);
    if (wanted.port != 0) identity.port = wanted.port;
    char device[Limits::device + 1];
    const std::size_t size = format_device(identity, places.crypto, device);
    if (size == 0) {
        return problem(Status::key_mismatch,
                       "the new certificate and private key do not belong together");
    }
    slots::Set files;
    files.device = {device, size};
    files.certificate = file_of(identity.certificate);
    files.private_key = file_of(identity.private_key);
    files.root_ca = file_of(identity.root_ca);
    return Replaced(places).slots.stage(files);
}

Problem commit(const Places& places) {
    if (places.slots.read == nullptr) return no_slots();
    Replaced replaced(places);
    slots::Slots& slots = replaced.slots;
    if (const Problem bad = slots.commit()) {
        if (bad.status != Status::nothing_staged) return bad;
        const Problem not_wiped = wipe_outdated(places, slots);
        return not_wiped ? not_wiped : bad;
    }
    if (const Problem bad = slots.wipe_former()) return bad;
    if (wipe_bench_key(places)) return {};
    return problem(Status::not_written, "the former private key could not be wiped");
}

Problem rollback(const Places& places) {
    if (places.slots.read == nullptr) return no_slots();
    return Replaced(places).slots.rollback();
}

}  // namespace imprint_identity
