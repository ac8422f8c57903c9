// What services and processes hand out credentials in: any bytes are taken apart or refused, and
// nothing that is refused is quoted.
#include "aws/providers/command_line.h"
#include "aws/providers/keys.h"
#include "aws/providers/xml.h"
#include "target.h"

using namespace imprint;
using namespace imprint::aws;

namespace imprint::fuzz {

void run(ByteView input) {
    const std::string_view text = as_text(input);
    if (const auto parsed = XmlAnswer::parse(text))
        require(parsed->value("Credentials/AccessKeyId").size() <= text.size());
    for (const KeyNames& names :
         {KeyNames{}, KeyNames{.versioned = true}, KeyNames{.token = "Token", .session = true},
          KeyNames{.id = "accessKeyId",
                   .secret = "secretAccessKey",
                   .token = "sessionToken",
                   .expires = "expiration",
                   .session = true,
                   .inside = "roleCredentials"}}) {
        std::string answer(text);
        const auto keys = keys_of_json(answer, names, "fuzz");
        require(!keys || (!keys->access_key_id.empty() && !keys->secret_access_key.empty()));
        require(!keys || !names.session || (keys->expires && !keys->session_token.empty()));
    }
    if (const auto parts = split_command_line(text)) {
        std::size_t size = 0;
        for (const auto& part : *parts)
            size += part.size();
        require(size <= text.size());
    }
    if (const auto time = parse_iso8601(text))
        require(parse_iso8601(to_iso8601(*time)).has_value());
}

}  // namespace imprint::fuzz
