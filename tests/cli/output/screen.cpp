#include "cli/output/screen.h"

#include <algorithm>

namespace imprint::cli::output::testing {

void Screen::put(std::string_view character) {
    if (column_ == columns_) {
        ++row_;
        column_ = 0;
    }
    if (rows_.size() <= row_) rows_.resize(row_ + 1);
    auto& row = rows_[row_];
    if (row.size() <= column_) row.resize(column_ + 1, " ");
    row[column_++] = character;
}

// How long the sequence is that begins here.
std::size_t Screen::escape(std::string_view text) {
    std::size_t end = 2;
    while (end < text.size() && (text[end] < '@' || text[end] > '~'))
        ++end;
    const std::string arguments(text.substr(2, end - 2));
    const char command = end < text.size() ? text[end] : '?';
    if (command == 'F') {
        const std::size_t up = std::stoul(arguments);
        if (up > row_) faults_.emplace_back("above the top");
        row_ -= std::min(up, row_);
        column_ = 0;
    } else if (command == 'E') {
        row_ += std::stoul(arguments);
        column_ = 0;
        if (row_ >= rows_.size()) faults_.emplace_back("below the bottom");
    } else if (command == 'K' && arguments.empty()) {
        rows_[row_].resize(std::min(rows_[row_].size(), column_));
    } else if (command == 'J' && arguments.empty()) {
        rows_.resize(row_ + 1);
        rows_[row_].resize(std::min(rows_[row_].size(), column_));
    } else if (command != 'm') {
        faults_.emplace_back(text.substr(0, end + 1));
    }
    return end + 1;
}

void Screen::write(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c == 0x1B) {
            i += escape(text.substr(i));
        } else if (c == '\n') {
            ++row_;
            column_ = 0;
            if (rows_.size() <= row_) rows_.resize(row_ + 1);
            ++i;
        } else if (c == '\a') {
            ++bells_;
            ++i;
        } else if (c == '\r') {
            column_ = 0;
            ++i;
        } else {
            const std::size_t size = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
            put(text.substr(i, size));
            i += size;
        }
    }
}

std::vector<std::string> Screen::rows() const {
    std::vector<std::string> result;
    for (const auto& row : rows_) {
        std::string line;
        for (const auto& cell : row)
            line += cell;
        line.erase(line.find_last_not_of(' ') + 1);
        result.push_back(std::move(line));
    }
    while (!result.empty() && result.back().empty())
        result.pop_back();
    return result;
}

std::string Screen::text() const {
    std::string all;
    for (const auto& row : rows())
        all += row + '\n';
    return all;
}

}  // namespace imprint::cli::output::testing
