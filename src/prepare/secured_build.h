// What a build does to a board's eFuses on its first start: told before the first board.
#pragma once

#include <string>
#include <vector>

#include "flash_files/file_list.h"
#include "image/partition_table.h"
#include "prepare/settings.h"

namespace imprint::prepare {

// Sentences. From the marks in flasher_args.json and the build's config/sdkconfig.json, as far as
// they are there.
[[nodiscard]] std::vector<std::string> security_notes(const flash_files::FileList& list,
                                                      const FirmwareSettings& settings,
                                                      const image::Partition& credentials);

}  // namespace imprint::prepare
