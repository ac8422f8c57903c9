// The values of a provisioning template: parameters inserted, functions evaluated.
// Source: AWS IoT Core developer guide, "Provisioning templates" ("Intrinsic functions in Resources
// section of template"), whose functions are those of AWS CloudFormation's template reference.
#pragma once

#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "local_registry/api/api_error.h"

namespace imprint::local_registry::operations {

class TemplateValues {
  public:
    TemplateValues(std::map<std::string, std::string> parameters, nlohmann::json mappings)
        : parameters_(std::move(parameters)), mappings_(std::move(mappings)) {}

    // Supports Ref, Fn::Join, Fn::Select, Fn::Split, Fn::Sub and Fn::FindInMap, also nested. Error:
    // InvalidRequestException, with `where` as its place in the template.
    [[nodiscard]] Outcome<nlohmann::json> resolve(const nlohmann::json& value,
                                                  const std::string& where) const;
    // The same, but the result must be a text or a list of texts.
    [[nodiscard]] Outcome<std::string> text(const nlohmann::json& value,
                                            const std::string& where) const;
    [[nodiscard]] Outcome<std::vector<std::string>> texts(const nlohmann::json& value,
                                                          const std::string& where) const;

  private:
    [[nodiscard]] Outcome<nlohmann::json> call(const std::string& function,
                                               const nlohmann::json& argument,
                                               const std::string& where) const;
    [[nodiscard]] Outcome<std::string> parameter(const std::string& name,
                                                 const std::string& where) const;
    [[nodiscard]] Outcome<std::string> join(const nlohmann::json& argument,
                                            const std::string& where) const;
    [[nodiscard]] Outcome<std::string> select(const nlohmann::json& argument,
                                              const std::string& where) const;
    [[nodiscard]] Outcome<nlohmann::json> split(const nlohmann::json& argument,
                                                const std::string& where) const;
    [[nodiscard]] Outcome<std::string> substitute(const nlohmann::json& argument,
                                                  const std::string& where) const;
    [[nodiscard]] Outcome<nlohmann::json> find_in_map(const nlohmann::json& argument,
                                                      const std::string& where) const;

    std::map<std::string, std::string> parameters_;
    nlohmann::json mappings_;
};

}  // namespace imprint::local_registry::operations
