#include "cli/private_memory.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <malloc.h>
#include <new>
#include <openssl/crypto.h>
#include <string_view>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace {

void wipe_and_free(void* block) noexcept {
    if (block == nullptr) return;
    ::explicit_bzero(block, ::malloc_usable_size(block));
    std::free(block);
}

void* openssl_malloc(std::size_t size, const char* /*file*/, int /*line*/) {
    return std::malloc(size);
}

void* openssl_realloc(void* block, std::size_t size, const char* /*file*/, int /*line*/) {
    if (size == 0) {
        wipe_and_free(block);
        return nullptr;
    }
    void* grown = std::malloc(size);
    if (grown == nullptr || block == nullptr) return grown;
    std::memcpy(grown, block, std::min(size, ::malloc_usable_size(block)));
    wipe_and_free(block);
    return grown;
}

void openssl_free(void* block, const char* /*file*/, int /*line*/) {
    wipe_and_free(block);
}

}  // namespace

// Strings, vectors and documents of any library hold copies of keys that nobody can name. The
// sanitizers bring their own.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

void* operator new(std::size_t size) {
    void* block = std::malloc(size == 0 ? 1 : size);
    if (block == nullptr) throw std::bad_alloc();
    return block;
}

void operator delete(void* block) noexcept {
    wipe_and_free(block);
}

void operator delete(void* block, std::size_t /*size*/) noexcept {
    wipe_and_free(block);
}

#endif

namespace imprint::cli {

void keep_memory_private() {
    CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free);
    const char* debug = std::getenv("IMPRINT_DEBUG");
    if (debug != nullptr && std::string_view(debug) == "1") return;
    // The limit holds for what is started from here too; a core_pattern that is a pipe does not
    // look at it (core(5)), so that the process has to say no itself.
    rlimit limit{};
    if (::getrlimit(RLIMIT_CORE, &limit) == 0) {
        limit.rlim_cur = 0;
        static_cast<void>(::setrlimit(RLIMIT_CORE, &limit));
    }
    static_cast<void>(::prctl(PR_SET_DUMPABLE, 0));
}

}  // namespace imprint::cli
