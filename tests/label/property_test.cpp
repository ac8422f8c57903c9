#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>  // leans on gtest.h

#include "label/formats.h"
#include "label/render.h"
#include "label/values.h"
#include "label/zpl_reader.h"

namespace imprint::label {
namespace {

std::string any_text() {
    return *rc::gen::container<std::string>(
        rc::gen::elementOf(std::string("{}:ab_1 \"^~<\xC3\xA4\n")));
}

RC_GTEST_PROP(LabelProperty, text_around_placeholders_stays_byte_for_byte, ()) {
    // Without braces it cannot hold one of its own.
    std::string before = any_text();
    std::string after = any_text();
    std::erase_if(before, [](char c) { return c == '{' || c == '}'; });
    std::erase_if(after, [](char c) { return c == '{' || c == '}'; });
    const auto all = placeholders();
    const auto& one = all[*rc::gen::inRange<std::size_t>(0, all.size())];
    const auto filled = fill(before + "{" + std::string(one.name) + "}" + after, sample_values());
    RC_ASSERT(filled.has_value());
    RC_ASSERT(filled->text == before + one.value(sample_values()) + after);
}

// What a value holds is never looked through for placeholders.
RC_GTEST_PROP(LabelProperty, a_value_that_looks_like_a_placeholder_stays_as_it_is, ()) {
    Values values = sample_values();
    values.lot = any_text() + "{mac}" + any_text();
    const auto filled = fill("{lot}", values);
    RC_ASSERT(filled.has_value());
    RC_ASSERT(filled->text == values.lot);
}

RC_GTEST_PROP(LabelProperty, any_content_is_filled_or_told, ()) {
    const auto filled = fill(any_text(), sample_values());
    if (!filled) RC_ASSERT(filled.error().is("label_template"));
}

RC_GTEST_PROP(LabelProperty, any_dots_come_through_zpl, ()) {
    Bitmap bitmap{.width = *rc::gen::inRange(1U, 900U),
                  .height = *rc::gen::inRange(1U, 6U),
                  .dpi = 203,
                  .bytes = {}};
    // Long runs, short ones, and rows alike.
    while (bitmap.bytes.size() < bitmap.row_bytes() * bitmap.height)
        bitmap.bytes.append(*rc::gen::inRange<std::size_t>(1, 300),
                            *rc::gen::element('\0', '\xFF', '\x0F', '\x11', '\xA5'));
    bitmap.bytes.resize(bitmap.row_bytes() * bitmap.height);
    const auto read = read_zpl(zpl_of(bitmap));
    RC_ASSERT(read.has_value());
    RC_ASSERT(read->bytes == bitmap.bytes);
}

}  // namespace
}  // namespace imprint::label
