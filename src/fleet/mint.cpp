#include "fleet/mint.h"

#include <algorithm>
#include <fmt/format.h>
#include <future>
#include <memory>
#include <ranges>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/text.h"
#include "base/threads.h"
#include "pki/certificate.h"
#include "pki/key.h"
#include "prepare/identity.h"

namespace imprint::fleet {

namespace {

constexpr std::size_t batch_size = 1024;
constexpr std::string_view number_place = "{n}";

Result<void> make_image(const MintTools& tools, const minted::MintedIdentity& identity) {
    const prepare::DeviceFacts facts{identity.thing,
                                     identity.mac.empty() ? identity.thing : identity.mac,
                                     tools.cloud->endpoint, tools.cloud->port, tools.lot};
    IMPRINT_TRY(const auto values,
                tools.form->values.of({facts.client_id, facts.thing_name, facts.lot, {}, {}}));
    IMPRINT_TRY(Bytes bytes,
                prepare::credential_image_bytes(*tools.form, identity.certificate_pem,
                                                identity.private_key_pem, facts, values));
    const Secret image(std::move(bytes));
    return tools.keep_image(identity.thing, image.reveal());
}

Result<minted::MintedIdentity> make(const MintTools& tools, const MintName& name,
                                    std::int64_t number) {
    const auto& ca = tools.settings.ca;
    IMPRINT_TRY(const auto subject, prepare::subject_of(ca.subject, name.mac.value_or(MacAddress{}),
                                                        name.thing, tools.lot));
    IMPRINT_TRY(const pki::PrivateKey key, pki::PrivateKey::generate(tools.settings.key));
    IMPRINT_TRY(auto issued,
                tools.authority.issue(key, subject, std::chrono::days(ca.validity_days),
                                      tools.clock.wall()));
    minted::MintedIdentity identity;
    identity.number = number;
    identity.thing = name.thing;
    if (name.mac) identity.mac = name.mac->id();
    identity.certificate_id = std::move(issued.id);
    identity.certificate_pem = std::move(issued.pem);
    identity.private_key_pem = key.to_pem();
    if (tools.form != nullptr) IMPRINT_CHECK(make_image(tools, identity));
    return identity;
}

using Batch = std::vector<minted::MintedIdentity>;

// Those of one thread: every `threads`-th name.
Result<void> make_share(const MintTools& tools, const std::vector<MintName>& names,
                        std::int64_t first, unsigned share, Batch& batch) {
    for (std::size_t i = share; i < names.size(); i += tools.threads) {
        IMPRINT_TRY(batch[i], make(tools, names[i], first + static_cast<std::int64_t>(i)));
    }
    return {};
}

// A batch in the making, on threads of its own.
class Making {
  public:
    Making(const MintTools& tools, std::vector<MintName> names, std::int64_t first)
        : names_(std::make_unique<std::vector<MintName>>(std::move(names))),
          batch_(std::make_unique<Batch>(names_->size())) {
        for (const unsigned share : std::views::iota(0U, tools.threads))
            shares_.push_back(Beside<void>::start(
                "minting", [&tools, names = names_.get(), first, share, batch = batch_.get()] {
                    return make_share(tools, *names, first, share, *batch);
                }));
    }

    [[nodiscard]] Result<Batch> get() {
        Result<void> all;
        for (auto& share : shares_)
            if (auto done = share.get(); !done) all = std::move(done);
        if (!all) return std::unexpected(std::move(all).error());
        return std::move(*batch_);
    }

  private:
    std::unique_ptr<std::vector<MintName>> names_;
    std::unique_ptr<Batch> batch_;
    std::vector<std::future<Result<void>>> shares_;
};

Result<std::vector<MintName>> take(const MintNames& names) {
    std::vector<MintName> batch;
    while (batch.size() < batch_size) {
        IMPRINT_TRY(auto name, names());
        if (!name) break;
        batch.push_back(std::move(*name));
    }
    return batch;
}

std::string_view without_comment(std::string_view line) {
    return trimmed(line.substr(0, line.find('#')));
}

class List {
  public:
    // Errors: those of read_text.
    static Result<List> read(const std::filesystem::path& path) {
        IMPRINT_TRY(std::string text, read_text(path, file_limit::long_text));
        return List(path, std::move(text));
    }

    // The next MAC address of the list.
    [[nodiscard]] Result<std::optional<MacAddress>> next() {
        while (at_ < text_.size()) {
            const auto end = std::min(text_.find('\n', at_), text_.size());
            const std::string_view text =
                without_comment(std::string_view(text_).substr(at_, end - at_));
            at_ = end + 1;
            ++number_;
            if (text.empty()) continue;
            const auto mac = parse_mac(text);
            if (!mac)
                return fail(ErrorKind::config, "mint_list",
                            fmt::format("{} line {}: \"{}\" is no MAC address", path_.string(),
                                        number_, text.substr(0, 40)),
                            "write 12 hex digits a line, with or without colons");
            if (!mac->is_of_one_board())
                return fail(ErrorKind::config, "mint_list",
                            fmt::format("{} line {}: no single board has the MAC address {}",
                                        path_.string(), number_, mac->colons()),
                            "write the boards' own, as `imprint board info` shows them");
            return mac;
        }
        return std::optional<MacAddress>{};
    }

  private:
    List(std::filesystem::path path, std::string text)
        : path_(std::move(path)), text_(std::move(text)) {}

    std::filesystem::path path_;
    std::string text_;
    std::size_t at_ = 0;  // in text_
    std::size_t number_ = 0;
};

}  // namespace

Result<MintSummary> mint(const MintTools& tools, minted::MintedStore& store, const MintNames& names,
                         const std::function<void(std::int64_t)>& told) {
    MintSummary summary;
    IMPRINT_TRY(std::int64_t number, store.count());
    // While one batch is made, the one before it is written.
    std::optional<Making> making;
    for (;;) {
        summary.stopped = tools.stopped();
        std::vector<MintName> next;
        if (!summary.stopped) {
            IMPRINT_TRY(next, take(names));
        }
        std::optional<Making> following;
        if (!next.empty()) {
            const auto size = static_cast<std::int64_t>(next.size());
            following.emplace(tools, std::move(next), number + 1);
            number += size;
        }
        if (making) {
            IMPRINT_TRY(const Batch batch, making->get());
            IMPRINT_CHECK(store.add(batch));
            summary.made += static_cast<std::int64_t>(batch.size());
            told(summary.made);
        }
        making = std::move(following);
        if (!making) return summary;
    }
}

Result<MintNames> names_by_number(minted::MintedStore& store, const std::string& name,
                                  std::int64_t count) {
    const auto place = name.find(number_place);
    if (place == std::string::npos || name.contains("{mac}"))
        return fail(ErrorKind::usage, "mint_name",
                    fmt::format("\"{}\" cannot name things by their number", name),
                    "write {n} where the number goes, as in lamp-{n}; a list of MAC addresses "
                    "goes with --list");
    const auto named = [name, place](std::int64_t number) {
        std::string text = name;
        return text.replace(place, number_place.size(), fmt::format("{:07}", number));
    };
    IMPRINT_TRY(const std::int64_t there, store.count());
    if (there > 0) {
        IMPRINT_TRY(const auto last, store.page(there - 1, 1));
        if (last.empty() || last.front().thing != named(there))
            return fail(ErrorKind::usage, "mint_other_name",
                        fmt::format("the identities there are called otherwise than \"{}\"", name),
                        "go on with the same --name, or use another folder");
    }
    return [named, next = there + 1, count]() mutable -> Result<std::optional<MintName>> {
        if (next > count) return std::optional<MintName>{};
        return std::optional(MintName{named(next++), std::nullopt});
    };
}

Result<MintNames> names_from_list(minted::MintedStore& store, const std::filesystem::path& list,
                                  const prepare::IdentitySettings& settings,
                                  const std::string& lot) {
    IMPRINT_TRY(const List whole, List::read(list));
    for (List check = whole;;) {
        IMPRINT_TRY(const auto mac, check.next());
        if (!mac) break;
    }

    // A MAC address that the list has twice becomes one identity. The store does not have the last
    // three batches yet (one being taken, one made, one written): these are remembered here.
    struct State {
        List list;
        std::set<MacAddress> recent;
        std::set<MacAddress> before;
    };

    const auto state = std::make_shared<State>(State{whole, {}, {}});
    return [state, &store, &settings, lot]() -> Result<std::optional<MintName>> {
        for (;;) {
            IMPRINT_TRY(const auto mac, state->list.next());
            if (!mac) return std::optional<MintName>{};
            MintName name{prepare::fill_in(settings.thing_name, *mac, lot), mac};
            IMPRINT_TRY(const bool there, store.has(name.thing));
            if (state->recent.size() > 3 * batch_size)
                state->before = std::exchange(state->recent, {});
            if (!there && !state->before.contains(*mac) && state->recent.insert(*mac).second)
                return std::optional(std::move(name));
        }
    };
}

}  // namespace imprint::fleet
