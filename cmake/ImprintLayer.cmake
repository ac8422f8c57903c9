# One library target a layer. A layer sees src/ as its include root, but only through the targets it
# links: each layer's headers are reachable under build/include/<layer>, a link to its own folder, so
# including a layer that is not in DEPENDS does not compile.
#
#   imprint_layer(NAME  [COMPUTES] [JSON] [SOURCES a.cpp …] [APART b.cpp …] [DEPENDS layer …]
#                       [LIBRARIES public-lib …] [PRIVATE lib …])
#   imprint_test(LAYER  [NAME suffix] [SHARDS number] [COST seconds] SOURCES a_test.cpp … [LIBRARIES …])
#
# SHARDS: as how many entries its tests run, side by side. COST: what an entry takes, where that is long:
# ctest begins with the longest. On a machine without the
# times of a former run it would take them as they come, and wait for the last one alone.
#
# COMPUTES: the layer has loops over bytes that `make bench` measures; Release optimises it in full. The
# others wait for lines, requests and disks: for them -Og compiles in half of the time.
# JSON: most of its sources read or write JSON.
# APART: sources that are compiled one by one, where IMPRINT_UNITY compiles the others several at once.

# Several sources at once parse and instantiate what they share once: half of the time of a whole build.
# scripts/tidy looks at each by itself: there, a name of its neighbour's is not to be seen.
option(IMPRINT_UNITY "Compile the sources of a layer several at once" ON)
if(IMPRINT_UNITY AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    set(imprint_shadow -Wshadow=local -Wno-subobject-linkage)
else()
    set(imprint_shadow -Wshadow)
endif()

add_library(imprint_warnings INTERFACE)
target_compile_options(imprint_warnings INTERFACE
    -Wall -Wextra -Wpedantic ${imprint_shadow} -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
    $<$<CXX_COMPILER_ID:Clang>:-Wno-missing-designated-field-initializers>
    -Woverloaded-virtual -Wcast-align -Wformat=2 -Wimplicit-fallthrough
    $<$<BOOL:${IMPRINT_WARNINGS_ARE_ERRORS}>:-Werror>
    # g++ 12 sees overlaps in std::string's operator+ that are not there (GCC bug 105651).
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
add_library(imprint_options INTERFACE)
target_link_libraries(imprint_options INTERFACE imprint_warnings)
# An index past the end or an empty optional ends the program, instead of giving what lies there.
target_compile_definitions(imprint_options INTERFACE _GLIBCXX_ASSERTIONS)
# A char has a sign on x86, where all tests run, and none on ARM: there it gets one, so that both do the same.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
    target_compile_options(imprint_options INTERFACE -fsigned-char)
endif()
if(IMPRINT_SANITIZE)
    target_compile_options(imprint_options INTERFACE
        -fsanitize=${IMPRINT_SANITIZE}
        # As small and quick as its reports allow: the tests run ten times as long as it is.
        $<$<CONFIG:Debug>:-O1 -g1>
        $<$<BOOL:${IMPRINT_FUZZ}>:-fsanitize=fuzzer-no-link> -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(imprint_options INTERFACE -fsanitize=${IMPRINT_SANITIZE})
endif()

# What nearly every source includes is parsed once, not once a source: half of the time of a build.
# Only headers of the system, so that a layer still sees no other layer's. Each source includes what it
# needs all the same: scripts/tidy looks at it without these.
set(imprint_headers
    <algorithm> <array> <atomic> <charconv> <chrono> <condition_variable> <cstdint> <expected>
    <filesystem> <functional> <map> <memory> <mutex> <optional> <set> <span> <stop_token> <string>
    <string_view> <system_error> <thread> <utility> <variant> <vector> <fmt/format.h> <fmt/ranges.h>)
set(imprint_json_headers ${imprint_headers} <nlohmann/json.hpp>)
set(imprint_test_headers ${imprint_json_headers} <gmock/gmock.h> <gtest/gtest.h>)
# ccache needs it to cache what uses them.
target_compile_options(imprint_options INTERFACE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fpch-preprocess>)

# The first target with this list of headers and these options compiles them; the others use them.
# OPTIONS names what all of them have in common.
function(imprint_precompile target list options)
    get_property(owner GLOBAL PROPERTY ${list}_${options})
    if(owner)
        target_precompile_headers(${target} REUSE_FROM ${owner})
    else()
        target_precompile_headers(${target} PRIVATE ${${list}})
        set_property(GLOBAL PROPERTY ${list}_${options} ${target})
    endif()
endfunction()

# How a product's target is optimised and hardened, and what is parsed for it ahead.
function(imprint_build_as target computes json)
    imprint_harden(${target})
    # The plug-in links some layers, and shows the broker nothing of them.
    set_target_properties(${target} PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
    if(computes)
        set(options computes)
    else()
        set(options waits)
        target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-Og>)
    endif()
    if(json)
        imprint_precompile(${target} imprint_json_headers ${options})
    else()
        imprint_precompile(${target} imprint_headers ${options})
    endif()
endfunction()

# For a layer whose macros name their source file (OpenSSL's do, to its allocator): by its path in the project, so that
# the program has the same bytes wherever it is built. tests/package looks whether a path is left.
function(imprint_hide_paths target)
    target_compile_options(${target} PRIVATE -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
endfunction()

function(imprint_layer name)
    cmake_parse_arguments(ARG "COMPUTES;JSON" "" "SOURCES;APART;DEPENDS;LIBRARIES;PRIVATE" ${ARGN})
    add_library(imprint_${name} STATIC ${ARG_SOURCES} ${ARG_APART})
    set_target_properties(imprint_${name} PROPERTIES UNITY_BUILD ${IMPRINT_UNITY} UNITY_BUILD_BATCH_SIZE 8)
    set_source_files_properties(${ARG_APART} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    imprint_build_as(imprint_${name} "${ARG_COMPUTES}" "${ARG_JSON}")
    add_library(imprint::${name} ALIAS imprint_${name})
    set(root ${CMAKE_BINARY_DIR}/include/${name})
    file(MAKE_DIRECTORY ${root})
    file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${root}/${name} SYMBOLIC)
    target_include_directories(imprint_${name} PUBLIC ${root})
    target_link_libraries(imprint_${name} PRIVATE imprint_options ${ARG_PRIVATE})
    target_link_libraries(imprint_${name} PUBLIC ${ARG_LIBRARIES})
    foreach(layer ${ARG_DEPENDS})
        target_link_libraries(imprint_${name} PUBLIC imprint::${layer})
    endforeach()
endfunction()

# One ctest entry a program, or SHARDS of them: a process of its own for each of three thousand tests
# takes longer than the tests, and pays for what a suite sets up once each time.
function(imprint_run_tests target name shards cost)
    # A sanitizer takes ten times as long.
    set(timeout 300)
    if(IMPRINT_SANITIZE)
        set(timeout 3000)
    endif()
    math(EXPR last "${shards} - 1")
    foreach(shard RANGE ${last})
        set(entry ${name})
        if(shards GREATER 1)
            math(EXPR number "${shard} + 1")
            set(entry ${name}/${number}_of_${shards})
        endif()
        add_test(NAME ${entry} COMMAND ${target} --gtest_brief=1)
        set_tests_properties(${entry} PROPERTIES TIMEOUT ${timeout} COST ${cost}
            ENVIRONMENT "GTEST_TOTAL_SHARDS=${shards};GTEST_SHARD_INDEX=${shard}")
    endforeach()
endfunction()

function(imprint_test layer)
    cmake_parse_arguments(ARG "" "NAME;COST;SHARDS" "SOURCES;LIBRARIES" ${ARGN})
    if(NOT ARG_COST)
        set(ARG_COST 0)
    endif()
    if(NOT ARG_SHARDS)
        set(ARG_SHARDS 1)
    endif()
    set(target ${layer}_tests)
    set(entry ${layer})
    if(ARG_NAME)
        set(target ${layer}_${ARG_NAME}_tests)
        set(entry ${layer}/${ARG_NAME})
    endif()
    add_executable(${target} ${ARG_SOURCES})
    set_target_properties(${target} PROPERTIES UNITY_BUILD ${IMPRINT_UNITY} UNITY_BUILD_BATCH_SIZE 8)
    target_link_libraries(${target} PRIVATE
        imprint_options imprint::${layer} ${ARG_LIBRARIES} GTest::gmock GTest::gtest_main)
    target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
    # Tests are compiled more often than they run: what they test is optimised, they are not.
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O0>)
    imprint_precompile(${target} imprint_test_headers test)
    target_compile_definitions(${target} PRIVATE
        IMPRINT_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/data" IMPRINT_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    imprint_run_tests(${target} ${entry} ${ARG_SHARDS} ${ARG_COST})
endfunction()
