#include "label/codes.h"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <zint.h>

#include "base/text.h"

namespace imprint::label {

namespace {

struct Delete {
    void operator()(zint_symbol* symbol) const { ZBarcode_Delete(symbol); }
};

int symbology(ItemKind kind) {
    switch (kind) {
        case ItemKind::qr:
            return BARCODE_QRCODE;
        case ItemKind::data_matrix:
            return BARCODE_DATAMATRIX;
        case ItemKind::code128:
        case ItemKind::text:
            break;
    }
    return BARCODE_CODE128;
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

constexpr int utf8_eci = 26;          // AIM's ECI assignments
constexpr int correction_medium = 2;  // of QR: M, 15 %

std::unexpected<Error> no_code(ItemKind kind, std::string_view why, std::string hint = {}) {
    return fail(ErrorKind::config, "label_content",
                fmt::format("it is no {} code: {}", to_string(kind), why), std::move(hint));
}

}  // namespace

std::size_t quiet_zone(ItemKind kind) {
    switch (kind) {
        case ItemKind::qr:
            return 4;
        case ItemKind::data_matrix:
            return 1;
        case ItemKind::code128:
            return 10;
        case ItemKind::text:
            break;
    }
    return 0;
}

Result<Symbol> encode(ItemKind kind, std::string_view content) {
    if (content.empty()) return no_code(kind, "there is nothing to say in it");
    if (has_control_character(content))
        return no_code(kind, "its content has a line break or another control character");
    if (kind != ItemKind::qr && !is_ascii(content))
        return no_code(kind, "its content has characters beyond ASCII", "a QR code takes them");
    const std::unique_ptr<zint_symbol, Delete> symbol(ZBarcode_Create());
    if (!symbol) return no_code(kind, "there is no memory");
    symbol->symbology = symbology(kind);
    symbol->input_mode = is_ascii(content) ? DATA_MODE : UNICODE_MODE;
    if (!is_ascii(content)) symbol->eci = utf8_eci;
    if (kind == ItemKind::qr) symbol->option_1 = correction_medium;
    if (kind == ItemKind::data_matrix) symbol->option_3 = DM_SQUARE;
    const auto* bytes = reinterpret_cast<const unsigned char*>(content.data());
    const int status = ZBarcode_Encode(symbol.get(), bytes, static_cast<int>(content.size()));
    if (status >= ZINT_ERROR) {
        if (status == ZINT_ERROR_TOO_LONG)
            return no_code(kind, fmt::format("{} bytes are too many for it", content.size()),
                           "put less into it");
        return no_code(kind, symbol->errtxt);
    }
    Symbol result{.columns = static_cast<std::size_t>(symbol->width),
                  .rows = static_cast<std::size_t>(symbol->rows),
                  .dark = {}};
    result.dark.reserve(result.columns * result.rows);
    for (std::size_t row = 0; row < result.rows; ++row)
        for (std::size_t column = 0; column < result.columns; ++column)
            result.dark.push_back(((symbol->encoded_data[row][column / 8] >> (column % 8)) & 1) !=
                                  0);
    return result;
}

}  // namespace imprint::label
