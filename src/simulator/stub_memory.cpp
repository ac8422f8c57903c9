// What the stub does to registers and RAM: also the upload of another program over itself.
#include "simulator/stub_loader.h"
#include "simulator/stub_loader_parts.h"

namespace imprint::simulator {

StubLoader::Error StubLoader::write_registers(const Request& request) {
    const ByteView data = request.data;
    if (data.empty() || data.size() % 16 != 0) return Error::not_enough_data;
    for (std::size_t i = 0; i < data.size() / 4; i += 4) {
        const std::uint32_t address = stub_word(data, i);
        const std::uint32_t mask = stub_word(data, i + 2);
        const std::uint32_t kept = mask == 0xFFFFFFFF ? 0 : chip_->memory.read(address) & ~mask;
        chip_->memory.write(address, (stub_word(data, i + 1) & mask) | kept);
    }
    return Error::none;
}

StubLoader::Error StubLoader::mem_begin(const Request& request) {
    if (request.data.size() != 16) return Error::bad_length;
    ram_ = {true, stub_word(request.data, 0), stub_word(request.data, 3)};
    upload_.begin(ram_.address, ram_.remaining);
    return Error::none;
}

StubLoader::Error StubLoader::mem_data(const Request& request) {
    if (request.data.size() < data_header) return Error::not_enough_data;
    if (!ram_.begun) return Error::not_begun;
    const std::uint32_t size = stub_word(request.data, 0);
    const ByteView data = request.data.subspan(data_header);
    if (size > ram_.remaining || size != data.size()) return Error::too_much_data;
    chip_->memory.load(ram_.address, data);
    upload_.received(size);
    ram_.address += size;
    ram_.remaining -= size;
    return Error::none;
}

StubLoader::Error StubLoader::mem_end(const Request& request) {
    if (request.data.size() != 8) return Error::bad_length;
    if (!ram_.begun) return Error::not_begun;
    ram_ = {};
    return Error::none;
}

// It runs what was loaded, and that may be a stub again. Another program is not modelled: it runs,
// and nothing answers.
void StubLoader::end_upload(const Request& request) {
    const Error result = mem_end(request);
    reply(request.op, result);
    if (result != Error::none || stub_word(request.data, 0) != 0) return;
    outcome_ = upload_.is_stub(chip_->memory, stub_word(request.data, 1)) ? Loader::stub_started
                                                                          : Loader::hangs;
}

}  // namespace imprint::simulator
