#include "imprint_identity/replace.h"

#include <cstring>

#include "common.h"

namespace imprint_identity {

namespace {

Problem no_slots() {
    return problem(Status::storage_unavailable,
                   "there is no partition for credentials that are replaced");
}

// size: of DER; 0: it is a text.
void put(const char* text, std::size_t size, Text& into) {
    if (text != nullptr) into = Text(text, size != 0 ? size : std::strlen(text));
}

slots::Set::File file_of(const Text& text) {
    return {text.c_str(), text.size()};
}

// The slots, and what they have to know of the bench.
struct Replaced {
    explicit Replaced(const Places& places)
        : slots(places.slots, {}, places.crypto, places.mac,
                device_digest(bench_of(places), places.crypto, bench) ? &bench : nullptr) {}

    Crypto::Digest bench = {};
    slots::Slots slots;
};

// A slot is read whole, for what is checked there.
void drop_unwanted(Parts wanted, Identity& from) {
    if ((wanted & part_certificate) == 0) from.certificate.clear();
    if ((wanted & part_private_key) == 0) from.private_key.clear();
    if ((wanted & part_root_ca) == 0) from.root_ca.clear();
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

Bench bench_of(const Places& places) {
    return {places.storage,    places.bench, places.bench_geometry,
            places.bench_name, places.names, places.bench_cipher};
}

Problem load_in_force(const Places& places, Identity& into, Problem& mended, Parts wanted) {
    if (places.slots.read != nullptr) {
        const Problem bad = Replaced(places).slots.load(into, mended);
        if (!bad) drop_unwanted(wanted, into);
        if (bad.status != Status::nothing_staged) return bad;
    }
    return load(bench_of(places), places.mac, places.crypto, into, mended, wanted);
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
    put(wanted.certificate, wanted.certificate_size, identity.certificate);
    put(wanted.private_key, wanted.private_key_size, identity.private_key);
    put(wanted.root_ca, wanted.root_ca_size, identity.root_ca);
    put(wanted.endpoint, 0, identity.endpoint);
    if (wanted.port != 0) identity.port = wanted.port;
    // A task's stack has no room for it beside what is called below.
    Text device(Limits::device);
    if (device.empty()) return problem(Status::out_of_memory, "no memory for device.json");
    using DeviceText = char[Limits::device + 1];
    const std::size_t size =
        format_device(identity, places.crypto, reinterpret_cast<DeviceText&>(*device.data()));
    if (size == 0) {
        return problem(Status::key_mismatch,
                       "the new certificate and private key do not belong together");
    }
    slots::Set files;
    files.device = {device.c_str(), size};
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
    if (wipe_key(bench_of(places))) return {};
    return problem(Status::not_written, "the former private key could not be wiped");
}

Problem rollback(const Places& places) {
    if (places.slots.read == nullptr) return no_slots();
    return Replaced(places).slots.rollback();
}

}  // namespace imprint_identity
