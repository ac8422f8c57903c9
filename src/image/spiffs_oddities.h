// What a device tolerates in a SPIFFS image, as warnings. Internal to the layer.
#pragma once

#include <fmt/format.h>
#include <string>
#include <string_view>
#include <vector>

namespace imprint::image::spiffs {

// Counts, so that a hostile image cannot make the list of warnings long.
class Oddities {
  public:
    void note(std::string_view what, const std::string& example) {
        for (auto& [kind, count, first] : kinds_)
            if (kind == what) {
                ++count;
                return;
            }
        kinds_.push_back({std::string(what), 1, example});
    }

    [[nodiscard]] std::vector<std::string> texts() const {
        std::vector<std::string> texts;
        for (const auto& [kind, count, first] : kinds_)
            texts.push_back(count == 1 ? fmt::format("{}: {}", kind, first)
                                       : fmt::format("{}: {} and {} more", kind, first, count - 1));
        return texts;
    }

  private:
    struct Kind {
        std::string what;
        std::size_t count;
        std::string first;
    };

    std::vector<Kind> kinds_;
};

}  // namespace imprint::image::spiffs
