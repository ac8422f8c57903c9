// What a host loads into RAM, and whether it is a flasher stub that would run.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "simulator/memory.h"

namespace imprint::simulator {

class Upload {
  public:
    // A MEM_BEGIN. An earlier one is not forgotten: a stub comes in several.
    void begin(std::uint32_t address, std::uint32_t size) { loads_.push_back({address, size, 0}); }

    void received(std::uint32_t size) {
        if (!loads_.empty()) loads_.back().received += size;
    }

    // Nothing that was begun is unfinished, the entry lies in it, and it says OHAI.
    [[nodiscard]] bool is_stub(const Memory& memory, std::uint32_t entry) const;

  private:
    struct Load {
        std::uint32_t address = 0;
        std::uint32_t size = 0;
        std::uint32_t received = 0;
    };

    std::vector<Load> loads_;
};

}  // namespace imprint::simulator
