// What nvs_partition_gen.py adds to a Wi-Fi configuration that a CSV holds. Internal to the layer.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "image/nvs.h"
#include "image_tool/nvs_csv.h"

namespace imprint::image_tool {

// With some keys of the driver's namespace, nvs.net80211, the driver needs others: write_entry() of
// esp-idf-nvs-partition-gen 0.2.0 makes these up. It does so in every namespace; here they come
// only where the driver looks for them, and not in place of those that the CSV has itself.
class WifiExtras {
  public:
    // Of all rows, before the first is written.
    void look_at(const std::vector<NvsRow>& rows);

    [[nodiscard]] std::vector<image::nvs::Entry> before(const NvsRow& row);
    [[nodiscard]] std::vector<image::nvs::Entry> after(const NvsRow& row);

  private:
    void add(std::vector<image::nvs::Entry>& extras, std::string_view key, Bytes data) const;

    std::set<std::string, std::less<>> given_;
    bool looks_at_driver_ = false;
    bool in_driver_ = false;
    bool has_station_ = false;
    bool has_key_ = false;
    std::string name_;
    std::string password_;
    std::string mode_;
};

}  // namespace imprint::image_tool
