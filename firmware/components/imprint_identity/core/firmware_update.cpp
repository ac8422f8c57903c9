#include "imprint_identity/firmware_update.h"

#include <cstring>

namespace imprint_identity {

const char* refusal(const FirmwareOffer& offer) {
    if (std::strcmp(offer.project, offer.running_project) != 0) return "it is another project's";
    if (std::strcmp(offer.version, offer.running_version) == 0)
        return "it is the version that runs";
    if (offer.failed_version[0] != '\0' && std::strcmp(offer.version, offer.failed_version) == 0)
        return "it is the version that was taken back, since it did not connect";
    return nullptr;
}

}  // namespace imprint_identity
