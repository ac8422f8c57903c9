// Every file of a corpus, once: replay FOLDER. Fails when there is none.
#include <cstdio>
#include <filesystem>

#include "base/files.h"
#include "target.h"

int main(int argc, char** argv) {
    int files = 0;
    for (int i = 1; i < argc; ++i)
        for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
            const auto bytes = imprint::read_file(entry.path());
            if (!bytes) return 1;
            imprint::fuzz::run(*bytes);
            ++files;
        }
    std::printf("%d inputs\n", files);
    return files == 0 ? 1 : 0;
}
