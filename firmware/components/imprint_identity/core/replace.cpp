#include "imprint_identity/replace.h"

#include <cstring>

#include "common.h"

namespace imprint_identity {

namespace {

slots::Slots slots_of(const Places& places) {
    return {places.slots, {}, places.crypto, places.mac};
}

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

Bench bench_of(const Places& places) {
    return {places.storage, places.bench, places.bench_geometry, places.bench_name, places.names};
}

}  // namespace

Problem load_in_force(const Places& places, Identity& into, Problem& mended) {
    if (places.slots.read != nullptr) {
        const Problem bad = slots_of(places).load(into, mended);
        if (bad.status != Status::nothing_staged) return bad;
    }
    return load(bench_of(places), places.mac, places.crypto, into, mended);
}

Problem load_staged(const Places& places, Identity& into, Problem& mended) {
    if (places.slots.read == nullptr) return no_slots();
    return slots_of(places).load_staged(into, mended);
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
    return slots_of(places).stage(files);
}

Problem commit(const Places& places) {
    if (places.slots.read == nullptr) return no_slots();
    slots::Slots slots = slots_of(places);
    if (const Problem bad = slots.commit()) return bad;
    if (const Problem bad = slots.wipe_former()) return bad;
    if (wipe_key(bench_of(places))) return {};
    return problem(Status::not_written, "the former private key could not be wiped");
}

Problem rollback(const Places& places) {
    if (places.slots.read == nullptr) return no_slots();
    return slots_of(places).rollback();
}

}  // namespace imprint_identity
