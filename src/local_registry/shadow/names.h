// Which shadow a topic or a request means.
// Sources: AWS IoT Core developer guide, "Device Shadow MQTT topics"; the service model of AWS IoT
// Data Plane, 2015-05-28 (ThingName, ShadowName).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace imprint::local_registry::shadow {

struct Name {
    std::string thing;
    std::string shadow;  // empty: the classic one, which has no name

    // What messages call it.
    [[nodiscard]] const std::string& shown() const { return shadow.empty() ? thing : shadow; }

    // "$aws/things/<thing>/shadow" or "$aws/things/<thing>/shadow/name/<shadow>"
    [[nodiscard]] std::string topic() const;
};

// The rule that a name breaks; empty: none. Things: [a-zA-Z0-9:_-]{1,128}; shadows:
// [$a-zA-Z0-9:_-]{1,64}.
[[nodiscard]] std::string fault_of(const Name& name);

enum class Verb : std::uint8_t { get, update, remove };

struct Question {
    Name name;
    Verb verb = Verb::get;
};

// A topic that a client asks on. Nothing: it is another one. The names are as they stand there.
[[nodiscard]] std::optional<Question> parse_topic(std::string_view topic);

}  // namespace imprint::local_registry::shadow
