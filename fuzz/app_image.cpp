// App and bootloader images: whatever is taken as sound lies within the file.
#include "image/app_image.h"

#include "loader/bootloader_header.h"
#include "target.h"

using namespace imprint;

void imprint::fuzz::run(ByteView input) {
    const auto app = image::parse_app_image(input);
    if (!app) return;
    require(app->image_size <= input.size());
}
