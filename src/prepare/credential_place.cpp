#include "prepare/credential_place.h"

#include <iterator>
#include <utility>

namespace imprint::prepare {

Result<CredentialPlace> find_credential_place(const Firmware& firmware,
                                              const FirmwareSettings& settings,
                                              const CredentialSettings& credentials) {
    CredentialPlace place;
    place.partition = firmware.credentials;
    IMPRINT_TRY(auto made, row_of(credentials.format).make(place.partition, settings, credentials));
    place.format = std::move(made.format);
    place.notes = std::move(made.notes);
    for (const OwnImage& own : firmware.own_images) {
        IMPRINT_TRY(auto extras, place.format->read(own, place.notes));
        std::ranges::move(extras, std::back_inserter(place.project));
    }
    return place;
}

}  // namespace imprint::prepare
