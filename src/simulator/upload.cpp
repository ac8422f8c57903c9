#include "simulator/upload.h"

#include <algorithm>
#include <string_view>

namespace imprint::simulator {

namespace {

constexpr std::string_view stub_greeting = "OHAI";

// On Xtensa the word is in the stub's text; RISC-V code makes it by LUI, with its upper twenty bits
// rounded (esp-flasher-stub src/main.c, and how it is compiled).
bool greets(const ChipModel& model, ByteView code) {
    if (!model.riscv) return !std::ranges::search(code, as_bytes(stub_greeting)).empty();
    const std::uint32_t upper = (get_u32(as_bytes(stub_greeting), 0) + 0x800) >> 12;
    for (std::size_t at = 0; at + 4 <= code.size(); at += 2) {
        const std::uint32_t instruction = get_u32(code, at);
        if ((instruction & 0x7F) == 0x37 && instruction >> 12 == upper) return true;
    }
    return false;
}

}  // namespace

bool Upload::is_stub(const Memory& memory, std::uint32_t entry) const {
    bool entered = false;
    bool says_so = false;
    for (const Load& load : loads_) {
        if (load.received != load.size) return false;
        const ByteView bytes = memory.ram(load.address, load.size);
        if (bytes.size() != load.size) return false;
        entered = entered || (entry >= load.address && entry - load.address < load.size);
        says_so = says_so || greets(memory.model(), bytes);
    }
    return entered && says_so;
}

}  // namespace imprint::simulator
