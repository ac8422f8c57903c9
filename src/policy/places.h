// Where the resources of a policy lie, beside where it is used. A policy that was written for
// another region, account or partition is well-formed, and allows nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/document.h"
#include "policy/findings.h"

namespace imprint::policy {

// What is empty is not known, and not compared.
struct Place {
    std::string partition;  // "aws-cn"
    std::string region;
    std::string account;
};

// By the ARN of something that is there; a place without parts if it is none.
[[nodiscard]] Place place_of_arn(std::string_view arn);
// By a region's name alone.
[[nodiscard]] Place place_of_region(const std::string& region);

// Resources that lie elsewhere: code "elsewhere", one for each part of an ARN that differs.
[[nodiscard]] std::vector<Finding> find_elsewhere(const Document& document, const Place& place);

// Whether it allows something, but none of it in this place: no board can connect by it.
[[nodiscard]] bool allows_only_elsewhere(const Document& document, const Place& place);

}  // namespace imprint::policy
