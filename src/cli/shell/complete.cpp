#include "cli/shell/complete.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <span>
#include <utility>

#include "config/keys.h"

namespace imprint::cli::shell {

namespace {

// What the words before the cursor have said.
class Line {
  public:
    explicit Line(const CommandRow& program) : command_(&program) {}

    void take(const std::string& word);

    [[nodiscard]] const CommandRow& command() const { return *command_; }

    // The option whose value comes next; null: none.
    [[nodiscard]] const OptionRow* waiting() const { return waiting_; }

    // The option that takes words until the next option, if one has begun.
    [[nodiscard]] const OptionRow* many() const { return many_; }

    [[nodiscard]] bool only_arguments() const { return only_arguments_; }

    [[nodiscard]] bool is_lost() const { return is_lost_; }

    // The argument that comes next; null: none.
    [[nodiscard]] const OptionRow* argument() const;

    [[nodiscard]] bool was_given(const OptionRow& option) const {
        return std::ranges::find(given_, &option) != given_.end();
    }

    [[nodiscard]] const config::Sources& sources() const { return sources_; }

  private:
    void take_option(const std::string& word);
    void take_value(const OptionRow& option, const std::string& value);

    const CommandRow* command_;
    const OptionRow* waiting_ = nullptr;
    const OptionRow* many_ = nullptr;
    std::vector<const OptionRow*> given_;
    std::size_t arguments_ = 0;
    bool only_arguments_ = false;
    bool is_lost_ = false;  // a word that no command knows
    config::Sources sources_;
};

bool is_option(const std::string& word) {
    return word.size() > 1 && word.starts_with('-');
}

void Line::take(const std::string& word) {
    if (waiting_ != nullptr && (waiting_->bare.empty() || !is_option(word)))
        return take_value(*std::exchange(waiting_, nullptr), word);
    waiting_ = nullptr;
    if (!only_arguments_ && word == "--") {
        only_arguments_ = true;
        many_ = nullptr;
    } else if (!only_arguments_ && is_option(word)) {
        take_option(word);
    } else if (!command_->commands.empty()) {
        const CommandRow* next = command_->find(word);
        if (next == nullptr)
            is_lost_ = true;
        else
            command_ = next;
    } else if (many_ == nullptr) {
        ++arguments_;
    }
}

void Line::take_option(const std::string& word) {
    many_ = nullptr;
    const auto equals = word.find('=');
    const bool is_long = word.starts_with("--");
    const OptionRow* option = command_->option(is_long ? word.substr(0, equals) : word);
    // "-p/dev/ttyUSB0"
    const bool is_joined = option == nullptr && !is_long;
    if (is_joined) option = command_->option(word.substr(0, 2));
    if (option == nullptr) return;
    given_.push_back(option);
    if (option->is_flag()) return;
    if (is_long && equals != std::string::npos)
        take_value(*option, word.substr(equals + 1));
    else if (is_joined)
        take_value(*option, word.substr(2));
    else
        waiting_ = option;
}

void Line::take_value(const OptionRow& option, const std::string& value) {
    if (option.many_words) many_ = &option;
    if (option.names.front() == "--config") {
        sources_.file = value;
    } else if (!option.key.empty()) {
        sources_.flags.emplace_back(option.key, value);
    } else if (option.kind == ValueKind::setting) {
        const auto equals = value.find('=');
        if (equals != std::string::npos)
            sources_.flags.emplace_back(value.substr(0, equals), value.substr(equals + 1));
    }
}

const OptionRow* Line::argument() const {
    std::size_t left = arguments_;
    for (const auto& option : command_->options) {
        if (!option.is_argument()) continue;
        if (left == 0 || option.many_words) return &option;
        --left;
    }
    return nullptr;
}

// Puts together what fits the word at the cursor.
class Answer {
  public:
    // prefix: what the word has before the value, such as "--config=".
    Answer(const LiveValues& live, const config::Sources& sources, std::string prefix,
           std::string typed)
        : live_(live), sources_(sources), prefix_(std::move(prefix)), typed_(std::move(typed)) {}

    void values_of(const OptionRow& option);
    void offer(std::string_view word, std::string_view meaning = {});

    [[nodiscard]] Completion take() { return std::move(completion_); }

  private:
    void paths(Paths which);
    void alive(ValueKind kind);
    void settings();
    void values_of_key(std::string_view name);

    const LiveValues& live_;
    const config::Sources& sources_;
    std::string prefix_;
    std::string typed_;
    Completion completion_;
};

void Answer::offer(std::string_view word, std::string_view meaning) {
    if (word.starts_with(typed_))
        completion_.candidates.push_back(
            {.word = prefix_ + std::string(word), .meaning = std::string(meaning)});
}

void Answer::paths(Paths which) {
    completion_.paths = which;
    completion_.before_path = prefix_.size();
}

void Answer::alive(ValueKind kind) {
    for (const auto& value : live_(kind, typed_, sources_))
        offer(value.word, value.meaning);
}

void Answer::values_of_key(std::string_view name) {
    const config::Key* key = config::find_config_key(name);
    if (key == nullptr) return;
    for (const auto& choice : key->choices)
        offer(choice);
    if (!key->zero_word.empty()) offer(key->zero_word);
    if (key->type == config::KeyType::boolean)
        for (const char* word : {"true", "false"})
            offer(word);
    if (key->type == config::KeyType::path) paths(Paths::files);
    if (name == "station.ports") {
        alive(ValueKind::port);
        paths(Paths::files);
    }
}

void Answer::settings() {
    const auto equals = typed_.find('=');
    if (equals == std::string::npos) {
        for (const auto& key : config::config_keys())
            offer(std::string(key.name) + '=', key.meaning);
        return;
    }
    const std::string name = typed_.substr(0, equals);
    prefix_ += typed_.substr(0, equals + 1);
    typed_.erase(0, equals + 1);
    values_of_key(name);
}

void Answer::values_of(const OptionRow& option) {
    for (const auto& choice : option.choices)
        offer(choice);
    for (const auto& value : option.offers)
        offer(value);
    switch (option.kind) {
        case ValueKind::other:
            break;
        case ValueKind::file:
            paths(Paths::files);
            break;
        case ValueKind::folder:
            paths(Paths::folders);
            break;
        case ValueKind::port:
            // A port may be a file of any name, such as a simulated board's.
            alive(option.kind);
            paths(Paths::files);
            break;
        case ValueKind::setting:
            settings();
            break;
        case ValueKind::key_value:
            values_of_key(option.key);
            break;
        case ValueKind::lot:
        case ValueKind::thing:
        case ValueKind::board:
        case ValueKind::chip:
        case ValueKind::run:
            alive(option.kind);
            break;
    }
}

// By its long name; by its short one if it was typed.
void offer_options(Answer& answer, const Line& line, const std::string& typed) {
    for (const auto& option : line.command().options) {
        if (option.is_argument() || (line.was_given(option) && !option.repeated)) continue;
        for (const auto& name : option.names)
            if (name.starts_with("--") || option.names.size() == 1 || name == typed)
                answer.offer(name, option.meaning);
    }
}

}  // namespace

Completion complete(const CommandRow& program, const std::vector<std::string>& words,
                    const LiveValues& live) {
    Line line(program);
    for (const auto& word : std::span(words).first(words.size() - 1))
        line.take(word);
    const std::string& typed = words.back();
    const auto answer_to = [&](std::string prefix, std::string rest) {
        return Answer(live, line.sources(), std::move(prefix), std::move(rest));
    };
    if (line.is_lost()) return {};
    if (line.waiting() != nullptr) {
        Answer answer = answer_to({}, typed);
        answer.values_of(*line.waiting());
        // Its value may be left out.
        if (!line.waiting()->bare.empty()) offer_options(answer, line, typed);
        return answer.take();
    }
    if (!line.only_arguments() && typed.starts_with('-')) {
        const auto equals = typed.find('=');
        if (!typed.starts_with("--") || equals == std::string::npos) {
            Answer answer = answer_to({}, typed);
            offer_options(answer, line, typed);
            return answer.take();
        }
        const OptionRow* option = line.command().option(typed.substr(0, equals));
        Answer answer = answer_to(typed.substr(0, equals + 1), typed.substr(equals + 1));
        if (option != nullptr && !option->is_flag()) answer.values_of(*option);
        return answer.take();
    }
    Answer answer = answer_to({}, typed);
    for (const auto* command : line.command().shown_commands())
        answer.offer(command->name, command->meaning);
    if (line.command().shown_commands().empty()) {
        const OptionRow* argument = line.argument();
        if (line.many() != nullptr)
            answer.values_of(*line.many());
        else if (argument != nullptr)
            answer.values_of(*argument);
        // Nothing else can stand here.
        else if (typed.empty() && !line.only_arguments())
            offer_options(answer, line, typed);
    }
    return answer.take();
}

}  // namespace imprint::cli::shell
