// Any entries: what is built reads back, on the computer and by the board's reader; what damage
// leaves is what was written.
#include <algorithm>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>  // leans on gtest.h
#include <set>

#include "image/secure_cert.h"

namespace imprint::image::secure_cert {
namespace {

namespace tlv = imprint_identity::secure_cert;

std::vector<Entry> any_entries() {
    std::vector<Entry> entries;
    std::set<std::pair<std::uint8_t, std::uint8_t>> known;
    const auto count = *rc::gen::inRange(0, 9);
    for (int i = 0; i < count; ++i) {
        Entry entry;
        entry.type = *rc::gen::arbitrary<std::uint8_t>();
        entry.subtype = *rc::gen::element<std::uint8_t>(0, 0, 1, 254, 255);
        entry.flags = *rc::gen::element<std::uint8_t>(0, 0, 0x80, 0x40, 0x08);
        if (entry.type == tlv::integrity || !known.emplace(entry.type, entry.subtype).second)
            continue;
        entry.data.assign(*rc::gen::oneOf(rc::gen::inRange<std::size_t>(0, 50),
                                          rc::gen::inRange<std::size_t>(0, 2000)),
                          *rc::gen::arbitrary<std::uint8_t>());
        entries.push_back(std::move(entry));
    }
    return entries;
}

bool is_same(const Entry& a, const Entry& b) {
    return a.type == b.type && a.subtype == b.subtype && a.flags == b.flags && a.data == b.data;
}

RC_GTEST_PROP(SecureCertProperty, what_is_built_reads_back, ()) {
    const auto entries = any_entries();
    const auto built = build(0x8000, entries);
    RC_PRE(built.has_value());
    const Contents contents = read(built->image);
    RC_ASSERT(contents.faults.empty());
    RC_ASSERT(contents.integrity == Integrity::right);
    RC_ASSERT(contents.used == built->used);
    RC_ASSERT(contents.entries.size() == entries.size() + 1);
    for (std::size_t i = 0; i < entries.size(); ++i)
        RC_ASSERT(is_same(contents.entries[i], entries[i]));
    // Built of what was read, without what is made anew, it is the same again.
    auto again = contents.entries;
    again.pop_back();
    RC_ASSERT(build(0x8000, again)->image == built->image);
}

RC_GTEST_PROP(SecureCertProperty, of_a_damaged_one_nothing_else_is_read_than_was_written, ()) {
    const auto entries = any_entries();
    auto built = build(0x8000, entries);
    RC_PRE(built.has_value());
    const auto bits = *rc::gen::inRange(1, 4);
    for (int i = 0; i < bits; ++i)
        built->image[*rc::gen::inRange<std::size_t>(0, built->used)] ^=
            static_cast<std::uint8_t>(1U << *rc::gen::inRange(0, 8));
    const Contents contents = read(built->image);
    for (const Entry& entry : contents.entries) {
        if (entry.type == tlv::integrity) continue;
        RC_ASSERT(std::ranges::any_of(
            entries, [&](const Entry& written) { return is_same(written, entry); }));
    }
}

RC_GTEST_PROP(SecureCertProperty, any_bytes_are_read_to_their_end,
              (const std::vector<std::uint8_t>& bytes)) {
    Bytes image = bytes;
    for (std::size_t at = 0; at + 4 <= image.size();
         at += 16 * *rc::gen::inRange<std::size_t>(1, 4))
        put_u32(image, at, tlv::magic);
    const Contents contents = read(image);
    std::size_t data = 0;
    for (const Entry& entry : contents.entries)
        data += entry.data.size();
    RC_ASSERT(data <= image.size());
    static_cast<void>(is_secure_cert(image));
}

}  // namespace
}  // namespace imprint::image::secure_cert
