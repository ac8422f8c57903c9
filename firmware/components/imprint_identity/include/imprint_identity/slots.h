// Credentials that are replaced in the field: two slots in a partition of their own. A new set is
// written into the slot that is not in force, and put in force by one mark; until then the old set
// works, and after it the new one, whatever the power does.
//
// The partition is cut into four units of whole sectors: slot 0 and slot 1, each twice. A unit:
//
//   0   8 bytes  "imprslot"
//   8   u32      version of this format: 1          (numbers little-endian)
//   12  u32      sequence: that of the set before it, and one more
//   16  4 × u32  bytes of device.json, certificate, private key, root CA
//   32  32 bytes SHA-256 of the bench's device.json whose credentials were replaced
//   64  16 bytes of the SHA-256 of bytes 0 to 63
//   80  32 bytes SHA-256 of "in force" and bytes 0 to 79: written when the set is put in force
//   112 the four files, one after the other
//
// The header is written when the files are there. Of the units that are marked, those with the
// highest sequence are in force; where none is, it is what the bench has written. A board that the
// bench prepares anew has another device.json, and the sets that replaced the former one do not
// count any more. Each part is written once after an erase, at a multiple of 16 bytes, so that
// flash encryption takes it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "imprint_identity/identity.h"

namespace imprint_identity {
namespace slots {

constexpr std::uint32_t sector = 4096;  // what flash is erased by
constexpr std::uint32_t files_at = 112;
constexpr std::uint32_t piece = 16;  // what is written at once, and at a multiple of

struct Flash {
    bool (*read)(void* context, std::uint32_t at, void* into, std::size_t size) = nullptr;
    // Both a multiple of 16.
    bool (*write)(void* context, std::uint32_t at, const void* from, std::size_t size) = nullptr;
    bool (*erase)(void* context, std::uint32_t at, std::size_t size) = nullptr;  // whole sectors
    void* context = nullptr;
    std::uint32_t size = 0;  // bytes of the partition
};

// What a set is made of. Each a text without its ending NUL counted.
struct Set {
    struct File {
        const char* text = "";
        std::size_t size = 0;
    };

    File device;
    File certificate;
    File private_key;
    File root_ca;
};

// mac and bench outlive it.
class Slots {
  public:
    // bench: SHA-256 of the device.json that the bench wrote; null: there is none that can be read.
    Slots(const Flash& flash, const FileNames& names, const Crypto& crypto, const Mac& mac,
          const Crypto::Digest* bench)
        : flash_(flash), names_(names), crypto_(crypto), mac_(mac), bench_(bench) {}

    // Reads and checks the set in force. Problems as those of imprint_identity::load, and
    // nothing_staged: there is none.
    Problem load(Identity& into, Problem& mended);
    // The same of the staged set: one that was written and is not in force yet.
    Problem load_staged(Identity& into, Problem& mended);

    // Checks the set, writes it into the slot that is not in force, and reads it back. What was
    // staged before is gone. Problems: those of its content, no_room, not_written; then nothing is
    // staged.
    Problem stage(const Set& set);
    // Puts the staged set in force. Where none is staged: finishes what a power cut left of the
    // last commit, or is nothing_staged.
    Problem commit();
    // Forgets the staged set, and wipes its key. Nothing staged: nothing to do.
    Problem rollback();
    // Wipes what is not in force any more. Only where a set is in force.
    Problem wipe_former();
    // Whether there are sets that replaced what an earlier preparation wrote.
    Problem look_for_outdated(bool& found);
    Problem wipe_outdated();

  private:
    struct Unit {
        std::uint32_t at = 0;
        bool valid = false;     // it has a header, and is not outdated
        bool outdated = false;  // it has a header, and the bench has prepared the board anew
        bool marked = false;    // it is valid, and was put in force
        std::uint32_t sequence = 0;
        std::uint32_t sizes[4] = {};
        std::uint8_t header[80] = {};
    };

    // The files of one slot's units as a source, the second unit's under copy_folder.
    struct Files;

    struct State {
        Unit units[4];
        int in_force = -1;  // a slot, or none
        int staged = -1;
        std::uint32_t last_sequence = 0;  // of all that have a header

        [[nodiscard]] const Unit& unit(int slot, int copy) const {
            return units[static_cast<std::size_t>(2 * slot + copy)];
        }
    };

    Problem look(State& into);
    Problem look_at(Unit& unit);
    Problem load_slot(const State& state, int slot, Identity& into, Problem& mended);
    Problem look_for_blank(int slot, bool& is_blank);
    Problem erase_slot(int slot);
    Problem write_unit(std::uint32_t at, std::uint32_t sequence, const Set& set,
                       const std::uint8_t* replaced);
    Problem write_files(std::uint32_t at, const Set& set);
    Problem mark(const Unit& unit);
    bool mark_of(const Unit& unit, Crypto::Digest& into) const;

    [[nodiscard]] std::uint32_t unit_size() const { return flash_.size / 4 / sector * sector; }

    Flash flash_;
    FileNames names_;
    Crypto crypto_;
    const Mac& mac_;
    const Crypto::Digest* bench_;
};

}  // namespace slots
}  // namespace imprint_identity
