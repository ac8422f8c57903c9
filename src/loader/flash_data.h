// What should be in flash at one place: made once, shared by all boards of a run.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"

namespace imprint::loader {

inline constexpr std::uint32_t flash_sector = 0x1000;  // the smallest erase

class FlashData {
  public:
    // Pads content to a whole 4 KiB sector with FF, hashes and compresses it (zlib stream).
    FlashData(std::string label, std::uint32_t offset, Bytes content);

    [[nodiscard]] const std::string& label() const { return data_->label; }  // "bootloader.bin"

    [[nodiscard]] std::uint32_t offset() const { return data_->offset; }

    [[nodiscard]] std::uint32_t size() const {
        return static_cast<std::uint32_t>(data_->content.size());
    }

    [[nodiscard]] ByteView content() const { return data_->content; }

    [[nodiscard]] ByteView compressed() const { return data_->compressed; }

    [[nodiscard]] const Md5& md5() const { return data_->md5; }

    // How many bytes of content the first `compressed_size` bytes of the stream hold, for any whole
    // number of KiB and for the stream's end: that much flash is being filled then.
    [[nodiscard]] std::uint32_t inflated(std::size_t compressed_size) const;

    // A part of it, compressed anew; both in bytes, and whole sectors.
    [[nodiscard]] FlashData slice(std::uint32_t from, std::uint32_t size) const;

  private:
    struct Data {
        std::string label;
        std::uint32_t offset = 0;
        Bytes content;
        Bytes compressed;
        std::vector<std::uint32_t> inflated;  // at each KiB of compressed
        Md5 md5{};
        Data() = default;
        Data(const Data&) = delete;
        Data& operator=(const Data&) = delete;
        ~Data();  // wipes: a credential image holds a private key
    };

    std::shared_ptr<const Data> data_;
};

}  // namespace imprint::loader
