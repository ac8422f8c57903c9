// How the stub reads flash out: packets, each acknowledged by the number of bytes so far.
#include <algorithm>

#include "base/digest.h"
#include "simulator/stub_loader.h"
#include "simulator/stub_loader_parts.h"

namespace imprint::simulator {

// One packet is under way at a time, whatever number the host asked for.
void StubLoader::send_packet() {
    if (!reading_) return;
    Reading& reading = *reading_;
    const std::uint32_t size = std::min(reading.size - reading.sent, reading.packet);
    if (size == 0 || !readable(reading.start + reading.sent, size)) {
        if (size != 0) {
            pending_ = Error::spi_failed;
        } else {
            chip_->time.hash(reading.size);
            chip_->uart.send(slip_frame(md5(chip_->flash.read(reading.start, reading.size))));
        }
        reading_.reset();
        return;
    }
    chip_->time.read(size);
    chip_->uart.send(slip_frame(chip_->flash.read(reading.start + reading.sent, size)));
    reading.sent += size;
}

void StubLoader::answer_acknowledgement(ByteView frame) {
    if (!reading_) return;
    const Reading reading = *reading_;
    const bool acknowledges = frame.size() == 4;
    const std::uint32_t count = acknowledges ? get_u32(frame, 0) : 0;
    if (acknowledges && (reading.sent < reading.size || count >= reading.size)) {
        send_packet();
        return;
    }
    if (acknowledges) return;  // the last acknowledgement counts too little: the stub waits on
    // Anything else ends the reading with the MD5 of what was sent.
    chip_->uart.send(slip_frame(md5(chip_->flash.read(reading.start, reading.sent))));
    reading_.reset();
}

}  // namespace imprint::simulator
