# How a product's target is hardened: imprint_harden(TARGET). The program parses certificates, policies and
# whatever a board says, and has keys in its memory. The flags are those that OpenSSF names for C++ in its
# "Compiler Options Hardening Guide for C and C++"; tests/hardening shows that what is built has them.
#
# Not in Debug, for fortified calls need an optimised build, and not beside a sanitizer, which looks closer
# and has calls of its own in their places.
include(CheckCXXCompilerFlag)
include(CheckPIESupported)
check_pie_supported(LANGUAGES CXX)  # without it CMake compiles as PIE, and links as the compiler likes

set(IMPRINT_HARDENED OFF)
if(NOT CMAKE_BUILD_TYPE STREQUAL Debug AND NOT IMPRINT_SANITIZE)
    set(IMPRINT_HARDENED ON)
endif()

add_library(imprint_hardening INTERFACE)
if(IMPRINT_HARDENED)
    target_compile_options(imprint_hardening INTERFACE
        # A distribution's compiler may define it too, lower.
        -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
        -fstack-protector-strong -fstack-clash-protection)
    # Where an indirect jump may land, and that a return goes back: each architecture has its own, or none.
    foreach(flag -fcf-protection=full -mbranch-protection=standard)
        string(MAKE_C_IDENTIFIER "IMPRINT_HAS${flag}" known)
        check_cxx_compiler_flag(${flag} ${known})
        if(${known})
            target_compile_options(imprint_hardening INTERFACE ${flag})
        endif()
    endforeach()
    target_link_options(imprint_hardening INTERFACE
        LINKER:-z,relro LINKER:-z,now LINKER:-z,noexecstack)
endif()

function(imprint_harden target)
    target_link_libraries(${target} PRIVATE imprint_hardening)
endfunction()
