// Memory that is wiped when it is freed: private keys, AWS secrets, images that carry a key.
// A Secret has no stream operator, no formatter and no implicit conversion, so that it cannot get
// into a log or an error by accident. To audit its uses, search for reveal().
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace imprint {

void wipe(std::span<std::uint8_t> bytes);
void wipe(std::string& text);

// Uses pages of its own, which are excluded from core files and, within the system's limit
// (RLIMIT_MEMLOCK), never written to swap.
class Secret {
  public:
    Secret() = default;
    explicit Secret(std::string_view text);  // copies: the caller wipes the original
    explicit Secret(ByteView bytes);
    explicit Secret(Bytes&& bytes);  // wipes its argument
    ~Secret();
    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;

    [[nodiscard]] Secret copy() const;

    [[nodiscard]] bool empty() const { return bytes_.empty(); }

    [[nodiscard]] std::size_t size() const { return bytes_.size(); }

    [[nodiscard]] ByteView reveal() const { return bytes_; }

    [[nodiscard]] std::string_view reveal_text() const { return as_text(bytes_); }

  private:
    void let_go() noexcept;

    std::span<std::uint8_t> bytes_;  // at the start of its pages
};

// From the kernel's generator, for keys.
[[nodiscard]] Secret random_secret(std::size_t size);

}  // namespace imprint
