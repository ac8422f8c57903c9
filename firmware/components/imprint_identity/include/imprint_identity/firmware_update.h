// Whether another firmware is taken in place of the one that runs.
#pragma once

namespace imprint_identity {

// Of esp_app_desc_t: the image that is offered, and those that this board knows.
struct FirmwareOffer {
    const char* project = "";
    const char* version = "";
    const char* running_project = "";
    const char* running_version = "";
    const char* failed_version = "";  // of the one that was taken back last; empty: none was
};

// Why it is not; null: it is. An image that is refused is never written to flash, and one that
// failed is not taken again: a board would go round in circles.
const char* refusal(const FirmwareOffer& offer);

}  // namespace imprint_identity
