// Telnet with RFC 2217: any stream is taken apart within its bounds and alike in whatever pieces it
// comes, and what was escaped comes out again.
#include "transport/telnet.h"

#include <algorithm>
#include <set>

#include "target.h"
#include "transport/com_port.h"

using namespace imprint;
namespace telnet = transport::telnet;

namespace {

struct Seen {
    Bytes data;
    Bytes words;     // negotiations
    Bytes contents;  // subnegotiations, their options before them
    std::size_t said = 0;

    bool operator==(const Seen&) const = default;
};

Seen taken_apart(ByteView input, std::size_t piece) {
    Seen seen;
    telnet::Decoder decoder;
    telnet::Options options({telnet::option_binary, telnet::option_com_port});
    for (std::size_t at = 0; at < input.size(); at += piece)
        decoder.feed(input.subspan(at, std::min(piece, input.size() - at)),
                     {.data = [&](std::uint8_t byte) { seen.data.push_back(byte); },
                      .negotiation =
                          [&](telnet::Verb verb, std::uint8_t option) {
                              append(seen.words, telnet::negotiation(verb, option));
                              seen.said += options.answer(verb, option).size();
                          },
                      .subnegotiation =
                          [&](std::uint8_t option, ByteView content) {
                              seen.contents.push_back(option);
                              append(seen.contents, content);
                              (void)transport::com_port::decode_baud(content);
                          }});
    return seen;
}

}  // namespace

void imprint::fuzz::run(ByteView input) {
    const Seen seen = taken_apart(input, 7);
    require(seen.data.size() + seen.words.size() + seen.contents.size() <= input.size());
    require(seen.said <= seen.words.size());
    require(seen == taken_apart(input, std::max<std::size_t>(1, input.size())));

    const Seen again = taken_apart(telnet::escape(input), 5);
    require(std::ranges::equal(again.data, input));
    require(again.words.empty() && again.contents.empty());
}
