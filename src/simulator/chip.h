// The hardware of one chip that its loaders use.
#pragma once

#include <cstdint>

#include "base/mac.h"
#include "simulator/chip_model.h"
#include "simulator/chip_time.h"
#include "simulator/flash.h"
#include "simulator/fuses.h"
#include "simulator/memory.h"
#include "simulator/uart.h"

namespace imprint::simulator {

struct Chip {
    Chip(const MacAddress& base_mac, std::uint16_t chip_revision, Flash chip_flash,
         const ChipModel& chip_model = esp32_model(), const Timings& timings = {},
         const Fuses& chip_fuses = {})
        : model(chip_model),
          mac(base_mac),
          revision(chip_revision),
          flash(std::move(chip_flash)),
          time(timings),
          fuses(chip_fuses),
          cipher(chip_fuses.flash_encryption == FlashEncryption::off
                     ? FlashCipher::blank(chip_model.is_esp32())
                     : FlashCipher(base_mac)),
          memory(chip_model, base_mac, chip_revision, spi, uart, chip_fuses) {}

    Chip(const Chip&) = delete;
    Chip& operator=(const Chip&) = delete;

    // EN went low: everything except flash and eFuses is reset. Not so if the chip resets itself:
    // see Memory::reset.
    void reset(bool all = true) {
        memory.reset(all);
        flash.take_addresses_of(24);
        spi.attached = false;
        spi.limit = SpiPort{flash}.limit;
        uart.set_baud(115200);
    }

    // GET_SECURITY_INFO's data: esptool esptool/loader.py, get_security_info. Empty: not supported.
    [[nodiscard]] Bytes security_info() const;

    // Writes as a loader was told to: encrypted on the way, or unchanged. False: the flash did not
    // take it.
    [[nodiscard]] bool program(std::uint32_t at, ByteView data, bool encrypted) {
        return flash.program(at, encrypted ? ByteView(cipher.encrypt(at, data)) : data);
    }

    // Whether the loader encrypts: with a blank key too, which esptool refuses and a chip does not.
    [[nodiscard]] bool can_encrypt() const {
        return fuses.flash_encryption != FlashEncryption::release;
    }

    const ChipModel& model;
    MacAddress mac;
    std::uint16_t revision;
    Flash flash;
    ChipTime time;
    Uart uart{time};
    Fuses fuses;
    FlashCipher cipher;
    SpiPort spi{flash};
    Memory memory;
};

// The state of a loader after a byte.
enum class Loader {
    running,
    stub_started,  // MEM_END jumped to a flasher stub
    boots_flash,   // it started the program in flash, without a reset
    resets,        // it resets the chip
    hangs,         // only EN helps
};

}  // namespace imprint::simulator
