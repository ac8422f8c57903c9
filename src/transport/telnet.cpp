#include "transport/telnet.h"

#include <utility>

namespace imprint::transport::telnet {

namespace {

constexpr std::uint8_t iac = 255;
constexpr std::uint8_t sub_begin = 250;
constexpr std::uint8_t sub_end = 240;
constexpr std::size_t longest = 4096;

}  // namespace

Bytes escape(ByteView data) {
    Bytes result;
    result.reserve(data.size() + data.size() / 64);
    for (const std::uint8_t byte : data) {
        result.push_back(byte);
        if (byte == iac) result.push_back(iac);
    }
    return result;
}

Bytes negotiation(Verb verb, std::uint8_t option) {
    return {iac, static_cast<std::uint8_t>(verb), option};
}

Bytes subnegotiation(std::uint8_t option, ByteView content) {
    Bytes result{iac, sub_begin, option};
    append(result, escape(content));
    append(result, Bytes{iac, sub_end});
    return result;
}

void Decoder::feed(ByteView bytes, const Sink& sink) {
    for (const std::uint8_t byte : bytes) {
        switch (state_) {
            case State::data:
                if (byte == iac)
                    state_ = State::command;
                else
                    sink.data(byte);
                break;
            case State::command:
                state_ = State::data;
                if (byte == iac) {
                    sink.data(byte);
                } else if (byte == sub_begin) {
                    content_.clear();
                    state_ = State::content;
                } else if (byte >= static_cast<std::uint8_t>(Verb::will)) {
                    verb_ = byte;
                    state_ = State::option;
                }
                break;  // any other command has no meaning here
            case State::option:
                state_ = State::data;
                sink.negotiation(Verb{verb_}, byte);
                break;
            case State::content:
                if (byte == iac)
                    state_ = State::content_command;
                else if (content_.size() < longest)
                    content_.push_back(byte);
                break;
            case State::content_command:
                if (byte == iac) {
                    if (content_.size() < longest) content_.push_back(byte);
                    state_ = State::content;
                } else {
                    // SE, or something that has no place here and ends it as well.
                    state_ = State::data;
                    if (byte == sub_end && !content_.empty())
                        sink.subnegotiation(content_.front(), ByteView(content_).subspan(1));
                }
        }
    }
}

Bytes Options::offer(std::uint8_t option) {
    ours_[option] = State::asked;
    return negotiation(Verb::will, option);
}

Bytes Options::request(std::uint8_t option) {
    theirs_[option] = State::asked;
    return negotiation(Verb::do_, option);
}

Bytes Options::answer(Verb verb, std::uint8_t option) {
    switch (verb) {
        case Verb::do_:
            return turn_on(ours_, option, Verb::will, Verb::wont);
        case Verb::will:
            return turn_on(theirs_, option, Verb::do_, Verb::dont);
        case Verb::dont:
            return turn_off(ours_, option, Verb::wont);
        case Verb::wont:
            return turn_off(theirs_, option, Verb::dont);
    }
    return {};
}

Options::State Options::ours(std::uint8_t option) const {
    const auto found = ours_.find(option);
    return found == ours_.end() ? State::off : found->second;
}

Options::State Options::theirs(std::uint8_t option) const {
    const auto found = theirs_.find(option);
    return found == theirs_.end() ? State::off : found->second;
}

Bytes Options::turn_on(Side& side, std::uint8_t option, Verb yes, Verb no) const {
    if (!wanted_.contains(option)) return negotiation(no, option);
    const State before = std::exchange(side[option], State::on);
    return before == State::asked || before == State::on ? Bytes{} : negotiation(yes, option);
}

Bytes Options::turn_off(Side& side, std::uint8_t option, Verb no) {
    const auto known = side.find(option);
    if (known == side.end()) return {};
    const State before = std::exchange(known->second, State::refused);
    return before == State::on ? negotiation(no, option) : Bytes{};
}

}  // namespace imprint::transport::telnet
