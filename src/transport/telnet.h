// Telnet as needed for RFC 2217: data, negotiation and subnegotiation in one stream.
// Source: RFC 854 (commands), RFC 855 (options), RFC 856 (BINARY), RFC 858 (SGA), RFC 1143 (when a
// request is answered).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>

#include "base/bytes.h"

namespace imprint::transport::telnet {

enum class Verb : std::uint8_t { will = 251, wont = 252, do_ = 253, dont = 254 };

inline constexpr std::uint8_t option_binary = 0;
inline constexpr std::uint8_t option_suppress_go_ahead = 3;
inline constexpr std::uint8_t option_com_port = 44;  // RFC 2217, section 2

// Data with each FF doubled.
[[nodiscard]] Bytes escape(ByteView data);
[[nodiscard]] Bytes negotiation(Verb verb, std::uint8_t option);
[[nodiscard]] Bytes subnegotiation(std::uint8_t option, ByteView content);

// Parses a stream, in pieces of any size.
class Decoder {
  public:
    struct Sink {
        std::function<void(std::uint8_t)> data;
        std::function<void(Verb, std::uint8_t)> negotiation;
        // Truncated to 4096 bytes.
        std::function<void(std::uint8_t option, ByteView content)> subnegotiation;
    };

    void feed(ByteView bytes, const Sink& sink);

  private:
    enum class State : std::uint8_t { data, command, option, content, content_command };

    State state_ = State::data;
    std::uint8_t verb_ = 0;
    Bytes content_;  // of a subnegotiation, its option first
};

// Which options are on, on either side. Every unwanted option is refused.
class Options {
  public:
    enum class State : std::uint8_t { off, asked, on, refused };

    explicit Options(std::set<std::uint8_t> wanted) : wanted_(std::move(wanted)) {}

    // Sends WILL and DO unasked; the reply to them needs no answer.
    [[nodiscard]] Bytes offer(std::uint8_t option);
    [[nodiscard]] Bytes request(std::uint8_t option);
    // The answer to the peer's request if it changes something or is refused; otherwise nothing, so
    // that two sides never answer each other's answers.
    [[nodiscard]] Bytes answer(Verb verb, std::uint8_t option);

    [[nodiscard]] State ours(std::uint8_t option) const;
    [[nodiscard]] State theirs(std::uint8_t option) const;

  private:
    using Side = std::map<std::uint8_t, State>;

    [[nodiscard]] Bytes turn_on(Side& side, std::uint8_t option, Verb yes, Verb no) const;
    [[nodiscard]] static Bytes turn_off(Side& side, std::uint8_t option, Verb no);

    std::set<std::uint8_t> wanted_;
    Side ours_;
    Side theirs_;
};

}  // namespace imprint::transport::telnet
