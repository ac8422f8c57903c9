#include "imprint_identity/slots.h"

#include <cstring>
#include <initializer_list>

#include "common.h"

namespace imprint_identity {
namespace slots {

namespace {

constexpr char magic[] = "imprslot";
constexpr char in_force_words[] = "in force";
constexpr std::uint32_t version = 1;
constexpr std::size_t words_size = 8;  // of both texts, without the NUL
constexpr std::size_t replaced_at = 32;
constexpr std::size_t checked_size = replaced_at + sizeof(Crypto::Digest);
constexpr std::size_t header_size = 80;
constexpr std::size_t mark_size = 32;

static_assert(sizeof(magic) == words_size + 1 && sizeof(in_force_words) == words_size + 1,
              "both have eight letters");
static_assert(header_size + mark_size == files_at && files_at % piece == 0,
              "the files begin behind the mark");

void store32(std::uint8_t* at, std::uint32_t value) {
    for (int i = 0; i < 4; ++i)
        at[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

std::uint32_t load32(const std::uint8_t* at) {
    std::uint32_t value = 0;
    for (int i = 3; i >= 0; --i)
        value = value << 8 | at[i];
    return value;
}

Problem unreadable() {
    return problem(Status::storage_unavailable, "the partition of the slots cannot be read");
}

Problem not_written(const char* what) {
    return problem(Status::not_written, "the flash does not take %s", what);
}

Problem none_staged() {
    return problem(Status::nothing_staged, "no new credentials are staged");
}

std::size_t rounded(std::size_t size) {
    return (size + piece - 1) / piece * piece;
}

// A set in memory, as load() reads files.
struct SetFiles {
    const Set& set;
    const FileNames& names;

    [[nodiscard]] const Set::File* find(const char* name) const {
        if (std::strcmp(name, names.device) == 0) return &set.device;
        if (std::strcmp(name, names.certificate) == 0) return &set.certificate;
        if (std::strcmp(name, names.private_key) == 0) return &set.private_key;
        if (std::strcmp(name, names.root_ca) == 0) return &set.root_ca;
        return nullptr;
    }

    FileSource source() {
        FileSource files;
        files.size = [](void* self, const char* name) -> long {
            const Set::File* file = static_cast<SetFiles*>(self)->find(name);
            return file != nullptr ? static_cast<long>(file->size) : FileSource::missing;
        };
        files.read = [](void* self, const char* name, char* into, std::size_t size) {
            const Set::File* file = static_cast<SetFiles*>(self)->find(name);
            if (file == nullptr || file->size != size) return false;
            std::memcpy(into, file->text, size);
            return true;
        };
        files.context = this;
        return files;
    }
};

}  // namespace

struct Slots::Files {
    Slots& slots;
    const Unit* units[2];  // null: that copy is none of this set

    // Where a file lies, in which copy; false: there is none by this name.
    bool find(const char* name, const Unit*& unit, std::uint32_t& at, std::uint32_t& size) const {
        const std::size_t folder = std::strlen(copy_folder);
        const bool second = std::strncmp(name, copy_folder, folder) == 0;
        if (second) name += folder;
        unit = units[second ? 1 : 0];
        if (unit == nullptr) return false;
        const FileNames& names = slots.names_;
        const char* order[] = {names.device, names.certificate, names.private_key, names.root_ca};
        at = unit->at + files_at;
        for (int i = 0; i < 4; ++i) {
            size = unit->sizes[i];
            if (std::strcmp(name, order[i]) == 0) return true;
            at += size;
        }
        return false;
    }

    FileSource source() {
        FileSource files;
        files.size = [](void* self, const char* name) -> long {
            const Unit* unit = nullptr;
            std::uint32_t at = 0;
            std::uint32_t size = 0;
            const bool found = static_cast<Files*>(self)->find(name, unit, at, size);
            return found ? static_cast<long>(size) : FileSource::missing;
        };
        files.read = [](void* self, const char* name, char* into, std::size_t wanted) {
            const auto& me = *static_cast<Files*>(self);
            const Unit* unit = nullptr;
            std::uint32_t at = 0;
            std::uint32_t size = 0;
            return me.find(name, unit, at, size) && size == wanted &&
                   me.slots.flash_.read(me.slots.flash_.context, at, into, wanted);
        };
        files.context = this;
        return files;
    }
};

bool Slots::mark_of(const Unit& unit, Crypto::Digest& into) const {
    std::uint8_t marked[words_size + header_size];
    std::memcpy(marked, in_force_words, words_size);
    std::memcpy(marked + words_size, unit.header, header_size);
    return crypto_.sha256(marked, sizeof(marked), into);
}

Problem Slots::look_at(Unit& unit) {
    std::uint8_t stored[mark_size];
    if (!flash_.read(flash_.context, unit.at, unit.header, header_size) ||
        !flash_.read(flash_.context, unit.at + header_size, stored, mark_size))
        return unreadable();
    Crypto::Digest check;
    if (!crypto_.sha256(unit.header, checked_size, check))
        return problem(Status::out_of_memory, "no memory for a digest");
    std::uint64_t all = files_at;
    for (std::size_t i = 0; i < 4; ++i) {
        unit.sizes[i] = load32(unit.header + 16 + 4 * i);
        all += unit.sizes[i];
    }
    unit.sequence = load32(unit.header + 12);
    const bool is_whole =
        std::memcmp(unit.header, magic, words_size) == 0 && load32(unit.header + 8) == version &&
        std::memcmp(unit.header + checked_size, check, header_size - checked_size) == 0 &&
        all <= unit_size();
    unit.outdated = is_whole && bench_ != nullptr &&
                    std::memcmp(unit.header + replaced_at, *bench_, sizeof(*bench_)) != 0;
    unit.valid = is_whole && !unit.outdated;
    if (!unit.valid) return {};
    if (!mark_of(unit, check)) return problem(Status::out_of_memory, "no memory for a digest");
    unit.marked = std::memcmp(stored, check, mark_size) == 0;
    return {};
}

Problem Slots::look(State& into) {
    if (unit_size() == 0)
        return problem(Status::no_room, "the partition of the slots has less than four sectors");
    std::uint32_t newest = 0;
    for (int i = 0; i < 4; ++i) {
        Unit& unit = into.units[i];
        unit.at = static_cast<std::uint32_t>(i) * unit_size();
        if (const Problem bad = look_at(unit)) return bad;
        if ((unit.valid || unit.outdated) && unit.sequence > into.last_sequence)
            into.last_sequence = unit.sequence;
        if (unit.marked && (into.in_force < 0 || unit.sequence > newest)) {
            into.in_force = i / 2;
            newest = unit.sequence;
        }
    }
    for (int i = 0; i < 4; ++i) {
        const Unit& unit = into.units[i];
        if (unit.valid && i / 2 != into.in_force && unit.sequence > newest) into.staged = i / 2;
    }
    return {};
}

Problem Slots::load_slot(const State& state, int slot, Identity& into, Problem& mended) {
    const Unit& first = state.unit(slot, 0);
    const Unit& second = state.unit(slot, 1);
    std::uint32_t sequence = 0;
    for (const Unit* unit : {&first, &second})
        if (unit->valid && unit->sequence > sequence) sequence = unit->sequence;
    const auto of_set = [sequence](const Unit& unit) {
        return unit.valid && unit.sequence == sequence ? &unit : nullptr;
    };
    Files files{*this, {of_set(first), of_set(second)}};
    return imprint_identity::load(files.source(), names_, mac_, crypto_, into, mended);
}

Problem Slots::load(Identity& into, Problem& mended) {
    State state;
    if (const Problem bad = look(state)) return bad;
    if (state.in_force < 0) return none_staged();
    return load_slot(state, state.in_force, into, mended);
}

Problem Slots::load_staged(Identity& into, Problem& mended) {
    State state;
    if (const Problem bad = look(state)) return bad;
    if (state.staged < 0) return none_staged();
    return load_slot(state, state.staged, into, mended);
}

Problem Slots::look_for_blank(int slot, bool& is_blank) {
    std::uint8_t part[64];
    is_blank = true;
    const std::uint32_t begin = static_cast<std::uint32_t>(2 * slot) * unit_size();
    for (std::uint32_t at = begin; at < begin + 2 * unit_size(); at += sizeof(part)) {
        if (!flash_.read(flash_.context, at, part, sizeof(part))) return unreadable();
        for (const std::uint8_t byte : part)
            is_blank = is_blank && byte == 0xFF;
    }
    return {};
}

Problem Slots::erase_slot(int slot) {
    for (int copy = 0; copy < 2; ++copy) {
        const std::uint32_t at = static_cast<std::uint32_t>(2 * slot + copy) * unit_size();
        if (!flash_.erase(flash_.context, at, unit_size())) return not_written("an erase");
    }
    return {};
}

// In pieces of 16 bytes, over the ends of the files.
Problem Slots::write_files(std::uint32_t at, const Set& set) {
    std::uint8_t part[piece];
    std::size_t filled = 0;
    at += files_at;
    for (const Set::File* file : {&set.device, &set.certificate, &set.private_key, &set.root_ca}) {
        for (std::size_t done = 0; done < file->size; ++done) {
            part[filled++] = static_cast<std::uint8_t>(file->text[done]);
            if (filled < piece) continue;
            if (!flash_.write(flash_.context, at, part, piece)) return not_written("the files");
            at += piece;
            filled = 0;
        }
    }
    if (filled == 0) return {};
    std::memset(part + filled, 0xFF, piece - filled);
    const bool written = flash_.write(flash_.context, at, part, piece);
    std::memset(part, 0, sizeof(part));
    return written ? Problem() : not_written("the files");
}

Problem Slots::write_unit(std::uint32_t at, std::uint32_t sequence, const Set& set,
                          const std::uint8_t* replaced) {
    if (const Problem bad = write_files(at, set)) return bad;
    std::uint8_t header[header_size];
    std::memcpy(header, magic, words_size);
    store32(header + 8, version);
    store32(header + 12, sequence);
    const std::size_t sizes[] = {set.device.size, set.certificate.size, set.private_key.size,
                                 set.root_ca.size};
    for (std::size_t i = 0; i < 4; ++i)
        store32(header + 16 + 4 * i, static_cast<std::uint32_t>(sizes[i]));
    std::memcpy(header + replaced_at, replaced, sizeof(Crypto::Digest));
    Crypto::Digest check;
    if (!crypto_.sha256(header, checked_size, check))
        return problem(Status::out_of_memory, "no memory for a digest");
    std::memcpy(header + checked_size, check, header_size - checked_size);
    return flash_.write(flash_.context, at, header, header_size) ? Problem()
                                                                 : not_written("a slot's header");
}

Problem Slots::stage(const Set& set) {
    State state;
    if (const Problem bad = look(state)) return bad;
    const std::size_t all =
        set.device.size + set.certificate.size + set.private_key.size + set.root_ca.size;
    if (files_at + rounded(all) > unit_size()) {
        return problem(Status::no_room, "a set of %lu bytes needs a partition of %lu bytes",
                       static_cast<unsigned long>(all),
                       static_cast<unsigned long>(
                           4 * ((files_at + rounded(all) + sector - 1) / sector * sector)));
    }
    // What would not work is not written at all.
    SetFiles in_memory{set, names_};
    Identity found;
    Problem mended;
    if (const Problem bad =
            imprint_identity::load(in_memory.source(), names_, mac_, crypto_, found, mended))
        return bad;

    const int slot = state.in_force == 0 ? 1 : 0;
    Crypto::Digest replaced = {};
    if (bench_ != nullptr) {
        std::memcpy(replaced, *bench_, sizeof(replaced));
    } else {
        // The bench's device.json is damaged: what is in force knows it.
        for (const Unit& unit : state.units)
            if (unit.marked) std::memcpy(replaced, unit.header + replaced_at, sizeof(replaced));
    }
    if (const Problem bad = erase_slot(slot)) return bad;
    for (int copy = 0; copy < 2; ++copy) {
        const std::uint32_t at = static_cast<std::uint32_t>(2 * slot + copy) * unit_size();
        if (const Problem bad = write_unit(at, state.last_sequence + 1, set, replaced)) return bad;
    }
    // Both copies, as they came out of flash.
    State written;
    if (const Problem bad = look(written)) return bad;
    const Problem bad = load_slot(written, slot, found, mended);
    if (!bad && !mended && written.staged == slot && written.unit(slot, 0).valid &&
        written.unit(slot, 1).valid)
        return {};
    (void)erase_slot(slot);
    return not_written("the files as they are");
}

Problem Slots::mark(const Unit& unit) {
    Crypto::Digest words;
    if (!mark_of(unit, words)) return problem(Status::out_of_memory, "no memory for a digest");
    if (flash_.write(flash_.context, unit.at + header_size, words, mark_size)) return {};
    return not_written("the mark of what is in force");
}

Problem Slots::commit() {
    State state;
    if (const Problem bad = look(state)) return bad;
    const int slot = state.staged >= 0 ? state.staged : state.in_force;
    if (slot < 0) return none_staged();
    Identity found;
    Problem mended;
    if (const Problem bad = load_slot(state, slot, found, mended)) return bad;
    for (int copy = 0; copy < 2; ++copy) {
        const Unit& unit = state.unit(slot, copy);
        if (!unit.valid || unit.marked) continue;
        if (const Problem bad = mark(unit)) return bad;
    }
    State marked;
    if (const Problem bad = look(marked)) return bad;
    return marked.in_force == slot ? Problem() : not_written("the mark of what is in force");
}

Problem Slots::rollback() {
    State state;
    if (const Problem bad = look(state)) return bad;
    // Also what a power cut has left of a set that was being staged.
    return erase_slot(state.in_force == 0 ? 1 : 0);
}

Problem Slots::look_for_outdated(bool& found) {
    State state;
    const Problem bad = look(state);
    found = false;
    for (const Unit& unit : state.units)
        found = found || unit.outdated;
    return bad;
}

Problem Slots::wipe_outdated() {
    State state;
    if (const Problem bad = look(state)) return bad;
    for (int slot = 0; slot < 2; ++slot) {
        const bool holds_one = state.unit(slot, 0).outdated || state.unit(slot, 1).outdated;
        if (!holds_one || slot == state.in_force || slot == state.staged) continue;
        if (const Problem bad = erase_slot(slot)) return bad;
    }
    return {};
}

Problem Slots::wipe_former() {
    State state;
    if (const Problem bad = look(state)) return bad;
    if (state.in_force < 0) return none_staged();
    if (state.staged >= 0) return {};  // that is the next one
    const int former = state.in_force == 0 ? 1 : 0;
    bool is_blank = false;
    if (const Problem bad = look_for_blank(former, is_blank)) return bad;
    return is_blank ? Problem() : erase_slot(former);
}

}  // namespace slots
}  // namespace imprint_identity
