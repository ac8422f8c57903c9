#include "report/words.h"

#include <fmt/format.h>

#include "base/error_codes.h"
#include "report/html.h"

namespace imprint::report {

std::string when(WallTime time) {
    std::string text = to_iso8601(time).substr(0, 19);
    text[10] = ' ';
    return text;
}

bool is_on_the_wire(std::string_view effect_kind) {
    return effect_kind == "flash" || effect_kind == "overwrite";
}

std::string meaning_of(std::string_view code) {
    for (const ErrorRow& row : error_table)
        if (row.code == code) {
            // In Markdown, where a code word stands in backticks.
            std::string text(row.meaning);
            std::erase(text, '`');
            return text;
        }
    return {};
}

Shown shown(ledger::Verdict verdict) {
    switch (verdict) {
        case ledger::Verdict::passed:
            return {"p", "✓", "PASS"};
        case ledger::Verdict::failed:
            return {"f", "✕", "FAIL"};
        case ledger::Verdict::error:
            return {"e", "!", "ERROR"};
        case ledger::Verdict::aborted:
            return {"a", "–", "ABORTED"};
        case ledger::Verdict::running:
            return {"a", "…", "at work"};
        case ledger::Verdict::none:
            return {"a", "", ""};
    }
    return {"a", "", ""};
}

std::string page_head(std::string_view title, std::string_view below, WallTime made) {
    const std::string name = escaped(title);
    return fmt::format(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        "style-src 'unsafe-inline'\">"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
        "<title>{}</title><style>{}</style></head><body>"
        "<header><h1>{}</h1><p>{} · this page was made {}, all times in UTC</p></header><main>",
        name, page_style(), name, escaped(below), when(made));
}

}  // namespace imprint::report
