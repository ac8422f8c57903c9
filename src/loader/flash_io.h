// Reading, writing and checking flash through a running loader.
#pragma once

#include "base/digest.h"
#include "base/error.h"
#include "loader/board.h"
#include "loader/link.h"

namespace imprint::loader {

// Which loader is spoken to, and what follows from it.
struct LoaderFacts {
    const Chip* chip = nullptr;
    bool stub = false;
    bool four_words = false;  // an older stub, which refuses the encrypted word

    [[nodiscard]] std::uint32_t block_size() const { return stub ? 0x4000 : 0x400; }

    [[nodiscard]] bool takes_encrypted_word() const {
        return !four_words && (stub || chip->rom_takes_encrypted_word);
    }
};

[[nodiscard]] Result<void> attach_flash(Link& link, const LoaderFacts& loader);
[[nodiscard]] Result<void> set_flash_size(Link& link, std::uint32_t size);

[[nodiscard]] Result<Md5> flash_md5(Link& link, const LoaderFacts& loader, std::uint32_t offset,
                                    std::uint32_t size);
// FLASH_BEGIN or FLASH_DEFL_BEGIN, with the encrypted word where this loader takes it.
[[nodiscard]] Result<void> begin_writing(Link& link, LoaderFacts& loader, Op op,
                                         std::initializer_list<std::uint32_t> arguments,
                                         Milliseconds time);
// Streams the region once. What went wrong with the last block is told by the next command, so that
// only flash_md5 afterwards proves anything. Errors: command_refused, board_lost, port_….
[[nodiscard]] Result<void> stream_compressed(Link& link, LoaderFacts& loader,
                                             const FlashData& region, const Progress& progress);
[[nodiscard]] Result<Bytes> read_flash(Link& link, const LoaderFacts& loader, std::uint32_t offset,
                                       std::uint32_t size, const Progress& progress);
[[nodiscard]] Result<void> erase_flash(Link& link, LoaderFacts& loader, std::uint32_t offset,
                                       std::uint32_t size);

}  // namespace imprint::loader
