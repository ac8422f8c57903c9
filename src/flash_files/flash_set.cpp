#include "flash_files/flash_set.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "base/digest.h"
#include "base/files.h"
#include "flash_files/checks.h"
#include "image/app_image.h"
#include "loader/bootloader_header.h"

namespace imprint::flash_files {

namespace {

namespace fs = std::filesystem;
using SizeKind = HeaderFlashSize::Kind;

// As loader::FlashData::md5 has it, of whole sectors.
Md5 md5_in_flash(Bytes content) {
    content.resize(static_cast<std::size_t>(round_up(content.size(), loader::flash_sector)), 0xFF);
    return md5(content);
}

// Reads one file after the other into a set. Files are by offset.
class Loading {
  public:
    Loading(const FileList& list, const FlashWishes& wishes)
        : list_(list), wishes_(wishes), size_(wishes.size.value_or(list.flash_size)) {
        set_.whole = list.whole;
        set_.force = wishes.force;
        set_.by_hand = wishes.by_hand;
        set_.chip = list.chip;
        set_.table_offset = list.table_offset;
        set_.notes = list.notes;
    }

    Result<FlashSet> all() {
        std::vector<Bytes> contents;
        for (const auto& file : list_.files) {
            IMPRINT_TRY(Bytes content, read(file));
            contents.push_back(std::move(content));
        }
        find_table(contents);
        const bool any_marked = std::ranges::any_of(list_.files, &FlashFile::marked_encrypted);
        for (std::size_t i = 0; i < contents.size(); ++i) {
            const FlashFile& file = list_.files[i];
            if (set_.whole && !set_.force)
                if (auto placed = check_place(set_, file.offset, contents[i]); !placed)
                    return with_context(std::move(placed).error(), name_of(file));
            IMPRINT_CHECK(check_sectors(file));
            IMPRINT_CHECK(take(file, std::move(contents[i])));
            set_.encrypted.push_back(wishes_.encrypt && (file.marked_encrypted || !any_marked));
        }
        const bool header_wished = wishes_.mode || wishes_.frequency ||
                                   (wishes_.size && wishes_.size->kind != SizeKind::keep);
        if (header_wished && !set_.bootloader_as_built)
            return fail(
                ErrorKind::usage, "no_bootloader",
                "flash mode, frequency and size stand in a bootloader's header, and there is no "
                "bootloader among the files",
                "name the bootloader with its chip's address: 0x1000, 0x0 or 0x2000");
        if (!set_.force) IMPRINT_CHECK(check_set(set_));
        if (set_.table) need(set_.table->flash_size_needed());
        if (set_.whole && size_.kind == SizeKind::given) need(size_.bytes);
        return std::move(set_);
    }

  private:
    [[nodiscard]] static std::string name_of(const FlashFile& file) {
        const fs::path name = file.path.parent_path() / file.label();
        return fmt::format("{} for {:#x}", name.string(), file.offset);
    }

    void need(std::uint32_t bytes) { set_.flash_size = std::max(set_.flash_size, bytes); }

    [[nodiscard]] Result<Bytes> read(const FlashFile& file) const {
        IMPRINT_TRY(Bytes content, read_flash_file(file));
        if (!content.empty()) return content;
        if (list_.whole)
            return fail(ErrorKind::config, "firmware_missing",
                        fmt::format("{}: the file is empty", name_of(file)),
                        "build the firmware again");
        return fail(ErrorKind::config, "file_empty",
                    fmt::format("{} is empty", file.path.string()));
    }

    // A build says where its table is; of files that are named by hand, any may hold it.
    void find_table(const std::vector<Bytes>& contents) {
        for (std::size_t i = 0; i < contents.size() && !set_.table; ++i) {
            const std::uint32_t offset = list_.files[i].offset;
            if (!list_.whole) {
                if (auto found = loader::find_table(offset, contents[i])) {
                    set_.table = std::move(found->table);
                    set_.table_offset = found->offset;
                }
            } else if (offset == list_.table_offset) {
                if (auto parsed = image::PartitionTable::parse_binary(contents[i]))
                    set_.table = std::move(*parsed);
            }
        }
    }

    // That it shares no flash sector with the one before.
    [[nodiscard]] Result<void> check_sectors(const FlashFile& file) const {
        const ErrorKind kind = list_.whole ? ErrorKind::config : ErrorKind::usage;
        if (file.offset % loader::flash_sector != 0)
            return fail(kind,
                        list_.whole ? ErrorCode("firmware_overlap") : ErrorCode("flash_unaligned"),
                        fmt::format("{} does not start on a {}-byte flash sector", name_of(file),
                                    loader::flash_sector),
                        "flash is erased in whole sectors");
        if (set_.regions.empty()) return {};
        const auto& before = set_.regions.back();
        if (file.offset >= before.offset() + std::uint64_t{before.size()}) return {};
        return fail(kind, list_.whole ? ErrorCode("firmware_overlap") : ErrorCode("flash_overlap"),
                    fmt::format("{} shares a flash sector with {}", name_of(file), before.label()),
                    "give each file its own sectors");
    }

    [[nodiscard]] Result<void> take(const FlashFile& file, Bytes content) {
        const std::string label = file.label();
        set_.files.push_back({file.path, file.offset, static_cast<std::uint32_t>(content.size()),
                              to_hex(sha256(content))});
        // Before a header is changed; a bootloader may lie inside a merged file.
        std::vector<loader::BootImage> images = loader::find_images(label, file.offset, content);
        for (loader::BootImage& image : images) {
            if (loader::bootloaders_chip(image) == nullptr) continue;
            auto changed = fit_header(image, file.offset, std::move(content));
            if (!changed) return with_context(std::move(changed).error(), label);
            content = std::move(*changed);
        }
        std::ranges::move(images, std::back_inserter(set_.images));
        std::ranges::move(loader::find_esp8266_images(label, file.offset, content),
                          std::back_inserter(set_.for_esp8266));
        set_.regions.emplace_back(label, file.offset, std::move(content));
        return {};
    }

    // What the header of a bootloader is to say, where that differs from what it says; content: of
    // the file that holds it, which begins at from.
    [[nodiscard]] Result<Bytes> fit_header(loader::BootImage& bootloader, std::uint32_t from,
                                           Bytes content) {
        const loader::Chip& chip = *loader::bootloaders_chip(bootloader);
        const std::string& label = bootloader.label;
        set_.bootloader_as_built = md5_in_flash(content);
        loader::FlashParameters wanted{wishes_.mode, wishes_.frequency, {}};
        std::uint32_t told = loader::flash_size_in(bootloader.header);
        const bool is_given = size_.kind == SizeKind::given;
        if (is_given && (wishes_.size || size_.bytes != told)) wanted.size = size_.bytes;
        if (wanted.mode || wanted.frequency || wanted.size) {
            IMPRINT_TRY(content, loader::with_flash_parameters(chip, from, content, wanted));
            IMPRINT_TRY(
                bootloader.header,
                image::parse_app_image(ByteView(content).subspan(bootloader.offset - from)));
        }
        if (wanted.size && !wishes_.size)
            set_.notes.push_back(fmt::format(
                "{} gets {} as the flash's size in its header, as flasher_args.json has it "
                "(built: {})",
                label, size_text(size_.bytes), size_text(told)));
        if (wanted.size) told = *wanted.size;
        if (size_.kind == SizeKind::detect) {
            IMPRINT_TRY(set_.fitted,
                        loader::FittedBootloader::make(chip, label, from, Bytes(content)));
        } else {
            need(told);
        }
        return content;
    }

    const FileList& list_;
    const FlashWishes& wishes_;
    HeaderFlashSize size_;
    FlashSet set_;
};

}  // namespace

Result<FlashSet> load_flash_set(FileList list, const FlashWishes& wishes) {
    std::ranges::sort(list.files, {}, &FlashFile::offset);
    return Loading(list, wishes).all();
}

Result<std::vector<loader::FlashData>> FlashSet::regions_for(const loader::BoardInfo& board) const {
    std::vector<loader::FlashData> fitting = regions;
    const std::uint32_t place = board.chip->bootloader_offset;
    const auto bootloader = std::ranges::find_if(fitting, [place](const auto& region) {
        return place >= region.offset() && place - region.offset() < region.size();
    });
    if (bootloader == fitting.end()) return fitting;
    if (fitted) {
        IMPRINT_TRY(*bootloader, fitted->for_flash(board.flash_size));
    }
    if (board.security.secure_boot && bootloader_as_built &&
        bootloader->md5() != *bootloader_as_built)
        return fail(ErrorKind::board, "chip_secured",
                    "secure boot would not start a bootloader whose header was changed after "
                    "signing",
                    by_hand ? "leave --flash-mode and --flash-frequency away, and say "
                              "--flash-size keep"
                            : "build the bootloader for this flash's size, and sign it");
    return fitting;
}

}  // namespace imprint::flash_files
