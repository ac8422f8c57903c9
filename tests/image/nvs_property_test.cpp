// Any entries: what is built reads back, and what damage leaves is what was written.
#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>  // leans on gtest.h

#include "image/nvs.h"
#include "image/nvs_keys.h"
#include "image/nvs_layout.h"

namespace imprint::image::nvs {
namespace {

struct Row {
    std::string name_space;
    Entry entry;
};

std::string any_name() {
    std::string name;
    const auto length = *rc::gen::inRange<std::size_t>(1, 16);
    for (std::size_t i = 0; i < length; ++i)
        name += static_cast<char>(*rc::gen::inRange(1, 256));
    return name;
}

Bytes any_bytes(std::size_t size) {
    Bytes bytes(size);
    auto state = *rc::gen::arbitrary<std::uint32_t>();
    for (std::uint8_t& byte : bytes) {
        state = state * 1664525U + 1013904223U;
        byte = static_cast<std::uint8_t>(state >> 24);
    }
    return bytes;
}

Entry any_entry(Version version) {
    Entry entry;
    entry.key = any_name();
    entry.type = *rc::gen::element(Type::u8, Type::i8, Type::u16, Type::i16, Type::u32, Type::i32,
                                   Type::u64, Type::i64, Type::string, Type::blob, Type::blob);
    const std::size_t most = version == Version::one      ? 1984
                             : entry.type == Type::string ? 4000
                                                          : 20000;
    if (entry.type == Type::string) {
        entry.data = any_bytes(*rc::gen::inRange<std::size_t>(0, most));
        return entry;
    }
    if (entry.type == Type::blob) {
        entry.data = any_bytes(*rc::gen::oneOf(
            rc::gen::inRange<std::size_t>(0, 65), rc::gen::inRange<std::size_t>(0, most + 1),
            rc::gen::map(rc::gen::inRange<std::size_t>(0, most / 32 + 1),
                         [](std::size_t entries) { return entries * 32; })));
        return entry;
    }
    const unsigned width = (static_cast<unsigned>(entry.type) & 0x0F) * 8;
    entry.bits = *rc::gen::arbitrary<std::uint64_t>() & (~std::uint64_t{0} >> (64 - width));
    return entry;
}

std::vector<Row> any_rows(Version version) {
    std::vector<std::string> spaces;
    for (auto count = *rc::gen::inRange<std::size_t>(1, 5); count > 0; --count)
        spaces.push_back(any_name());
    std::vector<Row> rows;
    std::set<std::pair<std::string, std::string>> taken;
    for (auto count = *rc::gen::inRange<std::size_t>(0, 30); count > 0; --count) {
        Row row{*rc::gen::elementOf(spaces), any_entry(version)};
        // Numbers in a row, so that pages end in each of their entries.
        const auto more = *rc::gen::inRange(0, 60);
        for (int i = 0; i < more; ++i) {
            Row filler{row.name_space,
                       {std::to_string(count) + "_" + std::to_string(i), Type::u8, 7, {}}};
            if (taken.emplace(filler.name_space, filler.entry.key).second) rows.push_back(filler);
        }
        if (taken.emplace(row.name_space, row.entry.key).second) rows.push_back(std::move(row));
    }
    return rows;
}

Result<Bytes> built(const std::vector<Row>& rows, std::uint32_t size, Version version) {
    IMPRINT_TRY(Builder builder, Builder::create(size, version));
    for (const Row& row : rows) {
        IMPRINT_CHECK(builder.enter(row.name_space));
        IMPRINT_CHECK(builder.add(row.entry));
    }
    return std::move(builder).finish().image;
}

using Values = std::map<std::pair<std::string, std::string>, Entry>;

Values values_of(const std::vector<Row>& rows) {
    Values values;
    for (const Row& row : rows)
        values[{row.name_space, row.entry.key}] = row.entry;
    return values;
}

bool is_same(const Entry& a, const Entry& b) {
    return a.type == b.type && a.bits == b.bits && a.data == b.data;
}

Version any_version() {
    return *rc::gen::element(Version::one, Version::two);
}

RC_GTEST_PROP(NvsProperty, what_is_built_reads_back, ()) {
    const Version version = any_version();
    const std::vector<Row> rows = any_rows(version);
    const auto image = built(rows, 0x80000, version);
    RC_ASSERT(image.has_value());
    const auto contents = read(*image);
    RC_ASSERT(contents.has_value());
    RC_ASSERT(contents->faults.empty());
    const Values values = values_of(rows);
    std::size_t count = 0;
    for (const Namespace& space : contents->namespaces)
        for (const Entry& entry : space.entries) {
            ++count;
            const auto found = values.find({space.name, entry.key});
            RC_ASSERT(found != values.end());
            RC_ASSERT(is_same(found->second, entry));
        }
    RC_ASSERT(count == values.size());
    RC_CLASSIFY(contents->usage.pages_used > 3, "several pages");
}

RC_GTEST_PROP(NvsProperty, encryption_is_undone_by_the_same_keys_alone, ()) {
    const Version version = any_version();
    const std::vector<Row> rows = any_rows(version);
    const auto plain = built(rows, 0x80000, version);
    RC_ASSERT(plain.has_value());
    const Keys keys = *rc::gen::arbitrary<bool>()
                          ? Keys::random()
                          : Keys::of_hmac_key(Secret(any_bytes(hmac_key_size))).value();
    Bytes image = *plain;
    encrypt(image, keys);
    const bool is_empty = rows.empty();
    RC_ASSERT(read(image).value().encrypted == !is_empty);
    Bytes wrong = image;
    RC_ASSERT(decrypt(wrong, Keys::random()).has_value() == is_empty);
    RC_ASSERT(decrypt(image, keys).has_value());
    RC_ASSERT(image == *plain);
}

RC_GTEST_PROP(NvsProperty, it_fits_or_is_refused_and_a_larger_partition_holds_it, ()) {
    const Version version = any_version();
    const std::vector<Row> rows = any_rows(version);
    const std::uint32_t size = *rc::gen::inRange(1U, 8U) * page_size;
    const auto small = built(rows, size, version);
    const auto large = built(rows, 0x80000, version);
    RC_ASSERT(large.has_value());
    const std::uint32_t used = read(*large).value().usage.pages_used;
    const std::uint32_t room = size / page_size - (size < least_writable ? 0 : 1);
    RC_ASSERT(small.has_value() == (used <= room));
    if (!small) {
        RC_ASSERT(small.error().code == "nvs_full");
        return;
    }
    RC_ASSERT(small->size() == size);
    RC_ASSERT(std::equal(small->begin(), small->begin() + used * std::ptrdiff_t{page_size},
                         large->begin()));
}

// The CRCs find each change of up to three bits: a value is gone, or it is what it was.
RC_GTEST_PROP(NvsProperty, what_damage_leaves_is_what_was_written, ()) {
    const Version version = any_version();
    const std::vector<Row> rows = any_rows(version);
    const auto image = built(rows, 0x40000, version);
    RC_PRE(image.has_value());
    Bytes damaged = *image;
    const std::uint32_t used = read(damaged).value().usage.pages_used * page_size;
    for (auto flips = *rc::gen::inRange(1, 4); flips > 0; --flips)
        damaged[*rc::gen::inRange(0U, used)] ^=
            static_cast<std::uint8_t>(1U << *rc::gen::inRange(0U, 8U));
    const auto contents = read(damaged);
    RC_ASSERT(contents.has_value());
    const Values values = values_of(rows);
    for (const Namespace& space : contents->namespaces)
        for (const Entry& entry : space.entries) {
            const auto found = values.find({space.name, entry.key});
            RC_ASSERT(found != values.end());
            RC_ASSERT(is_same(found->second, entry));
        }
}

// With checksums that are right all the same: lengths, spans, chunks and states are a stranger's.
RC_GTEST_PROP(NvsProperty, no_length_is_believed, ()) {
    const Version version = any_version();
    auto image = built(any_rows(version), 0x20000, version);
    RC_PRE(image.has_value());
    for (auto changes = *rc::gen::inRange(1, 40); changes > 0; --changes) {
        const std::uint32_t page = *rc::gen::inRange(0U, 32U);
        const std::uint32_t entry = *rc::gen::inRange(0U, entries_a_page);
        const std::size_t at = entry_place(page, entry);
        (*image)[at + *rc::gen::element<std::size_t>(0, 1, 2, 3, 8, 24, 25, 26, 28, 29)] =
            *rc::gen::element<std::uint8_t>(0x00, 0x01, 0x21, 0x41, 0x42, 0x48, 0x7E, 0x80, 0xFF);
        put_u32(*image, at + crc_at, entry_checksum(ByteView(*image).subspan(at, entry_size)));
        (*image)[page * page_size + states_at + *rc::gen::inRange(0U, 32U)] =
            *rc::gen::arbitrary<std::uint8_t>();
        const std::size_t header = page * page_size;
        if (*rc::gen::inRange(0, 4) == 0) {
            put_u32(*image, header, *rc::gen::element(page_active, page_full, page_freeing));
            put_u32(*image, header + sequence_at, *rc::gen::inRange(0U, 4U));
            put_u32(*image, header + page_crc_at,
                    page_checksum(ByteView(*image).subspan(header, page_size)));
        }
    }
    const auto contents = read(*image);
    RC_ASSERT(contents.has_value());
    std::size_t bytes = 0;
    for (const Namespace& space : contents->namespaces)
        for (const Entry& entry : space.entries)
            bytes += entry.data.size();
    RC_ASSERT(bytes <= image->size());
    RC_ASSERT(contents->faults.size() <= 100);
}

}  // namespace
}  // namespace imprint::image::nvs
