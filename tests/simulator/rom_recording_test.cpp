// The simulated ROM loader against what the ESP32's own ROM answered (record_rom.py).
#include <fstream>
#include <gtest/gtest.h>
#include <ostream>

#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "simulator/chip.h"
#include "simulator/rom_loader.h"

namespace imprint::simulator {

namespace {

using nlohmann::json;

struct Session {
    json content;

    // GoogleTest prints parameters: the name is enough.
    friend void PrintTo(const Session& session, std::ostream* out) {
        *out << session.content["name"];
    }
};

class RomRecording : public testing::TestWithParam<Session> {};

std::vector<Session> sessions() {
    std::vector<Session> all;
    for (json& session : json::parse(std::ifstream(IMPRINT_TEST_DATA "/simulator/rom.json")))
        all.push_back({std::move(session)});
    return all;
}

// The last two bytes of a status are reserved: in the ROM they are what its buffer held.
std::string without_reserved(const std::string& frame) {
    return frame.substr(0, frame.size() - 4);
}

std::vector<std::string> answers(Uart& uart) {
    std::vector<std::string> found;
    SlipReceiver receiver(0x10000);
    for (const Uart::Chunk& chunk : uart.take())
        for (const std::uint8_t byte : chunk.bytes)
            if (const auto frame = receiver.receive(byte))
                found.push_back(without_reserved(to_hex(*frame)));
    return found;
}

TEST_P(RomRecording, is_answered_alike) {
    const json& session = GetParam().content;
    Chip chip(*parse_mac("240ac4000001"), 300, *Flash::blank(4U << 20));
    const auto fill = session["fill"].get<std::uint8_t>();
    chip.flash.program(0, Bytes(chip.flash.size(), fill));
    // The emulator's flash answers without SPI_ATTACH; a chip's does not.
    chip.spi.attached = true;
    RomLoader rom(chip);
    auto state = Loader::running;
    for (std::size_t i = 0; i < session["steps"].size(); ++i) {
        const json& step = session["steps"][i];
        const Bytes sent = from_hex(step["send"].get<std::string>()).value();
        for (const std::uint8_t byte : sent)
            if (state == Loader::running) state = rom.receive(byte);
        std::vector<std::string> expected;
        for (const json& frame : step["answer"])
            expected.push_back(without_reserved(frame.get<std::string>()));
        ASSERT_EQ(answers(chip.uart), expected) << "step " << i << ": " << step["send"];
    }
    for (const json& region : session["flash"]) {
        const auto at = region["at"].get<std::uint32_t>();
        const Bytes content = chip.flash.read(at, region["size"].get<std::uint32_t>());
        EXPECT_EQ(to_hex(md5(content)), region["md5"].get<std::string>()) << "at " << at;
    }
}

INSTANTIATE_TEST_SUITE_P(Session, RomRecording, testing::ValuesIn(sessions()),
                         [](const auto& session) {
                             std::string name = session.param.content["name"];
                             for (char& c : name)
                                 if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
                             return name;
                         });

}  // namespace

}  // namespace imprint::simulator
