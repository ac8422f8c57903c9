// The list that the checks of `imprint doctor` write into.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "station/doctor.h"

namespace imprint::station::doctor {

class Checks {
  public:
    using Facts = std::map<std::string, std::string>;

    void ok(const char* name, std::string found, Facts facts = {});
    void warn(const char* name, std::string found, std::string hint, Facts facts = {});
    // A run would end with this error.
    void failed(const char* name, const Error& error, Facts facts = {});

    [[nodiscard]] const std::vector<Check>& all() const { return checks_; }

    [[nodiscard]] std::vector<Check> take() { return std::move(checks_); }

  private:
    std::vector<Check> checks_;
};

}  // namespace imprint::station::doctor
