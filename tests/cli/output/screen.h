// A terminal as far as the reporters drive one: lines, cursor up, clear below, colours left out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace imprint::cli::output::testing {

class Screen {
  public:
    explicit Screen(std::size_t columns) : columns_(columns) {}

    void write(std::string_view text);
    // Rows from the top of the scroll-back, without blanks at their ends, without empty last rows.
    [[nodiscard]] std::vector<std::string> rows() const;
    [[nodiscard]] std::string text() const;  // the rows, each with its line break

    // Sequences that this screen does not know, and cursors above the top.
    [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }

    [[nodiscard]] unsigned bells() const { return bells_; }

  private:
    void put(std::string_view character);
    std::size_t escape(std::string_view text);

    std::size_t columns_;
    std::vector<std::vector<std::string>> rows_{1};
    std::size_t row_ = 0;
    std::size_t column_ = 0;
    std::vector<std::string> faults_;
    unsigned bells_ = 0;
};

}  // namespace imprint::cli::output::testing
