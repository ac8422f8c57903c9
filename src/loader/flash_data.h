// Data for one place in flash: made once, shared by all boards of a run.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/mutex.h"

namespace imprint::loader {

inline constexpr std::uint32_t flash_sector = 0x1000;  // the smallest erase

// What is sent after one *_BEGIN: whole sectors; the end of the last one may be left blank.
struct FlashPiece {
    std::uint32_t from = 0;               // bytes from the region's start; start of a sector
    std::uint32_t size = 0;               // bytes to be programmed
    std::uint32_t erase_size = 0;         // bytes: size, rounded up to whole sectors
    Bytes compressed;                     // zlib stream of these bytes
    std::vector<std::uint32_t> inflated;  // see FlashData::inflated

    [[nodiscard]] std::uint32_t inflated_by(std::size_t compressed_size) const;
};

// Whose data it is: that of all boards is worth the time to make it small once.
enum class DataOf : std::uint8_t { all_boards, one_board };

class FlashData {
  public:
    // Pads content to a whole 4 KiB sector with FF, hashes and compresses it.
    FlashData(std::string label, std::uint32_t offset, Bytes content,
              DataOf whose = DataOf::all_boards);

    [[nodiscard]] const std::string& label() const { return data_->label; }  // "bootloader.bin"

    [[nodiscard]] std::uint32_t offset() const { return data_->offset; }

    [[nodiscard]] std::uint32_t size() const {
        return static_cast<std::uint32_t>(data_->content.size());
    }

    [[nodiscard]] ByteView content() const { return data_->content; }

    // All that is not blank, in order. Blank ends of sectors are left out if that is quicker than
    // programming them: a sparse SPIFFS image has one piece per sector.
    [[nodiscard]] std::span<const FlashPiece> pieces() const { return data_->pieces; }

    // The whole region as one zlib stream, for a ROM loader; made when it is first requested.
    [[nodiscard]] ByteView compressed() const { return whole().compressed; }

    [[nodiscard]] const Md5& md5() const { return data_->md5; }

    // How many bytes of content the first `compressed_size` bytes of the stream contain, for any
    // whole number of KiB and for the end of the stream: the amount of flash being written at that
    // point.
    [[nodiscard]] std::uint32_t inflated(std::size_t compressed_size) const {
        return whole().inflated_by(compressed_size);
    }

    // A part of it; both in bytes, and whole sectors. Each part is compressed once for all callers,
    // from any thread: boards of one batch differ from a firmware in the same places.
    [[nodiscard]] FlashData slice(std::uint32_t from, std::uint32_t size) const;

  private:
    [[nodiscard]] const FlashPiece& whole() const;

    struct Slice;

    struct Data {
        std::string label;
        std::uint32_t offset = 0;
        DataOf whose = DataOf::all_boards;
        Bytes content;
        std::vector<FlashPiece> pieces;
        mutable std::once_flag once;
        mutable FlashPiece whole;
        Md5 md5{};
        mutable Mutex mutex;
        // By offset and size, and the total bytes of those kept.
        mutable std::map<std::pair<std::uint32_t, std::uint32_t>, std::shared_ptr<Slice>> slices
            IMPRINT_GUARDED_BY(mutex);
        mutable std::size_t sliced IMPRINT_GUARDED_BY(mutex) = 0;
        Data() = default;
        Data(const Data&) = delete;
        Data& operator=(const Data&) = delete;
        ~Data();  // wipes: a credential image holds a private key
    };

    std::shared_ptr<const Data> data_;
};

}  // namespace imprint::loader
