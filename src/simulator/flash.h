// A NOR flash chip: erasing sets all bits of whole sectors, programming clears bits, and nothing
// else sets them again. With a file, every change is written to it at once, so that the content
// survives the process, however that ends.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/bytes.h"
#include "base/error.h"
#include "base/fd.h"
#include "simulator/spi_flash.h"

namespace imprint::simulator {

class Flash {
  public:
    static constexpr std::uint32_t sector = 4U << 10;
    static constexpr std::uint32_t block = 64U << 10;

    // size: a power of two from 256 KB to 128 MB, in bytes. Error: flash_size (config).
    [[nodiscard]] static Result<Flash> blank(std::uint32_t size);
    // Creates a blank file if there is none. Errors (config): flash_size (also if the file has
    // another size), flash_file_busy (another board uses it), flash_file (any other system error).
    [[nodiscard]] static Result<Flash> in_file(const std::filesystem::path& path,
                                               std::uint32_t size);
    Flash(Flash&& other) noexcept;
    Flash& operator=(Flash&& other) noexcept;
    Flash(const Flash&) = delete;
    Flash& operator=(const Flash&) = delete;
    ~Flash();

    [[nodiscard]] std::uint32_t size() const { return size_; }

    [[nodiscard]] ByteView content() const { return {memory_, size_}; }

    // Addresses wrap at the chip's size, as on a chip without higher address lines, and at the
    // width that its user sends: 24 bits, or 32.
    void take_addresses_of(unsigned bits) { mask_ = bits < 32 ? (1U << bits) - 1 : 0xFFFFFFFF; }

    [[nodiscard]] Bytes read(std::uint32_t at, std::uint32_t size) const;
    // False: it did not take it. What is write-protected stays as it is, and nobody is told.
    bool program(std::uint32_t at, ByteView data);
    void erase_sector(std::uint32_t at);
    void erase_block(std::uint32_t at);
    void erase_chip();

    // Fault: its id reports another size than the real one.
    void claim(std::uint32_t size) { told_ = size; }

    // Fault: there is none. Nobody drives the line, so that all reads as ones.
    void take_away() { missing_ = true; }

    // Fault: of the next programming it takes nothing, and stays busy until its user gives up.
    void fail_next_program() { fails_next_ = true; }

    // Another vendor's id, as RDID gives it; 0: Winbond's.
    void take_id(std::uint32_t id) { id_ = id; }

    [[nodiscard]] FlashStatus& status() { return status_; }

    [[nodiscard]] const FlashStatus& status() const { return status_; }

    // What a board comes to the bench with. It fits.
    void preload(std::uint32_t at, ByteView content);

    [[nodiscard]] std::uint32_t told_size() const { return told_; }

    // What RDID (9F) answers, first byte lowest: EF 40 16 for a W25Q32 of 4 MB, ones for none.
    [[nodiscard]] std::uint32_t jedec_id() const;

  private:
    Flash(std::uint8_t* memory, std::uint32_t size, Fd file)
        : memory_(memory), size_(size), told_(size), file_(std::move(file)) {}

    void erase(std::uint32_t at, std::uint32_t size);

    [[nodiscard]] std::uint32_t wrapped(std::uint32_t at) const { return at & mask_ & (size_ - 1); }

    std::uint8_t* memory_ = nullptr;
    std::uint32_t size_ = 0;
    std::uint32_t told_ = 0;
    std::uint32_t id_ = 0;
    FlashStatus status_;
    std::uint32_t mask_ = 0xFFFFFF;
    bool missing_ = false;
    bool fails_next_ = false;
    Fd file_;  // holds the lock
};

}  // namespace imprint::simulator
