#include <fmt/format.h>

#include "base/text.h"
#include "config/config.h"
#include "config/keys.h"
#include "policy/partition.h"

namespace imprint::config {

namespace {

std::string_view section_of(std::string_view key) {
    return key.substr(0, key.rfind('.'));
}

std::string_view last_part(std::string_view key) {
    return key.substr(key.rfind('.') + 1);
}

}  // namespace

std::string sample_config() {
    const prepare::Settings defaults;
    std::string text =
        "# Imprint's configuration. A line that begins with # and a key shows that key's default, "
        "or "
        "what\n"
        "# is usual where nothing is set.\n"
        "# Flags override IMPRINT_… variables override this file; `imprint doctor --values` shows "
        "each\n"
        "# value and where it came from. Relative paths are relative to this file's folder.\n";
    std::string_view section;
    for (const auto& key : config_keys()) {
        if (section_of(key.name) != section) {
            section = section_of(key.name);
            text += fmt::format("\n[{}]\n", section);
        }
        const std::string kind =
            key.choices.size() > 1 || key.type == KeyType::integer ? " (" + allowed(key) + ")" : "";
        text += fmt::format("# {}{}\n", key.meaning, kind);
        if (!key.usual.empty())
            text += fmt::format("#{} = {}\n", last_part(key.name), key.usual);
        else if (key.sample.empty())
            text += fmt::format("#{} = {}\n", last_part(key.name), to_toml(key, key.get(defaults)));
        else
            text += fmt::format("{} = {}\n", last_part(key.name), key.sample);
    }
    return text;
}

// The Deny: the * of region and account, which init cannot know, may reach over the colons of an
// ARN (policy/findings.h, arn_wildcard), as in topic/devices/b/x:topic/devices/a/y.
std::string sample_policy(const std::string& region) {
    constexpr std::string_view text = R"({
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "iot:Connect",
            "Resource": "arn:PARTITION:iot:*:*:client/${iot:Connection.Thing.ThingName}",
            "Condition": {"Bool": {"iot:Connection.Thing.IsAttached": "true"}}
        },
        {
            "Effect": "Allow",
            "Action": ["iot:Publish", "iot:Receive"],
            "Resource": [
                "arn:PARTITION:iot:*:*:topic/$aws/things/${iot:Connection.Thing.ThingName}/shadow/*",
                "arn:PARTITION:iot:*:*:topic/devices/${iot:Connection.Thing.ThingName}/*"
            ]
        },
        {
            "Effect": "Allow",
            "Action": "iot:Subscribe",
            "Resource": [
                "arn:PARTITION:iot:*:*:topicfilter/$aws/things/${iot:Connection.Thing.ThingName}/shadow/*",
                "arn:PARTITION:iot:*:*:topicfilter/devices/${iot:Connection.Thing.ThingName}/*"
            ]
        },
        {
            "Sid": "NoTopicThatLooksLikeAnArn",
            "Effect": "Deny",
            "Action": ["iot:Publish", "iot:Receive", "iot:Subscribe"],
            "Resource": ["arn:PARTITION:iot:*:*:topic/*:topic/*", "arn:PARTITION:iot:*:*:topicfilter/*:topicfilter/*"]
        }
    ]
}
)";
    return replace_all(std::string(text), "PARTITION", policy::partition_of(region).id);
}

}  // namespace imprint::config
