// The shadows in AWS IoT, or in a service with the same API.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "aws/iot_client.h"
#include "registry/shadows.h"

namespace imprint::aws {

class AwsShadows final : public registry::Shadows {
  public:
    explicit AwsShadows(IotClient iot) : iot_(std::move(iot)) {}

    Result<std::optional<Shadow>> find(const std::string& thing, const std::string& name) override;
    Result<Shadow> update(const std::string& thing, const std::string& name,
                          const std::string& document) override;
    Result<void> remove(const std::string& thing, const std::string& name) override;

  private:
    IotClient iot_;
};

}  // namespace imprint::aws
