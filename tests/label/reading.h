// Reads labels as those do who get them: zbar and libdmtx read codes, librsvg and Poppler draw.
#pragma once

#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/process.h"
#include "base/text.h"

namespace imprint::label {

class Reading : public testing::Test {
  protected:
    // What the program says; its failure fails the test.
    static std::string run(std::vector<std::string> arguments) {
        const std::string program = arguments.front();
        const auto output =
            run_command({.arguments = std::move(arguments), .directory = {}, .environment = {}}, {},
                        {}, ChildOutput::pipe_out);
        EXPECT_TRUE(output) << program << ": " << (output ? "" : output.error().describe());
        return output ? output->text : std::string();
    }

    std::filesystem::path file(const std::string& name, const std::string& bytes) {
        const auto path = folder_.path() / name;
        EXPECT_TRUE(write_file(path, bytes));
        return path;
    }

    std::filesystem::path drawn_svg(const std::string& bytes, int dpi) {
        const auto image = folder_.path() / "svg.png";
        run({"rsvg-convert", "-d", std::to_string(dpi), "-p", std::to_string(dpi), "-o",
             image.string(), file("label.svg", bytes).string()});
        return image;
    }

    std::filesystem::path drawn_pdf(const std::string& bytes, int dpi) {
        const auto image = folder_.path() / "pdf";
        run({"pdftoppm", "-png", "-singlefile", "-r", std::to_string(dpi),
             file("label.pdf", bytes).string(), image.string()});
        return image.string() + ".png";
    }

    // Each code that zbar finds, as "QR-Code:text" or "CODE-128:text", sorted.
    static std::vector<std::string> bar_codes(const std::filesystem::path& image) {
        const std::string told = run({"zbarimg", "--quiet", "--nodbus", image.string()});
        std::vector<std::string> codes;
        for (std::size_t at = 0; at < told.size();) {
            const std::size_t end = std::min(told.find('\n', at), told.size());
            codes.push_back(told.substr(at, end - at));
            at = end + 1;
        }
        std::ranges::sort(codes);
        return codes;
    }

    static std::string data_matrix(const std::filesystem::path& image) {
        return run({"dmtxread", "--stop-after=1", "--milliseconds=5000", image.string()});
    }

    TemporaryDirectory folder_ = TemporaryDirectory::create("imprint-label-test").value();
};

}  // namespace imprint::label
