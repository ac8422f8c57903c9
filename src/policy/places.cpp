#include "policy/places.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>

#include "policy/partition.h"

namespace imprint::policy {

namespace {

struct Difference {
    std::string_view part;
    std::string_view written;
    std::string_view here;
};

// The first part of an ARN that names another place. From a wildcard or a variable on nothing is
// compared: a "*" may reach over the colon behind it (findings.h, arn_wildcard).
std::optional<Difference> difference(std::string_view resource, const Place& place) {
    constexpr std::string_view scheme = "arn:";
    if (!resource.starts_with(scheme)) return std::nullopt;
    resource.remove_prefix(scheme.size());
    const std::array<std::pair<std::string_view, std::string_view>, 4> parts{
        {{"partition", place.partition},
         {"service", "iot"},
         {"region", place.region},
         {"account", place.account}}};
    for (const auto& [part, here] : parts) {
        const std::size_t end = resource.find(':');
        const std::string_view written = resource.substr(0, end);
        if (written.find_first_of("*?$") != std::string_view::npos) return std::nullopt;
        if (!here.empty() && written != here) return Difference{part, written, here};
        if (end == std::string_view::npos) return std::nullopt;
        resource.remove_prefix(end + 1);
    }
    return std::nullopt;
}

}  // namespace

Place place_of_arn(std::string_view arn) {
    std::array<std::string, 5> parts;
    for (auto& part : parts) {
        const std::size_t end = arn.find(':');
        if (end == std::string_view::npos) return {};
        part = arn.substr(0, end);
        arn.remove_prefix(end + 1);
    }
    if (parts[0] != "arn") return {};
    return {.partition = parts[1], .region = parts[3], .account = parts[4]};
}

Place place_of_region(const std::string& region) {
    if (region.empty()) return {};
    return {.partition = std::string(partition_of(region).id), .region = region, .account = {}};
}

std::vector<Finding> find_elsewhere(const Document& document, const Place& place) {
    std::vector<Finding> found;
    for (std::size_t i = 0; i < document.statements.size(); ++i) {
        const Statement& statement = document.statements[i];
        for (const auto& resource : statement.resources) {
            const auto other = difference(resource, place);
            if (!other) continue;
            Finding finding{
                .code = "elsewhere",
                .statement = i,
                .text = fmt::format(
                    "{}: it is of the {} \"{}\", and boards connect in \"{}\", where it "
                    "{} nothing",
                    name_of(statement, i), other->part, other->written, other->here,
                    statement.effect == Effect::allow ? "allows" : "denies")};
            if (std::ranges::find(found, finding.text, &Finding::text) == found.end())
                found.push_back(std::move(finding));
        }
    }
    return found;
}

bool allows_only_elsewhere(const Document& document, const Place& place) {
    bool something = false;
    for (const auto& statement : document.statements) {
        if (statement.effect != Effect::allow) continue;
        for (const auto& resource : statement.resources) {
            if (!difference(resource, place)) return false;
            something = true;
        }
    }
    return something;
}

}  // namespace imprint::policy
