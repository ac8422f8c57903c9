# One library target a layer. A layer sees src/ as its include root, but only through the targets it
# links: each layer's headers are reachable under build/include/<layer>, a link to its own folder, so
# including a layer that is not in DEPENDS does not compile.
#
#   imprint_layer(NAME  [SOURCES a.cpp …] [DEPENDS layer …] [LIBRARIES public-lib …] [PRIVATE lib …])
#   imprint_test(LAYER  [NAME suffix] SOURCES a_test.cpp … [LIBRARIES …])

add_library(imprint_warnings INTERFACE)
target_compile_options(imprint_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
    $<$<CXX_COMPILER_ID:Clang>:-Wno-missing-designated-field-initializers>
    -Woverloaded-virtual -Wcast-align -Wformat=2 -Wimplicit-fallthrough -Werror
    # g++ 12 sees overlaps in std::string's operator+ that are not there (GCC bug 105651).
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
add_library(imprint_options INTERFACE)
target_link_libraries(imprint_options INTERFACE imprint_warnings)
target_compile_definitions(imprint_options INTERFACE $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)
if(IMPRINT_SANITIZE)
    target_compile_options(imprint_options INTERFACE
        -fsanitize=${IMPRINT_SANITIZE}
        $<$<BOOL:${IMPRINT_FUZZ}>:-fsanitize=fuzzer-no-link> -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(imprint_options INTERFACE -fsanitize=${IMPRINT_SANITIZE})
endif()

function(imprint_layer name)
    cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;LIBRARIES;PRIVATE" ${ARGN})
    add_library(imprint_${name} STATIC ${ARG_SOURCES})
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

function(imprint_test layer)
    cmake_parse_arguments(ARG "" "NAME" "SOURCES;LIBRARIES" ${ARGN})
    set(target ${layer}_tests)
    if(ARG_NAME)
        set(target ${layer}_${ARG_NAME}_tests)
    endif()
    add_executable(${target} ${ARG_SOURCES})
    target_link_libraries(${target} PRIVATE
        imprint_options imprint::${layer} ${ARG_LIBRARIES} GTest::gmock GTest::gtest_main)
    target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
    # Tests are compiled more often than they run: what they test is optimised, they are not.
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O0>)
    target_compile_definitions(${target} PRIVATE
        IMPRINT_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/data" IMPRINT_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    gtest_discover_tests(${target} TEST_PREFIX ${layer}/ DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300)
endfunction()
