// Text on the heap that is wiped before it is given back: a private key passes through here.
// Plain C++17 without exceptions: an allocation that fails leaves the text empty.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace imprint_identity {

class Text {
  public:
    Text() = default;

    // Room for size bytes and an ending NUL, all zero at first.
    explicit Text(std::size_t size) : data_(static_cast<char*>(std::calloc(size + 1, 1))) {
        if (data_ != nullptr) size_ = size;
    }

    Text(const char* text, std::size_t size) : Text(size) {
        if (data_ != nullptr && size != 0) std::memcpy(data_, text, size);
    }

    ~Text() { clear(); }

    Text(Text&& other) noexcept : data_(other.data_), size_(other.size_) {
        other.data_ = nullptr;
        other.size_ = 0;
    }

    Text& operator=(Text&& other) noexcept {
        if (this != &other) {
            clear();
            data_ = other.data_;
            size_ = other.size_;
            other.data_ = nullptr;
            other.size_ = 0;
        }
        return *this;
    }

    Text(const Text&) = delete;
    Text& operator=(const Text&) = delete;

    char* data() { return data_; }

    [[nodiscard]] const char* c_str() const { return data_ != nullptr ? data_ : ""; }

    [[nodiscard]] std::size_t size() const { return size_; }

    [[nodiscard]] bool empty() const { return size_ == 0; }

    [[nodiscard]] bool equals(const char* other) const { return std::strcmp(c_str(), other) == 0; }

    // To no more than it has.
    void cut(std::size_t size) {
        // A volatile write is one that the compiler may not leave out.
        for (volatile char* byte = data_ + size; size_ > size; --size_)
            *byte++ = 0;
    }

    void clear() {
        if (data_ == nullptr) return;
        cut(0);
        std::free(data_);
        data_ = nullptr;
    }

  private:
    char* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace imprint_identity
