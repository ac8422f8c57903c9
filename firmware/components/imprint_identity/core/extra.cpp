#include "imprint_identity/extra.h"

#include <utility>

#include "common.h"

namespace imprint_identity {

Problem read_extra(const Places& places, const char* name, std::size_t most, Text& into) {
    if (places.bench.read == nullptr || places.storage != Storage::spiffs ||
        !spiffs::is_sound(places.bench_geometry))
        return problem(Status::storage_unavailable, "there is no SPIFFS partition %s",
                       places.bench_name);
    spiffs::Volume volume(places.bench, places.bench_geometry);
    const FileSource files = volume.source();
    const long size = files.size(files.context, name);
    if (size == FileSource::missing)
        return problem(Status::file_missing, "the file %s is missing", name);
    if (size < 0) return problem(Status::file_unreadable, "the file %s cannot be read", name);
    if (static_cast<std::size_t>(size) > most)
        return problem(Status::file_too_large, "the file %s has %ld bytes, at most %lu are allowed",
                       name, size, static_cast<unsigned long>(most));
    Text text(static_cast<std::size_t>(size));
    if (text.size() != static_cast<std::size_t>(size))
        return problem(Status::out_of_memory, "no memory for the %ld bytes of %s", size, name);
    if (!files.read(files.context, name, text.data(), text.size()))
        return problem(Status::file_unreadable, "the file %s cannot be read: %s", name,
                       volume.trouble());
    into = std::move(text);
    return {};
}

}  // namespace imprint_identity
