// What a chip, or noise, may answer with.
#include "loader/protocol.h"
#include "loader/stub.h"
#include "target.h"

using namespace imprint;

void imprint::fuzz::run(ByteView input) {
    if (auto reply = loader::decode_reply(input)) {
        const std::size_t size = reply->data.size();
        for (const loader::ReplySize promised :
             {loader::ReplySize{}, loader::ReplySize{16}, loader::ReplySize{32},
              loader::security_info_size}) {
            loader::Reply copy = *reply;
            loader::split_status(copy, promised);
            require(copy.data.size() <= size);
            static_cast<void>(loader::describe_error(copy.error));
            static_cast<void>(loader::parse_security_info(copy.data));
        }
    }
    static_cast<void>(loader::parse_stub(as_text(input)));
}
