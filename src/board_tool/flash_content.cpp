#include "board_tool/flash_content.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "base/files.h"
#include "image/app_image.h"
#include "image_tool/commands.h"
#include "loader/bootloader_header.h"
#include "prepare/build_files.h"

namespace imprint::board_tool {

namespace {

using SizeKind = prepare::HeaderFlashSize::Kind;

constexpr const char* or_force = "; --force writes it all the same";

Result<Bytes> read_piece(const FlashPiece& piece) {
    IMPRINT_TRY(Bytes content, read_file(piece.file, file_limit::flash_image));
    if (piece.offset % loader::flash_sector != 0)
        return fail(ErrorKind::usage, "flash_unaligned",
                    fmt::format("{} for {:#x} does not start on a {}-byte flash sector",
                                piece.file.filename().string(), piece.offset, loader::flash_sector),
                    "flash is erased in whole sectors");
    if (content.empty())
        return fail(ErrorKind::config, "file_empty",
                    fmt::format("{} is empty", piece.file.string()));
    return content;
}

// A bootloader lies where the chip that it is made for looks for one.
const loader::Chip* bootloader_for(std::uint32_t offset, ByteView content) {
    const auto image = image::parse_app_image(content);
    const loader::Chip* chip = image ? loader::chip_by_id(image->chip_id) : nullptr;
    return chip != nullptr && chip->bootloader_offset == offset ? chip : nullptr;
}

// What the header is to say, where that differs from what it says.
Result<Bytes> with_wishes(const loader::Chip& chip, std::uint32_t offset, Bytes content,
                          const FlashWishes& wishes, const prepare::HeaderFlashSize& size) {
    loader::FlashParameters wanted{wishes.mode, wishes.frequency, {}};
    IMPRINT_TRY(const auto header, image::parse_app_image(content));
    const bool other_size =
        size.kind == SizeKind::given && size.bytes != loader::flash_size_in(header);
    if (other_size || (wishes.size && size.kind == SizeKind::given)) wanted.size = size.bytes;
    if (!wanted.mode && !wanted.frequency && !wanted.size) return content;
    return loader::with_flash_parameters(chip, offset, content, wanted);
}

Result<void> check_whole(const FlashContent& content, const FlashSet& set) {
    const auto table_region =
        std::ranges::find(content.regions, set.table_offset, &loader::FlashData::offset);
    if (content.made_for != nullptr)
        if (const auto fault = loader::chip_fault(content.images, *content.made_for))
            return fail(ErrorKind::config, "firmware_wrong_chip", *fault,
                        std::string("build all of it for the same chip") + or_force);
    if (table_region == content.regions.end()) return {};
    const auto table = image::PartitionTable::parse_binary(table_region->content());
    if (!table) return {};  // encrypted before, perhaps
    IMPRINT_CHECK(loader::check_apps(content.images, *table, content.regions));
    if (content.made_for == nullptr || content.fitted) return {};
    const auto bootloader = std::ranges::find(content.images, content.made_for->bootloader_offset,
                                              &loader::BootImage::offset);
    if (bootloader == content.images.end()) return {};
    const std::uint32_t told = loader::flash_size_in(bootloader->header);
    if (told >= table->flash_size_needed()) return {};
    return fail(
        ErrorKind::config, "firmware_flash_size",
        fmt::format("the bootloader's header tells of {:#x} bytes of flash, and the "
                    "partition table ends at {:#x}: the board would not start",
                    told, table->flash_size_needed()),
        std::string("say --flash-size detect, or build it for the flash's size") + or_force);
}

}  // namespace

Result<FlashSet> parse_flash_pieces(const std::vector<std::string>& words) {
    if (words.size() % 2 != 0)
        return fail(
            ErrorKind::usage, "flash_pieces",
            fmt::format("\"{}\" stands alone: addresses and files come in pairs", words.back()),
            "for example: 0x1000 bootloader.bin 0x8000 partition-table.bin");
    FlashSet set;
    for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
        IMPRINT_TRY(const std::uint32_t offset, image_tool::parse_size(words[i]));
        set.pieces.push_back({offset, words[i + 1]});
    }
    return set;
}

Result<FlashSet> read_flash_set(const std::filesystem::path& flasher_args) {
    IMPRINT_TRY(const prepare::FlasherArgs args, prepare::read_flasher_args(flasher_args));
    FlashSet set;
    set.whole = true;
    if (!args.chip.empty()) {
        set.chip = loader::chip_by_key(args.chip);
        if (set.chip == nullptr)
            return fail(ErrorKind::config, "firmware_wrong_chip",
                        fmt::format("{} is for \"{}\", a chip that Imprint does not know",
                                    flasher_args.string(), args.chip));
    }
    set.table_offset = args.table_offset.value_or(set.table_offset);
    set.flash_size = args.flash_size;
    for (const auto& [offset, name, encrypted] : args.files) {
        IMPRINT_TRY(auto path, prepare::build_file(flasher_args.parent_path(), name));
        set.pieces.push_back({offset, std::move(path), encrypted});
    }
    return set;
}

Result<FlashContent> load_flash(const FlashSet& set, const FlashWishes& wishes) {
    std::vector<FlashPiece> sorted = set.pieces;
    const bool any_marked = std::ranges::any_of(sorted, &FlashPiece::marked_encrypted);
    std::ranges::sort(sorted, {}, &FlashPiece::offset);
    const prepare::HeaderFlashSize size = wishes.size.value_or(set.flash_size);
    FlashContent loaded;
    loaded.whole = set.whole;
    loaded.force = wishes.force;
    loaded.made_for = set.chip;
    auto& regions = loaded.regions;
    for (const auto& piece : sorted) {
        IMPRINT_TRY(Bytes content, read_piece(piece));
        const std::string label = piece.file.filename().string();
        if (!regions.empty() &&
            piece.offset < regions.back().offset() + std::uint64_t{regions.back().size()})
            return fail(
                ErrorKind::usage, "flash_overlap",
                fmt::format("{} and {} share a flash sector", regions.back().label(), label));
        if (const loader::Chip* chip = bootloader_for(piece.offset, content)) {
            loaded.bootloader_as_built =
                loader::FlashData(label, piece.offset, Bytes(content)).md5();
            auto changed = with_wishes(*chip, piece.offset, std::move(content), wishes, size);
            if (!changed) return within(std::move(changed).error(), label);
            content = std::move(*changed);
            if (size.kind == SizeKind::detect) {
                auto fitted = loader::FittedBootloader::make(*chip, label, Bytes(content));
                if (!fitted) return within(std::move(fitted).error(), label);
                loaded.fitted = std::move(*fitted);
            }
        }
        regions.emplace_back(label, piece.offset, std::move(content));
        for (auto& image : loader::find_images(label, piece.offset, regions.back().content()))
            loaded.images.push_back(std::move(image));
        loaded.encrypted.push_back(wishes.encrypt && (piece.marked_encrypted || !any_marked));
    }
    const bool wished =
        wishes.mode || wishes.frequency || (wishes.size && wishes.size->kind != SizeKind::keep);
    if (wished && !loaded.bootloader_as_built)
        return fail(
            ErrorKind::usage, "no_bootloader",
            "flash mode, frequency and size stand in a bootloader's header, and there is no "
            "bootloader among the files",
            "name the bootloader with its chip's address: 0x1000, 0x0 or 0x2000");
    if (set.whole && !wishes.force) IMPRINT_CHECK(check_whole(loaded, set));
    return loaded;
}

namespace {

Result<void> check_starts(const FlashContent& content, const loader::BoardInfo& board) {
    const auto refused = [](const char* code, std::string message, const char* mend) {
        return fail(ErrorKind::board, code, std::move(message), std::string(mend) + or_force);
    };
    if (content.made_for != nullptr && content.made_for != board.chip)
        return refused("wrong_chip",
                       fmt::format("the firmware is for the {}, the board has an {}",
                                   content.made_for->name, board.chip->name),
                       "build the firmware for this board, or use another board");
    if (const auto fault = loader::chip_fault(content.images, *board.chip))
        return refused("wrong_chip", *fault,
                       "build the firmware for this board, or use another board");
    if (const auto fault = loader::revision_fault(content.images, board.revision))
        return refused("wrong_revision", *fault,
                       "use a board of such a revision, or build the firmware for this one");
    if (const auto fault = loader::bootloader_fault(content.images, *board.chip))
        return refused("firmware_misplaced", *fault, "correct the address");
    const auto bootloader = std::ranges::find(content.images, board.chip->bootloader_offset,
                                              &loader::BootImage::offset);
    if (bootloader == content.images.end() || content.fitted || board.flash_size == 0) return {};
    const std::uint32_t told = loader::flash_size_in(bootloader->header);
    if (told <= board.flash_size) return {};
    return refused("flash_too_small",
                   fmt::format("the header of {} tells of {:#x} bytes of flash, the board has "
                               "{:#x}: its program would not start",
                               bootloader->label, told, board.flash_size),
                   "say --flash-size detect, or build it for this board's flash");
}

}  // namespace

Result<std::vector<loader::FlashData>> fit_to_board(const FlashContent& content,
                                                    const loader::BoardInfo& board) {
    if (!content.force) IMPRINT_CHECK(check_starts(content, board));
    std::vector<loader::FlashData> regions = content.regions;
    const auto bootloader =
        std::ranges::find(regions, board.chip->bootloader_offset, &loader::FlashData::offset);
    if (content.fitted && bootloader != regions.end()) {
        IMPRINT_TRY(*bootloader, content.fitted->for_flash(board.flash_size));
    }
    if (board.security.secure_boot && content.bootloader_as_built && bootloader != regions.end() &&
        bootloader->md5() != *content.bootloader_as_built)
        return fail(ErrorKind::board, "chip_secured",
                    "secure boot would not start a bootloader whose header was changed after "
                    "signing",
                    "leave --flash-mode and --flash-frequency away, and say --flash-size keep");
    return regions;
}

}  // namespace imprint::board_tool
