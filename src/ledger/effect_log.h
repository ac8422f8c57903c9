// The one way in which an effect outside the process gets into the ledger: intended before it is
// tried, done after it was answered. One whose answer is an error stays "not known".
#pragma once

#include <fmt/format.h>
#include <string>
#include <type_traits>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "ledger/ledger.h"

namespace imprint::ledger {

// Of a way forward, an effect that cannot be written down is not tried. On the way back it is, and
// told: what was made ACTIVE has to be INACTIVE again, also on a full disk.
enum class Unwritten { refuse, go_on };

class EffectLog {
  public:
    EffectLog(Effects& ledger, const Doer& doer, Log log, Unwritten unwritten = Unwritten::refuse)
        : ledger_(ledger), doer_(doer), log_(std::move(log)), unwritten_(unwritten) {}

    // For the way back.
    [[nodiscard]] EffectLog going_on() const { return {ledger_, doer_, log_, Unwritten::go_on}; }

    // work: gives a Result. Its error gets "kind subject" as context.
    template <typename Work>
    [[nodiscard]] std::invoke_result_t<Work> record(const std::string& kind,
                                                    const std::string& subject, Work&& work) {
        const auto id = ledger_.intend(doer_, kind, {subject});
        if (!id && unwritten_ == Unwritten::refuse) return std::unexpected(id.error());
        if (!id)
            log_.warning("{} {} is not in the ledger: {}", kind, subject, id.error().describe());
        auto result = std::forward<Work>(work)();
        if (!result)
            return with_context(std::move(result).error(), fmt::format("{} {}", kind, subject));
        if (!id) return result;
        if (auto told = ledger_.done(id->front()); !told && unwritten_ == Unwritten::refuse)
            return std::unexpected(std::move(told).error());
        return result;
    }

    // Several of one kind ahead, at the price of one.
    [[nodiscard]] Result<std::vector<EffectId>> intend(const std::string& kind,
                                                       const std::vector<std::string>& subjects) {
        return ledger_.intend(doer_, kind, subjects);
    }

    [[nodiscard]] Result<void> done(EffectId effect, const std::string& result) {
        return ledger_.done(effect, result);
    }

  private:
    Effects& ledger_;
    Doer doer_;
    Log log_;
    Unwritten unwritten_;
};

}  // namespace imprint::ledger
