#include "local_registry/faults/plan.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

#include "base/files.h"
#include "base/toml_text.h"
#include "local_registry/api/routes.h"

// As in config/file.cpp: the library's functions have one form in one program.
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

namespace imprint::local_registry {

namespace {

constexpr std::array<std::pair<std::string_view, Fault>, 6> faults = {{
    {"throttle", Fault::throttle},
    {"error", Fault::error},
    {"lost", Fault::lost},
    {"cut", Fault::cut},
    {"delay", Fault::delay},
    {"lag", Fault::lag},
}};

constexpr std::int64_t a_minute = 60'000;  // milliseconds

class Reader {
  public:
    explicit Reader(std::string name) : name_(std::move(name)) {}

    [[nodiscard]] std::unexpected<Error> wrong(const toml::source_region& where,
                                               const std::string& what) const {
        return fail(ErrorKind::config, "fault_plan",
                    fmt::format("{} line {}: {}", name_, where.begin.line, what),
                    "docs/local-registry.md shows what it may hold");
    }

    // A number from 0 to most; not there: nothing.
    [[nodiscard]] Result<std::optional<double>> number(const toml::table& table, const char* key,
                                                       double most) const {
        const toml::node* node = table.get(key);
        if (node == nullptr) return std::optional<double>{};
        const auto value = node->value<double>();
        if (!value || *value < 0 || *value > most)
            return wrong(node->source(), fmt::format("{} has to be a number up to {}", key, most));
        return value;
    }

    [[nodiscard]] Result<Milliseconds> time(const toml::table& table, const char* key) const {
        IMPRINT_TRY(const auto value, number(table, key, a_minute));
        return Milliseconds(static_cast<std::int64_t>(value.value_or(0)));
    }

    // ms = N, or ms = [N, M].
    [[nodiscard]] Result<void> read_times(const toml::table& table, FaultRule& rule) const {
        const toml::array* range = table["ms"].as_array();
        if (range == nullptr) {
            IMPRINT_TRY(rule.time, time(table, "ms"));
            rule.most_time = rule.time;
            return {};
        }
        const auto least = range->size() == 2 ? range->get(0)->value<std::int64_t>() : std::nullopt;
        const auto most = range->size() == 2 ? range->get(1)->value<std::int64_t>() : std::nullopt;
        if (!least || !most || *least < 0 || *least > *most || *most > a_minute)
            return wrong(
                range->source(),
                fmt::format("ms has to be a number up to {0}, or [least, most] of such", a_minute));
        rule.time = Milliseconds(*least);
        rule.most_time = Milliseconds(*most);
        return {};
    }

    [[nodiscard]] Result<void> known(const toml::table& table,
                                     std::initializer_list<std::string_view> keys) const {
        for (const auto& [key, node] : table)
            if (std::ranges::find(keys, key.str()) == keys.end())
                return wrong(key.source(), fmt::format("there is no key \"{}\"", key.str()));
        return {};
    }

    [[nodiscard]] Result<FaultRule> rule(const toml::table& table) const {
        IMPRINT_CHECK(known(table, {"operation", "what", "first", "every", "chance", "ms"}));
        FaultRule rule;
        rule.operation = table["operation"].value_or(std::string("*"));
        const bool served = std::ranges::any_of(
            routes(), [&](const Route& route) { return route.operation == rule.operation; });
        if (rule.operation != "*" && !served)
            return wrong(table.source(),
                         fmt::format("\"{}\" is no operation that is served", rule.operation));
        const auto what = table["what"].value_or(std::string());
        const auto fault = std::ranges::find(faults, what, &decltype(faults)::value_type::first);
        if (fault == faults.end())
            return wrong(table.source(), "what has to be throttle, error, lost, cut, delay or lag");
        rule.fault = fault->second;
        constexpr double many = 1'000'000;
        IMPRINT_TRY(const auto first, number(table, "first", many));
        IMPRINT_TRY(const auto every, number(table, "every", many));
        IMPRINT_TRY(const auto chance, number(table, "chance", 1));
        rule.first = static_cast<unsigned>(first.value_or(0));
        rule.every = static_cast<unsigned>(every.value_or(0));
        rule.chance = chance.value_or(0);
        // A slow service is always slow.
        if (rule.fault == Fault::lag && !first && !every && !chance) rule.every = 1;
        if (int{rule.first > 0} + int{rule.every > 0} + int{rule.chance > 0} != 1)
            return wrong(table.source(), "say one of first, every and chance");
        IMPRINT_CHECK(read_times(table, rule));
        return rule;
    }

    [[nodiscard]] Result<FaultPlan> plan(const toml::table& table) const {
        IMPRINT_CHECK(known(table, {"quota", "latency", "stale", "seed", "fault"}));
        FaultPlan plan;
        constexpr double most = 1'000'000;
        IMPRINT_TRY(const auto quota, number(table, "quota", most));
        plan.quota = quota.value_or(0);
        IMPRINT_TRY(plan.latency, time(table, "latency"));
        IMPRINT_TRY(plan.stale, time(table, "stale"));
        IMPRINT_TRY(const auto seed, number(table, "seed", 1e15));
        plan.seed = static_cast<std::uint64_t>(seed.value_or(1));
        const toml::node* list = table.get("fault");
        if (list == nullptr) return plan;
        if (!list->is_array_of_tables()) return wrong(list->source(), "write [[fault]]");
        for (const auto& one : *list->as_array()) {
            IMPRINT_TRY(auto made, rule(*one.as_table()));
            plan.rules.push_back(std::move(made));
        }
        return plan;
    }

  private:
    std::string name_;
};

}  // namespace

Result<FaultPlan> parse_fault_plan(std::string_view text, const std::string& name) {
    const Reader reader(name);
    const auto wrong = [&reader](const toml::parse_error& error) {
        return reader.wrong(error.source(), std::string(error.description()));
    };
    const auto wrong_line = [&reader](std::size_t line, const std::string& what) {
        toml::source_region place;
        place.begin.line = static_cast<toml::source_index>(line);
        return reader.wrong(place, what);
    };
    if (const auto line = line_of_deep_key(text))
        return wrong_line(*line, "a key of too many parts");
    if (const auto image = toml::parse(ascii_image(text)); !image) return wrong(image.error());
    if (const auto line = line_of_bare_non_ascii(text))
        return wrong_line(*line, "a character beyond ASCII outside of a text");
    const toml::parse_result parsed = toml::parse(text);
    if (!parsed) return wrong(parsed.error());
    return reader.plan(parsed.table());
}

Result<FaultPlan> read_fault_plan(const std::filesystem::path& path) {
    IMPRINT_TRY(const std::string text, read_text(path));
    return parse_fault_plan(text, path.string());
}

}  // namespace imprint::local_registry
