// The behaviour of Espressif's running flasher stub: esp-flasher-stub 1.x, and on request the
// former one, of esptool up to 4.x. Source: esp-flasher-stub src/command_handler.c, frame_buffer.c
// and main.c; esp-stub-lib src/flash.c and src/target/esp32/src/flash.c. Former stub:
// esptool-legacy-flasher-stub flasher_stub/stub_flasher.c and stub_write_flash.c.
//
// As a host sees it: a block is acknowledged before it is written, and a write failure is the
// answer to the next command, which is then not executed. Of the frames that arrive while a block
// is being written, the first one is kept and the others are lost. Errors are one byte, C0 to FF.
//
// The former one differs: its interrupt empties the UART's buffer and notes one command, so a frame
// that ends there together with another one replaces it; a write failure is the answer to the next
// block or to the end only; it erases without looking; and FLASH_END with a zero resets the chip.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "simulator/chip.h"
#include "simulator/inflate.h"
#include "simulator/upload.h"
#include "simulator/wire.h"

namespace imprint::simulator {

class StubLoader {
  public:
    explicit StubLoader(Chip& chip, bool former = false);

    // Sets up clock and flash, and sends OHAI.
    void start();

    // A burst: bytes that arrived without a pause in which a reply could have been read.
    void begin_burst() { frames_behind_a_write_.reset(); }

    [[nodiscard]] Loader receive(std::uint8_t byte);

    // The former stub's interrupt for a frame that nothing followed: due at that time.
    [[nodiscard]] std::optional<Instant> wakes() const;
    [[nodiscard]] Loader tick(Instant now);

  private:
    enum class Error : std::uint8_t;

    struct Request {
        Op op = Op::sync;
        std::uint32_t checksum = 0;
        ByteView data;
    };

    struct FlashTransfer {
        bool begun = false;
        std::uint32_t remaining = 0;  // bytes still to come, counted as in the stub: it may wrap
        std::uint32_t address = 0;
        std::uint32_t compressed_remaining = 0;
        std::uint32_t next_erase = 0;
        std::uint32_t erase_remaining = 0;
        bool encrypted = false;
        bool dirty_seen = false;  // an erase was needed: blank sectors are no longer checked for
    };

    struct RamTransfer {
        bool begun = false;
        std::uint32_t remaining = 0;
        std::uint32_t address = 0;
    };

    struct Reading {
        std::uint32_t start = 0;
        std::uint32_t size = 0;
        std::uint32_t packet = 0;
        std::uint32_t sent = 0;
    };

    // A frame that the former stub has received, but not seen yet.
    struct Noted {
        Bytes frame;
        unsigned followed_by = 0;  // bytes
        Instant due;               // by when nothing more has come
    };

    [[nodiscard]] Instant quiet_after(Instant byte) const;
    [[nodiscard]] Loader note(Bytes frame);
    [[nodiscard]] Loader take_noted();
    [[nodiscard]] Loader handle(ByteView frame);
    void execute(const Request& request);
    void end_upload(const Request& request);
    void tell_security(const Request& request);
    void reply(Op op, Error result, std::uint32_t value = 0, ByteView data = {});

    [[nodiscard]] Error flash_begin(const Request& request, bool deflated);
    [[nodiscard]] Error flash_data(const Request& request);
    [[nodiscard]] Error flash_defl_data(const Request& request);
    [[nodiscard]] Error flash_end(const Request& request);
    [[nodiscard]] Error mem_begin(const Request& request);
    [[nodiscard]] Error mem_data(const Request& request);
    [[nodiscard]] Error mem_end(const Request& request);
    [[nodiscard]] Error write_registers(const Request& request);
    [[nodiscard]] Error erase_region(const Request& request);
    [[nodiscard]] Error set_flash_size(const Request& request);

    void take_protection_away();
    [[nodiscard]] Error erase_next();
    [[nodiscard]] Error write(ByteView data);
    [[nodiscard]] Error inflate_and_write(ByteView compressed, bool first);
    void answer_acknowledgement(ByteView frame);
    void send_packet();
    [[nodiscard]] bool readable(std::uint32_t at, std::uint32_t size) const;

    Chip* chip_;
    bool former_;
    SlipReceiver slip_;
    std::optional<Noted> noted_;
    FlashTransfer flash_;
    RamTransfer ram_;
    Upload upload_;
    std::optional<Reading> reading_;
    Error pending_;  // of the work after the last acknowledgement
    Loader outcome_ = Loader::running;
    Inflater inflater_;
    Bytes window_;
    std::size_t window_used_ = 0;
    bool stream_done_ = false;
    bool adler_counts_ = false;
    std::optional<unsigned> frames_behind_a_write_;
    Instant frame_began_;
};

}  // namespace imprint::simulator
