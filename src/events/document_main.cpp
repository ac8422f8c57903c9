// Writes docs/events.md's tables: events_document FILE.
#include <cstdio>
#include <exception>

#include "base/files.h"
#include "events/document.h"

namespace {

imprint::Result<void> write_document(const char* path) {
    IMPRINT_TRY(const std::string before, imprint::read_text(path));
    IMPRINT_TRY(const std::string after, imprint::events::with_tables(before));
    return imprint::write_file(path, std::string_view(after));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    try {
        const auto written = write_document(argv[1]);
        if (written) return 0;
        static_cast<void>(std::fprintf(stderr, "error: %s\n", written.error().describe().c_str()));
    } catch (const std::exception& bug) {
        static_cast<void>(std::fprintf(stderr, "error: %s\n", bug.what()));
    }
    return 1;
}
