# imprint_create_partition_image(PARTITION DIRECTORY [FLASH_IN_PROJECT] [READ_ONLY] [DEPENDS target…])
#
# Makes the SPIFFS image of a folder during the build, as ESP-IDF's spiffs_create_partition_image
# does, with `imprint image spiffs` in place of spiffsgen.py: the same bytes on every machine, and an
# error at build time for what would not mount. All settings of the SPIFFS menu that shape an image are
# passed on, also CONFIG_SPIFFS_USE_MAGIC_LENGTH when it is off.
#
#   FLASH_IN_PROJECT  `idf.py flash` writes it too; else only `idf.py PARTITION-flash` does
#   READ_ONLY         the device never writes: the partition may be filled to the last page
function(imprint_create_partition_image partition directory)
    cmake_parse_arguments(arg "FLASH_IN_PROJECT;READ_ONLY" "" "DEPENDS" ${ARGN})
    find_program(IMPRINT_PROGRAM imprint)
    set(target imprint_${partition}_bin)
    partition_table_get_partition_info(size "--partition-name ${partition}" "size")
    partition_table_get_partition_info(offset "--partition-name ${partition}" "offset")
    if(NOT size OR NOT offset)
        fail_at_build_time(${target} "the partition table has no partition '${partition}'")
        return()
    endif()
    if(NOT IMPRINT_PROGRAM)
        fail_at_build_time(${target} "the program 'imprint' is not in PATH; set IMPRINT_PROGRAM to it")
        return()
    endif()

    set(options
        --page-size=${CONFIG_SPIFFS_PAGE_SIZE}
        --obj-name-len=${CONFIG_SPIFFS_OBJ_NAME_LEN}
        --meta-len=${CONFIG_SPIFFS_META_LENGTH})
    if(CONFIG_SPIFFS_USE_MAGIC)
        list(APPEND options --use-magic)
    else()
        list(APPEND options --no-magic)
    endif()
    if(CONFIG_SPIFFS_USE_MAGIC_LENGTH)
        list(APPEND options --use-magic-len)
    else()
        list(APPEND options --no-magic-len)
    endif()
    if(CONFIG_SPIFFS_FOLLOW_SYMLINKS)
        list(APPEND options --follow-symlinks)
    endif()
    if(arg_READ_ONLY)
        list(APPEND options --read-only)
    endif()

    # Always made anew: CMake cannot watch what is in a folder.
    get_filename_component(source ${directory} ABSOLUTE)
    set(image ${CMAKE_BINARY_DIR}/${partition}.bin)
    add_custom_target(${target} ALL
        COMMAND ${IMPRINT_PROGRAM} image spiffs ${size} ${source} ${image} ${options}
        DEPENDS ${arg_DEPENDS}
        VERBATIM)
    set_property(DIRECTORY APPEND PROPERTY ADDITIONAL_CLEAN_FILES ${image})

    # SPIFFS knows no flash encryption: the image is written as it is.
    if(COMMAND esp_partition_register_target)
        set(flash)
        if(arg_FLASH_IN_PROJECT)
            set(flash FLASH_IN_PROJECT)
        endif()
        esp_partition_register_target(${partition} "${image}" ALWAYS_PLAINTEXT DEPENDS ${target} ${flash})
        return()
    endif()
    # ESP-IDF before 6.1 has the parts of that function only.
    idf_component_get_property(main_arguments esptool_py FLASH_ARGS)
    idf_component_get_property(sub_arguments esptool_py FLASH_SUB_ARGS)
    esptool_py_flash_target(${partition}-flash "${main_arguments}" "${sub_arguments}" ALWAYS_PLAINTEXT)
    esptool_py_flash_to_partition(${partition}-flash "${partition}" "${image}")
    add_dependencies(${partition}-flash ${target})
    if(arg_FLASH_IN_PROJECT)
        esptool_py_flash_to_partition(flash "${partition}" "${image}")
        add_dependencies(flash ${target})
    endif()
endfunction()
