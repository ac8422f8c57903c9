#include "local_registry/shadow/names.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>

namespace imprint::local_registry::shadow {

namespace {

constexpr std::size_t longest_thing = 128;
constexpr std::size_t longest_shadow = 64;

bool is_made_of(std::string_view text, std::string_view others) {
    return std::ranges::all_of(text, [others](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || others.contains(c);
    });
}

// The next level of a topic, taken from it with its slash.
std::string_view take_level(std::string_view& rest) {
    const std::string_view level = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(rest.size(), level.size() + 1));
    return level;
}

std::optional<Verb> verb_of(std::string_view word) {
    if (word == "get") return Verb::get;
    if (word == "update") return Verb::update;
    if (word == "delete") return Verb::remove;
    return std::nullopt;
}

}  // namespace

std::string Name::topic() const {
    std::string text = fmt::format("$aws/things/{}/shadow", thing);
    if (!shadow.empty()) text += fmt::format("/name/{}", shadow);
    return text;
}

std::string fault_of(const Name& name) {
    if (name.thing.empty() || name.thing.size() > longest_thing || !is_made_of(name.thing, ":_-"))
        return "Thing name must match [a-zA-Z0-9:_-]{1,128}";
    if (name.shadow.size() > longest_shadow || !is_made_of(name.shadow, "$:_-"))
        return "Shadow name must match [$a-zA-Z0-9:_-]{1,64}";
    return {};
}

std::optional<Question> parse_topic(std::string_view topic) {
    if (take_level(topic) != "$aws" || take_level(topic) != "things") return std::nullopt;
    Question question;
    question.name.thing = take_level(topic);
    if (question.name.thing.empty() || take_level(topic) != "shadow") return std::nullopt;
    if (topic.starts_with("name/")) {
        take_level(topic);
        question.name.shadow = take_level(topic);
        if (question.name.shadow.empty()) return std::nullopt;
    }
    const auto verb = verb_of(topic);
    if (!verb) return std::nullopt;
    question.verb = *verb;
    return question;
}

}  // namespace imprint::local_registry::shadow
