// Makes namespaces and values of the entries, as Storage in ESP-IDF's nvs_storage.cpp does.
#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <tuple>

#include "image/nvs_items.h"
#include "image/text.h"

namespace imprint::image::nvs {

namespace {

// What an entry replaces: one of the same key and type. A blob of version 1 and the index of one of
// version 2 are one thing.
using Identity = std::tuple<std::uint8_t, std::string, std::uint8_t, std::uint8_t>;

Identity identity_of(const Item& item) {
    const std::uint8_t type =
        item.type == type_index ? static_cast<std::uint8_t>(Type::blob) : item.type;
    return {item.name_space, item.key, type, item.chunk};
}

class Assembly {
  public:
    Assembly(Pages pages, Faults& faults) : pages_(std::move(pages)), faults_(faults) {}

    std::vector<Namespace> namespaces() {
        find_newest();
        find_names();
        for (std::size_t i = 0; i < pages_.items.size(); ++i) {
            const Item& item = pages_.items[i];
            if (item.name_space == 0 || item.type == type_chunk || !is_newest(i)) continue;
            const auto found = spaces_.find(item.name_space);
            if (found == spaces_.end()) {
                faults_.note(item, fmt::format("{} is of namespace {}, which has no name",
                                               in_quotes(item.key), item.name_space));
                continue;
            }
            if (auto entry = entry_of(item)) found->second.entries.push_back(*std::move(entry));
        }
        note_lost_chunks();
        std::vector<Namespace> all;
        for (auto& [index, space] : spaces_)
            all.push_back(std::move(space));
        return all;
    }

  private:
    [[nodiscard]] bool is_newest(std::size_t i) const {
        return newest_.at(identity_of(pages_.items[i])) == i;
    }

    // Power may fail between writing a value anew and erasing the former one, and while a page is
    // copied.
    void find_newest() {
        for (std::size_t i = 0; i < pages_.items.size(); ++i) {
            const Item& item = pages_.items[i];
            const auto [known, is_new] = newest_.emplace(identity_of(item), i);
            if (is_new) continue;
            const Item& former = pages_.items[known->second];
            if (former.type != item.type || !std::ranges::equal(former.value, item.value))
                faults_.note(former,
                             fmt::format("{} was written anew on page {}, entry {}, which counts",
                                         in_quotes(item.key), item.page, item.entry));
            known->second = i;
        }
    }

    void find_names() {
        for (std::size_t i = 0; i < pages_.items.size(); ++i) {
            const Item& item = pages_.items[i];
            if (item.name_space != 0 || !is_newest(i)) continue;
            const std::uint8_t index = item.value[0];
            if (item.type != static_cast<std::uint8_t>(Type::u8) || index == 0 ||
                index > last_namespace) {
                faults_.note(item, fmt::format("{} is in no namespace", in_quotes(item.key)));
                continue;
            }
            if (!spaces_.emplace(index, Namespace{item.key, index, {}}).second)
                faults_.note(item, fmt::format("namespace {} has two names, and {} is the second",
                                               index, in_quotes(item.key)));
        }
    }

    std::optional<Entry> entry_of(const Item& item) {
        Entry entry;
        entry.key = item.key;
        if (item.type == type_index) {
            entry.type = Type::blob;
            return with_chunks(item, std::move(entry));
        }
        entry.type = static_cast<Type>(item.type);
        if (is_number(item.type)) {
            for (std::size_t i = 0; i < (item.type & 0x0FU); ++i)
                entry.bits |= std::uint64_t{item.value[i]} << (8 * i);
            return entry;
        }
        ByteView data = item.data;
        if (entry.type == Type::string) {
            if (data.empty() || data.back() != 0)
                faults_.note(
                    item, fmt::format("the string {} has no NUL at its end", in_quotes(item.key)));
            else
                data = data.first(data.size() - 1);
        }
        append(entry.data, data);
        return entry;
    }

    std::optional<Entry> with_chunks(const Item& index, Entry entry) {
        const std::uint32_t size = get_u32(index.value, 0);
        const std::uint32_t count = index.value[chunk_count_at - value_at];
        const std::uint32_t start = index.value[chunk_start_at - value_at];
        std::string problem;
        for (std::uint32_t number = start; number < start + count; ++number) {
            const auto found = number < no_chunk
                                   ? newest_.find({index.name_space, index.key, type_chunk,
                                                   static_cast<std::uint8_t>(number)})
                                   : newest_.end();
            if (found == newest_.end()) {
                if (problem.empty())
                    problem = fmt::format("chunk {} of the {} of the blob {} is missing",
                                          number - start, count, in_quotes(index.key));
                continue;
            }
            claimed_.push_back(found->second);
            append(entry.data, pages_.items[found->second].data);
        }
        if (problem.empty() && entry.data.size() != size)
            problem = fmt::format("the blob {} should have {} bytes, and its chunks have {}",
                                  in_quotes(index.key), size, entry.data.size());
        if (problem.empty()) return entry;
        faults_.note(index, problem);
        return std::nullopt;
    }

    void note_lost_chunks() {
        std::ranges::sort(claimed_);
        for (std::size_t i = 0; i < pages_.items.size(); ++i) {
            const Item& item = pages_.items[i];
            if (item.type == type_chunk && is_newest(i) && !std::ranges::binary_search(claimed_, i))
                faults_.note(item, fmt::format("no index names this chunk {} of the blob {}",
                                               item.chunk & ~second_start, in_quotes(item.key)));
        }
    }

    Pages pages_;
    Faults& faults_;
    std::map<Identity, std::size_t> newest_;
    std::map<std::uint8_t, Namespace> spaces_;
    std::vector<std::size_t> claimed_;  // chunks that an index names
};

}  // namespace

Result<Contents> read(ByteView image) {
    if (image.empty() || image.size() % page_size != 0)
        return fail(ErrorKind::config, "nvs_damaged",
                    fmt::format("the {} bytes are no whole pages of {}", image.size(), page_size));
    Faults faults;
    Contents contents;
    contents.size = static_cast<std::uint32_t>(image.size());
    Pages pages = read_pages(image, faults);
    contents.usage = pages.usage;
    contents.entries_erased = pages.erased;
    contents.encrypted = pages.unreadable > 0 && pages.items.empty() && pages.plausible == 0;
    if (contents.encrypted)
        // Of entries nothing can be said, and that alone is no fault.
        std::erase_if(faults.list, [](const Fault& fault) { return fault.entry.has_value(); });
    else
        contents.namespaces = Assembly(std::move(pages), faults).namespaces();
    contents.faults = std::move(faults.list);
    contents.more_faults = contents.encrypted ? 0 : faults.more;
    return contents;
}

}  // namespace imprint::image::nvs
