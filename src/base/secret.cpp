#include "base/secret.h"

#include <cerrno>
#include <cstring>
#include <new>
#include <openssl/crypto.h>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>
#include <utility>

namespace imprint {

void wipe(std::span<std::uint8_t> bytes) {
    if (!bytes.empty()) OPENSSL_cleanse(bytes.data(), bytes.size());
}

void wipe(std::string& text) {
    wipe(std::span(reinterpret_cast<std::uint8_t*>(text.data()), text.size()));
}

namespace {

std::size_t whole_pages(std::size_t size) {
    static const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return (size + page - 1) / page * page;
}

std::span<std::uint8_t> locked_copy(ByteView bytes) {
    if (bytes.empty()) return {};
    const std::size_t size = whole_pages(bytes.size());
    void* pages = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) throw std::bad_alloc();
    static_cast<void>(::madvise(pages, size, MADV_DONTDUMP));
    // The limit may be small: what is over it is a secret all the same.
    static_cast<void>(::mlock(pages, size));
    std::memcpy(pages, bytes.data(), bytes.size());
    return {static_cast<std::uint8_t*>(pages), bytes.size()};
}

}  // namespace

Secret::Secret(std::string_view text) : Secret(as_bytes(text)) {}

Secret::Secret(ByteView bytes) : bytes_(locked_copy(bytes)) {}

Secret::Secret(Bytes&& bytes) : bytes_(locked_copy(bytes)) {
    wipe(bytes);
    bytes.clear();
}

Secret::~Secret() {
    let_go();
}

void Secret::let_go() noexcept {
    if (bytes_.empty()) return;
    wipe(bytes_);
    ::munmap(bytes_.data(), whole_pages(bytes_.size()));
    bytes_ = {};
}

Secret::Secret(Secret&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        let_go();
        bytes_ = std::exchange(other.bytes_, {});
    }
    return *this;
}

Secret Secret::copy() const {
    return Secret(ByteView(bytes_));
}

Secret random_secret(std::size_t size) {
    Bytes bytes(size);
    for (std::size_t done = 0; done < size;) {
        const ssize_t got = ::getrandom(bytes.data() + done, size - done, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) throw std::logic_error("the kernel gives no random bytes");
        done += static_cast<std::size_t>(got);
    }
    return Secret(std::move(bytes));
}

}  // namespace imprint
