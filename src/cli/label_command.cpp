#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <system_error>
#include <unistd.h>

#include "base/files.h"
#include "cli/commands.h"
#include "label/printer.h"
#include "label/render.h"
#include "ledger/sqlite_ledger.h"
#include "station/label_run.h"

namespace imprint::cli {

namespace {

namespace fs = std::filesystem;

struct LabelWords {
    std::vector<std::string> boards;
    std::string lot;
    std::string format;
    std::string output;
    std::string template_file;
    bool print = false;
    bool sample = false;
};

// A label and the name of its file.
struct Label {
    std::string name;
    label::Drawing drawing;
};

std::unexpected<Error> misused(std::string message, std::string hint) {
    return fail(ErrorKind::usage, "bad_usage", std::move(message), std::move(hint));
}

Result<void> check_words(const LabelWords& words) {
    const bool names_boards = !words.boards.empty() || !words.lot.empty();
    if (words.sample == names_boards)
        return misused(
            names_boards ? "--sample is of no board" : "which board's label? none is named",
            "imprint label 24:6f:28:a1:b2:c3, --lot order-17, or --sample");
    if (words.print && (!words.output.empty() || !words.format.empty()))
        return misused("--print takes neither --output nor --format",
                       "label.format says what the printer gets; or leave --print out");
    return {};
}

// In the order of their MAC addresses.
Result<std::vector<MacAddress>> boards_of(ledger::Reports& ledger, const LabelWords& words) {
    std::set<MacAddress> named;
    std::vector<MacAddress> boards;
    for (const auto& text : words.boards) {
        IMPRINT_TRY(const MacAddress mac, read_mac(text));
        if (named.insert(mac).second) boards.push_back(mac);
    }
    if (words.lot.empty()) return boards;
    std::vector<MacAddress> of_lot;
    IMPRINT_CHECK(ledger.each_board([&](const ledger::BoardRecord& board) {
        const bool wanted = board.attempt.mac && board.attempt.lot == words.lot &&
                            board.state == ledger::BoardState::passed &&
                            (named.empty() || named.contains(*board.attempt.mac));
        if (wanted) of_lot.push_back(*board.attempt.mac);
        return true;
    }));
    if (of_lot.empty())
        return fail(
            ErrorKind::ledger, "board_unknown",
            fmt::format("the ledger knows no such board that has passed in lot {}", words.lot));
    return of_lot;
}

Result<std::vector<Label>> labels_of(Context& context, const config::Config& config,
                                     const LabelWords& words) {
    const auto& settings = config.settings;
    IMPRINT_TRY(const auto sheet, label::checked(settings.label.sheet));
    std::vector<Label> labels;
    if (words.sample) {
        IMPRINT_TRY(auto drawing, label::lay_out(sheet, label::sample_values()));
        labels.push_back({"sample", std::move(drawing)});
        return labels;
    }
    IMPRINT_TRY(const auto ledger,
                ledger::open_reports(settings.ledger.path, context.clock, {.log = context.log}));
    IMPRINT_TRY(const auto boards, boards_of(*ledger, words));
    for (const MacAddress& mac : boards) {
        auto drawing = station::label_of(*ledger, sheet, mac);
        if (!drawing) return with_context(std::move(drawing).error(), "the label of " + mac.id());
        labels.push_back({mac.id(), std::move(*drawing)});
    }
    return labels;
}

// --format, or the ending of --output's name, or SVG.
Result<label::Format> format_of(const LabelWords& words) {
    if (const auto format = label::parse_format(words.format)) return *format;
    const std::string ending = fs::path(words.output).extension().string();
    if (ending.empty()) return label::Format::svg;
    if (const auto format = label::parse_format(ending.substr(1))) return *format;
    std::error_code error;
    if (fs::is_directory(words.output, error)) return label::Format::svg;
    return misused(fmt::format("{}: no label has the form of its ending", words.output),
                   "--format svg, png, pdf or zpl says which");
}

std::vector<std::string> names_of(const std::vector<Label>& labels, bool sample) {
    std::vector<std::string> names;
    if (sample) return names;
    for (const auto& label : labels)
        names.push_back(label.name);
    return names;
}

Result<void> write_one(Context& context, const std::vector<Label>& labels, const LabelWords& words,
                       const fs::path& file, label::Format format) {
    std::vector<label::Drawing> drawings;
    for (const auto& label : labels)
        drawings.push_back(label.drawing);
    IMPRINT_TRY(const std::string bytes, label::render(format, drawings));
    const bool to_output = file.empty() || file == "-";
    if (to_output) {
        if (context.json)
            return misused("--json and a label cannot both be standard output",
                           "name a file with --output");
        if (!label::is_text(format) && ::isatty(STDOUT_FILENO) == 1)
            return misused(fmt::format("a terminal cannot show {}", to_string(format)),
                           fmt::format("name a file: --output label.{}", to_string(format)));
        context.out.raw(bytes);
        return {};
    }
    IMPRINT_CHECK(write_file(file, bytes));
    context.show(events::LabelWritten{.path = file.string(),
                                      .format = std::string(to_string(format)),
                                      .boards = names_of(labels, words.sample)},
                 fmt::format("{}\n", file.string()));
    return {};
}

Result<void> write(Context& context, const std::vector<Label>& labels, const LabelWords& words) {
    IMPRINT_TRY(const label::Format format, format_of(words));
    std::error_code error;
    const bool is_folder = words.output.ends_with('/') || fs::is_directory(words.output, error);
    const bool is_one_file = labels.size() == 1 || label::takes_several(format);
    if (!is_folder && is_one_file) return write_one(context, labels, words, words.output, format);
    if (!is_folder)
        return misused(fmt::format("{} labels need a folder: one {} file holds one", labels.size(),
                                   to_string(format)),
                       "--output labels/, or --format pdf for pages in one file");
    fs::create_directories(words.output, error);
    for (const auto& label : labels)
        IMPRINT_CHECK(write_one(
            context, {label}, words,
            fs::path(words.output) / fmt::format("{}.{}", label.name, to_string(format)), format));
    return {};
}

Result<void> print(Context& context, const config::Config& config,
                   const std::vector<Label>& labels) {
    const auto& settings = config.settings.label;
    if (settings.printer.empty())
        return fail(ErrorKind::config, "label_printer", "there is no label.printer",
                    "set it in imprint.toml, or --set label.printer=tcp://HOST");
    IMPRINT_TRY(const auto address, label::parse_printer(settings.printer));
    const auto printer = label::open_printer(address, context.clock);
    const label::Format format = label::format_for(address, settings.format);
    std::size_t left = labels.size();
    for (const auto& label : labels) {
        IMPRINT_TRY(std::string bytes, label::render(format, std::span(&label.drawing, 1)));
        auto handed = printer->print({.name = label.name,
                                      .format = format,
                                      .bytes = std::move(bytes),
                                      .width = label.drawing.width,
                                      .height = label.drawing.height},
                                     context.stop);
        if (handed && handed->trouble) handed = std::unexpected(*handed->trouble);
        if (!handed) return with_context(std::move(handed).error(), "the label of " + label.name);
        events::Event event{
            .time = context.clock.wall(),
            .mac = parse_mac(label.name),
            .body = events::LabelPrinted{.printer = address.text, .waiting = --left}};
        event.text = fmt::format("{}: printed at {}\n", label.name, address.text);
        context.out.event(std::move(event));
    }
    return {};
}

Result<int> make_labels(Context& context, const LabelWords& words) {
    IMPRINT_CHECK(check_words(words));
    context.sources.label_template = words.template_file;
    IMPRINT_TRY(const config::Config config, context.config());
    IMPRINT_TRY(const auto labels, labels_of(context, config, words));
    IMPRINT_CHECK(words.print ? print(context, config, labels) : write(context, labels, words));
    return 0;
}

}  // namespace

void add_label(Command& root) {
    const auto words = std::make_shared<LabelWords>();
    Command command = root.command(
        "label", "Labels of boards that have passed, as files or on the label printer.",
        "imprint label --sample --output sample.svg         # what the template looks like\n"
        "imprint label 24:6f:28:a1:b2:c3 --output label.pdf\n"
        "imprint label --lot order-17 --output labels/ --format png\n"
        "imprint label 246f28a1b2c3 --print                 # once more");
    command.option({"MAC", "MAC", "a board's MAC address; several may be given"}, &words->boards);
    command.option({"--lot", "LOT", "all boards that have passed in this lot"}, &words->lot);
    command.option({"--sample", "", "a board that there is not, with long values"}, &words->sample);
    command.option({.names = "--format",
                    .type = "FORMAT",
                    .meaning = "svg, png, pdf or zpl; else by the ending of --output, or svg",
                    .choices = {"svg", "png", "pdf", "zpl"}},
                   &words->format);
    command.option({"-o,--output", "FILE",
                    "a file, or a folder for one file a board; else standard "
                    "output"},
                   &words->output);
    command.option({"--print", "", "print at label.printer"}, &words->print);
    command.option({"--template", "FILE", "[label] and [[label.item]] of this file"},
                   &words->template_file);
    command.config_options().common_options();
    command.act([words](Context& context) { return make_labels(context, *words); });
}

}  // namespace imprint::cli
