#include <algorithm>
#include <fmt/format.h>

#include "base/secret.h"
#include "image/nvs.h"
#include "image/nvs_layout.h"
#include "image/text.h"

namespace imprint::image::nvs {

namespace {

std::unexpected<Error> bad_name(std::string message, std::string hint = {}) {
    return fail(ErrorKind::config, "nvs_name", std::move(message), std::move(hint));
}

Result<void> check_name(std::string_view what, std::string_view name) {
    constexpr std::size_t most = key_bytes - 1;
    if (name.empty()) return bad_name(fmt::format("a {} has no name", what));
    if (name.find('\0') != std::string_view::npos)
        return bad_name(fmt::format("the {} {} holds a NUL, where a device sees its end", what,
                                    in_quotes(name)));
    if (name.size() > most)
        return bad_name(fmt::format("the {} {} has {} bytes, and NVS keeps at most {}", what,
                                    in_quotes(name), name.size(), most),
                        "shorten it, in the firmware and here alike");
    return {};
}

std::size_t most_of(Version version) {
    return version == Version::one ? most_in_version_one : most_in_page;
}

}  // namespace

std::unexpected<Error> bad_value(std::string message, std::string hint) {
    return fail(ErrorKind::config, "nvs_value", std::move(message), std::move(hint));
}

Result<void> check_whole_pages(std::uint64_t size) {
    if (size == 0 || size % page_size != 0)
        return fail(ErrorKind::config, "nvs_size",
                    fmt::format("an NVS partition has whole pages of {} bytes, and {} are none",
                                page_size, size),
                    fmt::format("take the partition's size: {} would be one",
                                std::max<std::uint64_t>(round_up(size, page_size), page_size)));
    return {};
}

struct Builder::Head {
    std::uint8_t type;
    std::uint32_t span;
    std::uint8_t chunk;
    std::string_view key;
    std::uint64_t value;
    std::uint8_t name_space;
};

Result<Builder> Builder::create(std::uint32_t size, Version version) {
    IMPRINT_CHECK(check_whole_pages(size));
    return Builder(size, version);
}

Builder::Builder(std::uint32_t size, Version version)
    : image_(size, 0xFF),
      version_(version),
      read_only_(size < least_writable),
      // A device that writes needs one free page.
      pages_(size / page_size - (read_only_ ? 0 : 1)) {
    begin_page();
}

Builder::~Builder() {
    wipe(image_);
}

void Builder::begin_page() {
    const std::span<std::uint8_t> page =
        std::span(image_).subspan(std::size_t{page_} * page_size, page_size);
    put_u32(page, 0, page_active);
    put_u32(page, sequence_at, page_);
    page[version_at] = static_cast<std::uint8_t>(version_);
    put_u32(page, page_crc_at, page_checksum(page));
    entry_ = 0;
}

Result<void> Builder::next_page() {
    if (page_ + 1 == pages_)
        return fail(
            ErrorKind::config, "nvs_full",
            fmt::format("the entries do not fit into {} pages of {} bytes{}", pages_, page_size,
                        read_only_ ? "" : ", beside the one that a device keeps free"),
            "make the partition larger, or leave entries out");
    put_u32(image_, std::size_t{page_} * page_size, page_full);
    ++page_;
    begin_page();
    return {};
}

Result<void> Builder::turn_page() {
    return entry_ == 0 ? Result<void>() : next_page();
}

std::size_t Builder::place() const {
    return entry_place(page_, entry_);
}

void Builder::mark() {
    std::uint8_t& states = image_[std::size_t{page_} * page_size + states_at + entry_ / 4];
    states &= static_cast<std::uint8_t>(~(1U << (entry_ % 4 * 2)));
    ++entry_;
    ++entries_used_;
}

void Builder::put_head(const Head& head) {
    const std::span<std::uint8_t> entry = std::span(image_).subspan(place(), entry_size);
    entry[0] = head.name_space;
    entry[type_at] = head.type;
    entry[span_at] = static_cast<std::uint8_t>(head.span);
    entry[chunk_at] = head.chunk;
    std::ranges::fill(entry.subspan(key_at, key_bytes), std::uint8_t{0});
    std::ranges::copy(as_bytes(head.key), entry.subspan(key_at).begin());
    put_u32(entry, value_at, static_cast<std::uint32_t>(head.value));
    put_u32(entry, value_at + 4, static_cast<std::uint32_t>(head.value >> 32));
    put_u32(entry, crc_at, entry_checksum(entry));
    mark();
}

void Builder::put_data(ByteView data) {
    std::ranges::copy(data, image_.begin() + static_cast<std::ptrdiff_t>(place()));
    for (std::uint32_t left = entries_for(data.size()); left > 0; --left)
        mark();
}

Result<void> Builder::enter(std::string_view name) {
    IMPRINT_CHECK(check_name("namespace", name));
    const auto known = namespaces_.find(name);
    if (known != namespaces_.end()) {
        namespace_ = known->second;
        return {};
    }
    if (namespaces_.size() == last_namespace)
        return bad_name(fmt::format("there are more than {} namespaces", last_namespace));
    if (entry_ == entries_a_page) IMPRINT_CHECK(next_page());
    namespace_ = static_cast<std::uint8_t>(namespaces_.size() + 1);
    namespaces_.emplace(name, namespace_);
    constexpr std::uint64_t unused = ~std::uint64_t{0xFF};
    put_head({static_cast<std::uint8_t>(Type::u8), 1, no_chunk, name, unused | namespace_, 0});
    return {};
}

Result<void> Builder::add(const Entry& entry) {
    if (namespace_ == 0)
        return bad_name(fmt::format("the key {} stands before any namespace", in_quotes(entry.key)),
                        "put the row of its namespace above it");
    IMPRINT_CHECK(check_name("key", entry.key));
    if (!keys_.emplace(namespace_, entry.key).second)
        return bad_name(
            fmt::format("the key {} is there twice in one namespace", in_quotes(entry.key)),
            "leave one of them out: a device finds only one");
    if (entry.type == Type::string) {
        Bytes text = entry.data;
        text.push_back(0);
        auto added = add_whole(entry, text);
        wipe(text);
        return added;
    }
    if (entry.type != Type::blob) return add_number(entry);
    return version_ == Version::one ? add_whole(entry, entry.data) : add_in_chunks(entry);
}

Result<void> Builder::add_number(const Entry& entry) {
    if (entry_ == entries_a_page) IMPRINT_CHECK(next_page());
    const unsigned width = (static_cast<unsigned>(entry.type) & 0x0F) * 8;
    const std::uint64_t unused = width == 64 ? 0 : ~std::uint64_t{0} << width;
    put_head({static_cast<std::uint8_t>(entry.type), 1, no_chunk, entry.key, entry.bits | unused,
              namespace_});
    return {};
}

// In one piece. The reference goes to the next page already when the last entry of this one would
// be filled; only what fills a whole page by itself does fill it.
Result<void> Builder::add_whole(const Entry& entry, ByteView data) {
    const std::size_t most = most_of(version_);
    if (data.size() > most)
        return bad_value(fmt::format("the value of {} has {} bytes{}, and a {} of version {} holds "
                                     "at most {}",
                                     in_quotes(entry.key), data.size(),
                                     entry.type == Type::string ? " with its NUL" : "",
                                     type_name(entry.type), version_ == Version::one ? 1 : 2, most),
                         version_ == Version::one && entry.type == Type::blob
                             ? "use version 2, or shorten it"
                             : "store it as a blob (binary) of version 2, or shorten it");
    const std::uint32_t span = 1 + entries_for(data.size());
    if (entry_ != 0 && entry_ + span >= entries_a_page) IMPRINT_CHECK(next_page());
    const std::uint64_t value =
        std::uint64_t{checksum(data)} << 32 | 0xFFFF0000U | static_cast<std::uint64_t>(data.size());
    put_head({static_cast<std::uint8_t>(entry.type), span, no_chunk, entry.key, value, namespace_});
    put_data(data);
    return {};
}

// The chunks fill each page to its end, and the index follows the last of them.
Result<void> Builder::add_in_chunks(const Entry& entry) {
    const auto too_long = [&] {
        return bad_value(
            fmt::format("the value of {} has {} bytes, and a blob has at most {} "
                        "chunks of {} bytes",
                        in_quotes(entry.key), entry.data.size(), most_chunks, most_in_page),
            "shorten it, or keep it in a file system");
    };
    if (entry.data.size() > std::size_t{most_chunks} * most_in_page) return too_long();
    if (entry_ == entries_a_page) IMPRINT_CHECK(next_page());
    ByteView left = entry.data;
    std::uint32_t chunks = 0;
    for (bool more = true; more; ++chunks) {
        if (chunks == most_chunks) return too_long();
        const std::size_t room = std::size_t{entries_a_page - entry_ - 1} * entry_size;
        const ByteView chunk = left.first(std::min(room, left.size()));
        left = left.subspan(chunk.size());
        const std::uint64_t value = std::uint64_t{checksum(chunk)} << 32 | 0xFFFF0000U |
                                    static_cast<std::uint64_t>(chunk.size());
        put_head({type_chunk, 1 + entries_for(chunk.size()), static_cast<std::uint8_t>(chunks),
                  entry.key, value, namespace_});
        put_data(chunk);
        more = !left.empty();
        if (more || room - chunk.size() < entry_size) IMPRINT_CHECK(next_page());
    }
    const std::uint64_t index = std::uint64_t{0xFFFF0000U | chunks} << 32 | entry.data.size();
    put_head({type_index, 1, no_chunk, entry.key, index, namespace_});
    return {};
}

Built Builder::finish(Ending ending) && {
    Built built;
    built.usage = {page_ + 1, static_cast<std::uint32_t>(image_.size() / page_size), entries_used_};
    if (ending == Ending::all_are_full) {
        while (next_page()) {
        }
        put_u32(image_, std::size_t{page_} * page_size, page_full);
    }
    built.read_only = read_only_;
    built.image = std::move(image_);
    return built;
}

}  // namespace imprint::image::nvs
