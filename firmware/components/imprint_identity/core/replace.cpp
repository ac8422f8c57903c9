#include "imprint_identity/replace.h"

#include <cstdio>
#include <cstring>

namespace imprint_identity {

namespace {

slots::Slots slots_of(const Places& places) {
    return {places.slots, {}, places.crypto, places.mac};
}

Problem no_slots() {
    Problem made;
    made.status = Status::storage_unavailable;
    (void)std::snprintf(made.text, sizeof(made.text),
                        "there is no partition for credentials that are replaced");
    return made;
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
    const int length =
        std::snprintf(copy, sizeof(copy), "%s%s", copy_folder, places.names.private_key);
    const bool fits = length > 0 && static_cast<std::size_t>(length) < sizeof(copy);
    return volume.wipe(places.names.private_key) && (!fits || volume.wipe(copy));
}

}  // namespace

Problem load_in_force(const Places& places, Identity& into, Problem& mended) {
    if (places.slots.read != nullptr) {
        bool in_a_slot = false;
        slots::Slots slots = slots_of(places);
        if (const Problem bad = slots.has_one_in_force(in_a_slot)) return bad;
        if (in_a_slot) return slots.load(into, mended);
    }
    if (places.bench.read != nullptr)
        return spiffs::load(places.bench, places.bench_geometry, places.bench_name, places.names,
                            places.mac, places.crypto, into, mended);
    Problem bad;
    bad.status = Status::storage_unavailable;
    (void)std::snprintf(bad.text, sizeof(bad.text), "there is no SPIFFS partition %s",
                        places.bench_name);
    return bad;
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
        Problem bad;
        bad.status = Status::key_mismatch;
        (void)std::snprintf(bad.text, sizeof(bad.text),
                            "the new certificate and private key do not belong together");
        return bad;
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
    if (wipe_bench_key(places)) return {};
    Problem bad;
    bad.status = Status::not_written;
    (void)std::snprintf(bad.text, sizeof(bad.text), "the former private key could not be wiped");
    return bad;
}

Problem rollback(const Places& places) {
    if (places.slots.read == nullptr) return no_slots();
    return slots_of(places).rollback();
}

}  // namespace imprint_identity
