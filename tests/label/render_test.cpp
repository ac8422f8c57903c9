#include "label/render.h"

#include <array>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>
#include <zlib.h>

#include "base/error_code.h"
#include "label/bitmap.h"
#include "label/formats.h"
#include "label/reading.h"
#include "label/zpl_reader.h"

namespace imprint::label {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::array formats{Format::svg, Format::png, Format::pdf, Format::zpl};

// One code of each kind, and letters.
Template all_kinds() {
    Template sheet{.width = 60, .height = 40, .items = {}};
    sheet.items = {
        {.kind = ItemKind::qr,
         .x = 1,
         .y = 1,
         .width = 20,
         .height = 20,
         .content = R"({"mac":"{mac}","t":"{thing}"})"},
        {.kind = ItemKind::data_matrix,
         .x = 40,
         .y = 1,
         .width = 18,
         .height = 18,
         .content = "{certificate_id}"},
        {.kind = ItemKind::code128, .x = 1, .y = 26, .width = 58, .height = 8, .content = "{MAC}"},
        {.kind = ItemKind::text,
         .x = 1,
         .y = 35,
         .width = 58,
         .height = 4,
         .content = "Größe {mac:}"},
    };
    return sheet;
}

Drawing drawing_of(const Template& sheet, const Values& values = sample_values()) {
    const auto whole = checked(sheet);
    EXPECT_TRUE(whole) << (whole ? "" : whole.error().describe());
    auto drawing = lay_out(*whole, values);
    EXPECT_TRUE(drawing) << (drawing ? "" : drawing.error().describe());
    return drawing.value_or(Drawing());
}

std::string rendered(Format format, const Drawing& drawing) {
    const auto bytes = render(format, std::span(&drawing, 1));
    EXPECT_TRUE(bytes) << to_string(format);
    return bytes.value_or("");
}

class LabelFormats : public Reading {
  protected:
    void expect_all_codes(const std::filesystem::path& image) {
        EXPECT_THAT(bar_codes(image),
                    ElementsAre("CODE-128:246F28A1B2C3",
                                R"(QR-Code:{"mac":"246f28a1b2c3","t":"246f28a1b2c3"})"));
        EXPECT_EQ(data_matrix(image), sample_values().certificate_id);
    }
};

TEST_F(LabelFormats, the_codes_of_a_png_are_read) {
    expect_all_codes(file("label.png", rendered(Format::png, drawing_of(all_kinds()))));
}

TEST_F(LabelFormats, the_codes_of_an_svg_are_read) {
    expect_all_codes(drawn_svg(rendered(Format::svg, drawing_of(all_kinds())), 300));
}

TEST_F(LabelFormats, the_codes_of_a_pdf_are_read) {
    expect_all_codes(drawn_pdf(rendered(Format::pdf, drawing_of(all_kinds())), 300));
}

TEST_F(LabelFormats, the_codes_of_zpl_are_read) {
    const auto printed = read_zpl(rendered(Format::zpl, drawing_of(all_kinds())));
    ASSERT_TRUE(printed);
    expect_all_codes(file("label.png", png_of(*printed).value()));
}

TEST_F(LabelFormats, zpl_prints_the_dots_of_the_png) {
    const Drawing drawing = drawing_of(all_kinds());
    const auto printed = read_zpl(rendered(Format::zpl, drawing));
    ASSERT_TRUE(printed);
    const Bitmap bitmap = dots_of(drawing).value();
    EXPECT_EQ(printed->bytes, bitmap.bytes);
    // 60 mm at 203 dots an inch.
    EXPECT_EQ(bitmap.width, 480U);
    const std::string png = rendered(Format::png, drawing);
    const std::size_t data = png.find("IDAT") + 4;
    std::string rows((bitmap.row_bytes() + 1) * bitmap.height, '\0');
    uLongf size = rows.size();
    ASSERT_EQ(uncompress(reinterpret_cast<Bytef*>(rows.data()), &size,
                         reinterpret_cast<const Bytef*>(png.data() + data), png.size() - data),
              Z_OK);
    std::string dots;
    for (std::size_t y = 0; y < bitmap.height; ++y)
        for (std::size_t x = 1; x <= bitmap.row_bytes(); ++x)
            dots += static_cast<char>(
                ~static_cast<unsigned char>(rows[y * (bitmap.row_bytes() + 1) + x]));
    EXPECT_EQ(dots, bitmap.bytes);
}

TEST_F(LabelFormats, the_usual_label_is_read_in_every_format) {
    const Drawing drawing = drawing_of(Template());
    const std::string code = "QR-Code:246f28a1b2c3";
    EXPECT_THAT(bar_codes(file("label.png", rendered(Format::png, drawing))), ElementsAre(code));
    EXPECT_THAT(bar_codes(drawn_svg(rendered(Format::svg, drawing), 203)), ElementsAre(code));
    EXPECT_THAT(bar_codes(drawn_pdf(rendered(Format::pdf, drawing), 203)), ElementsAre(code));
}

// Of the dot and those around it.
template <typename IsDark>
bool has_dark(const IsDark& is_dark, std::uint32_t x, std::uint32_t y) {
    for (std::uint32_t row = y - 1; row <= y + 1; ++row)
        for (std::uint32_t column = x - 1; column <= x + 1; ++column)
            if (is_dark(column, row)) return true;
    return false;
}

// But for the edges of letters, where each draws in its own way.
TEST_F(LabelFormats, drawings_show_what_the_printer_prints) {
    const Drawing drawing = drawing_of(all_kinds());
    const Bitmap bitmap = dots_of(drawing).value();
    Drawing letters = drawing;
    letters.bars.clear();
    const Bitmap only_letters = dots_of(letters).value();
    std::size_t of_letters = 0;
    for (std::uint32_t y = 0; y < bitmap.height; ++y)
        for (std::uint32_t x = 0; x < bitmap.width; ++x)
            of_letters += only_letters.is_black(x, y) ? 1 : 0;
    ASSERT_GT(of_letters, 1000U);
    run({"rsvg-convert", "-f", "pdf", "-o", (folder_.path() / "svg.pdf").string(),
         file("label.svg", rendered(Format::svg, drawing)).string()});
    for (const auto& pdf :
         {folder_.path() / "svg.pdf", file("label.pdf", rendered(Format::pdf, drawing))}) {
        const auto grey = folder_.path() / "grey";
        run({"pdftoppm", "-gray", "-singlefile", "-r", "203", pdf.string(), grey.string()});
        // "P5\n480 320\n255\n" and a byte a dot.
        const std::string shown = read_text(grey.string() + ".pgm").value();
        const std::string head = fmt::format("P5\n{} {}\n255\n", bitmap.width, bitmap.height);
        ASSERT_EQ(shown.substr(0, head.size()), head) << pdf;
        const auto is_shown = [&](std::uint32_t x, std::uint32_t y) {
            return static_cast<unsigned char>(shown[head.size() + y * bitmap.width + x]) < 128;
        };
        const auto is_printed = [&](std::uint32_t x, std::uint32_t y) {
            return bitmap.is_black(x, y);
        };
        std::size_t different = 0;
        for (std::uint32_t y = 1; y + 1 < bitmap.height; ++y)
            for (std::uint32_t x = 1; x + 1 < bitmap.width; ++x) {
                different += is_shown(x, y) && !has_dark(is_printed, x, y) ? 1 : 0;
                different += is_printed(x, y) && !has_dark(is_shown, x, y) ? 1 : 0;
            }
        EXPECT_LT(different, of_letters / 50) << pdf;
    }
}

TEST_F(LabelFormats, a_qr_code_takes_utf8) {
    Template sheet = all_kinds();
    sheet.items = {
        {.kind = ItemKind::qr, .x = 1, .y = 1, .width = 30, .height = 30, .content = "größe Ж"}};
    EXPECT_THAT(bar_codes(file("label.png", rendered(Format::png, drawing_of(sheet)))),
                ElementsAre("QR-Code:größe Ж"));
}

TEST_F(LabelFormats, the_same_label_is_the_same_file) {
    const Drawing drawing = drawing_of(all_kinds());
    for (const Format format : formats) {
        const std::string here = rendered(format, drawing);
        std::string there;
        std::jthread([&] { there = rendered(format, drawing_of(all_kinds())); }).join();
        EXPECT_EQ(here, there) << to_string(format);
        EXPECT_EQ(here, rendered(format, drawing)) << to_string(format);
    }
    EXPECT_THAT(rendered(Format::pdf, drawing), Not(HasSubstr("Date")));
}

TEST_F(LabelFormats, a_pdf_has_the_size_of_the_label_and_letters_that_are_found) {
    const Drawing drawing = drawing_of(all_kinds());
    const std::array two{drawing, drawing};
    const auto pdf = file("two.pdf", render(Format::pdf, two).value()).string();
    const std::string facts = run({"pdfinfo", pdf});
    EXPECT_THAT(facts, HasSubstr("Pages:           2"));
    // 60 by 40 mm in points.
    EXPECT_THAT(facts, HasSubstr("170.079 x 113.386 pts"));
    EXPECT_THAT(run({"pdftotext", pdf, "-"}), HasSubstr("Größe 24:6f:28:a1:b2:c3"));
}

TEST_F(LabelFormats, an_svg_and_a_png_say_how_large_the_label_is) {
    const Drawing drawing = drawing_of(all_kinds());
    EXPECT_THAT(rendered(Format::svg, drawing),
                HasSubstr(R"(width="60mm" height="40mm" viewBox="0 0 60 40")"));
    const std::string png = rendered(Format::png, drawing);
    // 203 dots an inch are 7992 a metre.
    EXPECT_EQ(png.substr(png.find("pHYs") + 4, 9), std::string("\0\0\x1F\x38\0\0\x1F\x38\x01", 9));
}

TEST_F(LabelFormats, no_value_is_ever_a_command) {
    Values values = sample_values();
    values.thing = "^XZ~JA^FD</path><script>&\"'\\";
    Template sheet = all_kinds();
    sheet.items[3].content = "{thing}";
    sheet.items.erase(sheet.items.begin());
    const Drawing drawing = drawing_of(sheet, values);
    const std::string zpl = rendered(Format::zpl, drawing);
    EXPECT_EQ(zpl.find("^XZ"), zpl.size() - 4);
    EXPECT_THAT(zpl, Not(HasSubstr("~")));
    EXPECT_TRUE(read_zpl(zpl));
    const std::string svg = rendered(Format::svg, drawing);
    EXPECT_THAT(svg, Not(HasSubstr("script")));
    EXPECT_THAT(bar_codes(drawn_svg(svg, 300)), ElementsAre("CODE-128:246F28A1B2C3"));
}

}  // namespace
}  // namespace imprint::label
