// The only way to record an effect outside the process in the ledger: as intended before it is
// tried, as done once it was answered. If the answer is an error, the effect stays "not known".
#pragma once

#include <fmt/format.h>
#include <string>
#include <type_traits>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "ledger/ledger.h"

namespace imprint::ledger {

// What to do with an effect that cannot be recorded. Normally it is not tried. A rollback does it
// all the same and logs it: what was made ACTIVE has to become INACTIVE again, even if the disk is
// full.
enum class Unwritten { refuse, go_on };

class EffectLog {
  public:
    EffectLog(Effects& ledger, const Doer& doer, Log log, Unwritten unwritten = Unwritten::refuse)
        : ledger_(ledger), doer_(doer), log_(std::move(log)), unwritten_(unwritten) {}

    // For rollbacks.
    [[nodiscard]] EffectLog for_rollback() const {
        return {ledger_, doer_, log_, Unwritten::go_on};
    }

    // work: returns a Result. Its error gets "kind subject" as context.
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

    // Records several of one kind in advance, at the cost of one.
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
