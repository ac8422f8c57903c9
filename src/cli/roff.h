// Text for manual pages: escapes, and the few macros of man(7) that they use. Source: man(7) of
// mandoc, groff_man(7) and groff_char(7).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace imprint::cli::roff {

// Prose; what stands between backticks becomes bold, as it would be typed.
[[nodiscard]] std::string prose(std::string_view text);
// As it is typed: its hyphens stay hyphens when they are copied.
[[nodiscard]] std::string literal(std::string_view text);
// Literal.
[[nodiscard]] std::string bold(std::string_view text);
[[nodiscard]] std::string italic(std::string_view text);

// A space where no line is broken.
inline constexpr std::string_view firm_space = "\\~";

// Of the program that pages tell of.
struct Edition {
    std::string version;
    std::string date;  // "2026-11-30"; empty: none
};

// A page in the making.
class Page {
  public:
    Page(std::string_view title, std::string_view section, const Edition& edition);

    void heading(std::string_view text);
    void subheading(std::string_view text);
    // One made of the functions above.
    void paragraph(std::string_view roff);
    void item(std::string_view label_roff, std::string_view meaning_roff);
    // As it stands, indented.
    void lines(const std::vector<std::string>& plain);
    void line(std::string_view roff);
    void break_line();

    [[nodiscard]] std::string take() { return std::move(text_); }

  private:
    std::string text_;
    bool after_heading_ = false;  // where a paragraph needs no break before it
};

}  // namespace imprint::cli::roff
