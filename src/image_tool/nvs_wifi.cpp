#include "image_tool/nvs_wifi.h"

#include "base/digest.h"
#include "base/secret.h"

namespace imprint::image_tool {

namespace {

constexpr std::string_view driver_namespace = "nvs.net80211";
constexpr unsigned rounds_of_wpa2 = 4096;

}  // namespace

void WifiExtras::look_at(const std::vector<NvsRow>& rows) {
    for (const NvsRow& row : rows) {
        if (row.type == "namespace") looks_at_driver_ = row.key == driver_namespace;
        if (looks_at_driver_) given_.insert(row.key);
    }
}

void WifiExtras::add(std::vector<image::nvs::Entry>& extras, std::string_view key,
                     Bytes data) const {
    if (given_.contains(key)) return;
    image::nvs::Entry entry;
    entry.key = key;
    entry.type = image::nvs::Type::blob;
    entry.data = std::move(data);
    extras.push_back(std::move(entry));
}

// An access point's pre-shared key, behind what the driver finds out by itself.
std::vector<image::nvs::Entry> WifiExtras::before(const NvsRow& row) {
    constexpr std::size_t unknown = 100;
    std::vector<image::nvs::Entry> extras;
    if (row.type == "namespace") in_driver_ = row.key == driver_namespace;
    if (!in_driver_ || !row.value) return extras;
    if (row.key == "ap.ssid") name_ = *row.value;
    if (row.key == "ap.passwd") password_ = *row.value;
    if (row.key == "ap.authmode" && *row.value != "0") mode_ = *row.value;
    if (has_key_ || name_.empty() || password_.empty() || mode_.empty()) return extras;
    has_key_ = true;
    auto key = pbkdf2_sha1(password_, as_bytes(name_), rounds_of_wpa2);
    wipe(password_);
    Bytes data(unknown, 0);
    data.reserve(unknown + key.size());
    append(data, key);
    wipe(key);
    add(extras, "ap.pmk_info", std::move(data));
    return extras;
}

std::vector<image::nvs::Entry> WifiExtras::after(const NvsRow& row) {
    std::vector<image::nvs::Entry> extras;
    if (!in_driver_ || has_station_ || (row.key != "sta.ssid" && row.key != "sta.pswd"))
        return extras;
    has_station_ = true;
    add(extras, "sta.apinfo", Bytes(140, 0xFF));
    add(extras, "sta.pmk", Bytes(32, 0));
    add(extras, "sta.apsw", Bytes(2, 0));
    return extras;
}

}  // namespace imprint::image_tool
