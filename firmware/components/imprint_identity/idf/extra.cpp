#include <new>
#include <utility>

#include "imprint_identity.h"
#include "places.h"

using namespace imprint_identity;

esp_err_t imprint_identity_read_file(const char* name, size_t most, imprint_identity_file_t* into) {
    *into = {};
    ChipPlaces places;
    if (const esp_err_t failed = find_places({}, places); failed != ESP_OK) return failed;
    Text text;
    const Problem problem = read_extra(bench_of(places), name, most, text);
    // A file that the application can do without is no trouble.
    if (problem.status == Status::file_missing) return ESP_ERR_NOT_FOUND;
    if (problem) return told(problem);
    auto* const kept = new (std::nothrow) Text(std::move(text));
    if (kept == nullptr) return ESP_ERR_NO_MEM;
    into->text = kept->c_str();
    into->size = kept->size();
    into->owner = kept;
    return ESP_OK;
}

void imprint_identity_free_file(imprint_identity_file_t* file) {
    delete static_cast<Text*>(file->owner);  // which wipes itself
    *file = {};
}
