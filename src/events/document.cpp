#include "events/document.h"

#include <algorithm>
#include <cctype>
#include <concepts>
#include <fmt/format.h>
#include <optional>
#include <type_traits>
#include <vector>

#include "events/event.h"

namespace imprint::events {

namespace {

constexpr std::string_view begin_mark =
    "<!-- Made from src/events by `ninja -C build events_document`: change it there. -->\n";
constexpr std::string_view end_mark = "<!-- The end of what is made. -->\n";

// Kinds of words that were spoken of, in the order in which they came up.
class Glossary {
  public:
    template <Worded T>
    std::string link() {
        const std::string_view name = Words<T>::name;
        if (std::ranges::find(names_, name) == names_.end()) {
            names_.emplace_back(name);
            text_ += fmt::format("\n### {}\n\n| word | meaning |\n|---|---|\n", capital(name));
            for (const auto& word : Words<T>::all)
                text_ += fmt::format("| `{}` | {} |\n", word.text, word.meaning);
        }
        std::string anchor(name);
        std::ranges::transform(anchor, anchor.begin(), [](unsigned char c) {
            return static_cast<char>(c == ' ' ? '-' : std::tolower(c));
        });
        return fmt::format("[{}](#{})", name, anchor);
    }

    [[nodiscard]] const std::string& text() const { return text_; }

    static std::string capital(std::string_view sentence) {
        std::string text(sentence);
        if (!text.empty())
            text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
        return text;
    }

  private:
    std::vector<std::string> names_;
    std::string text_;
};

// What a member is in JSON.
template <typename T>
struct Shown {
    static std::string type(Glossary& glossary) {
        if constexpr (Worded<T>)
            return glossary.link<T>();
        else if constexpr (Described<T>)
            return "object";
        else if constexpr (std::same_as<T, bool>)
            return "boolean";
        else if constexpr (std::integral<T>)
            return "integer";
        else if constexpr (std::floating_point<T>)
            return "number";
        else if constexpr (std::same_as<T, WallTime>)
            return "time";
        else
            return "string";
    }
};

template <typename T>
struct Shown<std::optional<T>> {
    static std::string type(Glossary& glossary) { return Shown<T>::type(glossary) + ", optional"; }
};

template <typename T>
struct Shown<OrEmpty<T>> {
    static std::string type(Glossary& glossary) { return Shown<T>::type(glossary) + ", or empty"; }
};

template <typename T>
struct Shown<std::vector<T>> {
    static std::string type(Glossary& glossary) {
        return fmt::format("array of {}s", Shown<T>::type(glossary));
    }
};

template <typename T>
struct Shown<std::map<std::string, T>> {
    static std::string type(Glossary& glossary) {
        return fmt::format("object of {}s", Shown<T>::type(glossary));
    }
};

// What an array's elements are; anything else is its own.
template <typename T>
struct Element {
    using Type = T;
    static constexpr std::string_view mark = ".";
};

template <typename T>
struct Element<std::vector<T>> {
    using Type = T;
    static constexpr std::string_view mark = "[].";
};

template <Described T>
void add_rows(std::string& text, Glossary& glossary, const std::string& before) {
    T::members([&]<typename Member>(std::string_view name, Member T::*, std::string_view sentence,
                                    std::string_view unit = {}) {
        text +=
            fmt::format("| `{}{}` | {}{}{} | {} |\n", before, name, Shown<Member>::type(glossary),
                        unit.empty() ? "" : ", ", unit, sentence);
        using Inner = Element<Member>;
        if constexpr (Described<typename Inner::Type>)
            add_rows<typename Inner::Type>(text, glossary,
                                           fmt::format("{}{}{}", before, name, Inner::mark));
    });
}

template <EventBody... Bodies>
void add_group(Group<Bodies...>, std::string_view title, std::string& text, Glossary& glossary) {
    text += fmt::format("\n## {}\n", title);
    const auto add = [&]<EventBody T>(std::type_identity<T>) {
        text += fmt::format("\n### `{}`\n\n{}.\n\n| member | type | meaning |\n|---|---|---|\n",
                            T::summary.name, Glossary::capital(T::summary.when));
        add_rows<T>(text, glossary, {});
    };
    (add(std::type_identity<Bodies>()), ...);
}

}  // namespace

std::string document_tables() {
    std::string text;
    Glossary glossary;
    add_group(RunEvents(), "A run", text, glossary);
    add_group(BoardEvents(), "Boards by hand, files, and what is simulated", text, glossary);
    add_group(RegistryEvents(), "The registry", text, glossary);
    add_group(StationEvents(), "The station", text, glossary);
    add_group(LotEvents(), "Lots", text, glossary);
    return text + "\n## Words\n" + glossary.text() + "\n";
}

Result<std::string> with_tables(std::string_view document) {
    const std::size_t begin = document.find(begin_mark);
    const std::size_t end =
        begin == std::string_view::npos ? begin : document.find(end_mark, begin);
    if (end == std::string_view::npos)
        return fail(ErrorKind::config, "document_marks",
                    "the document has no place for the tables of events",
                    fmt::format("put these lines where they go:\n{}{}", begin_mark, end_mark));
    std::string text(document.substr(0, begin + begin_mark.size()));
    text += document_tables();
    text += document.substr(end);
    return text;
}

}  // namespace imprint::events
