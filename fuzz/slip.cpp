// Frames: whatever a port gives is cut without harm, and what was framed comes out again.
#include "loader/slip.h"

#include <algorithm>
#include <cstdlib>

#include "target.h"

using namespace imprint;

void imprint::fuzz::run(ByteView input) {
    loader::SlipDecoder decoder;
    std::size_t out = 0;
    // In pieces, as a port gives them.
    for (std::size_t at = 0; at < input.size(); at += 7)
        decoder.feed(input.subspan(at, std::min<std::size_t>(7, input.size() - at)),
                     [&](ByteView frame, bool) { out += frame.size(); });
    require(out + decoder.pending().size() <= input.size());

    loader::SlipDecoder again;
    bool same = input.empty() || input.size() > 8000;
    again.feed(loader::slip_frame(input), [&](ByteView frame, bool well_formed) {
        same = same || (well_formed && std::ranges::equal(frame, input));
    });
    require(same);
}
