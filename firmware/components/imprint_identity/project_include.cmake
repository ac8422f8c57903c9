# imprint_create_partition_image(PARTITION SOURCE [FLASH_IN_PROJECT] [READ_ONLY] [KEYS file] [VERSION 1|2]
#                                [DEPENDS target…])
#
# Makes a partition's image during the build: the same bytes on every machine, and an error at build time
# for what a device would not read.
#
# Where SOURCE is a folder, a SPIFFS image, as ESP-IDF's spiffs_create_partition_image does, with
# `imprint image spiffs` in place of spiffsgen.py. All settings of the SPIFFS menu that shape an image are
# passed on, also CONFIG_SPIFFS_USE_MAGIC_LENGTH when it is off.
#
# Where SOURCE is a file, an NVS partition of the rows in that CSV, as nvs_create_partition_image does, with
# `imprint image nvs` in place of nvs_partition_gen.py.
#
#   FLASH_IN_PROJECT  `idf.py flash` writes it too; else only `idf.py PARTITION-flash` does
#   READ_ONLY         SPIFFS: the device never writes: the partition may be filled to the last page
#   KEYS              NVS: encrypted, with the keys in this file (`imprint image nvs generate-key`)
#   VERSION           NVS: 1 is without blobs of several pages; the default is 2

# What `imprint image spiffs` is told of this firmware's settings.
function(imprint_spiffs_options into is_read_only)
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
    if(is_read_only)
        list(APPEND options --read-only)
    endif()
    set(${into} ${options} PARENT_SCOPE)
endfunction()

function(imprint_create_partition_image partition source)
    cmake_parse_arguments(arg "FLASH_IN_PROJECT;READ_ONLY" "KEYS;VERSION" "DEPENDS" ${ARGN})
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

    # Always made anew: CMake cannot watch what is in a folder, nor the files that a CSV names.
    get_filename_component(source ${source} ABSOLUTE)
    set(image ${CMAKE_BINARY_DIR}/${partition}.bin)
    if(IS_DIRECTORY ${source})
        imprint_spiffs_options(options "${arg_READ_ONLY}")
        set(command image spiffs ${size} ${source} ${image} ${options})
    else()
        set(command image nvs generate ${source} ${image} ${size})
        if(arg_KEYS)
            get_filename_component(keys ${arg_KEYS} ABSOLUTE)
            set(command image nvs encrypt ${source} ${image} ${size} --inputkey ${keys})
        endif()
        if(arg_VERSION)
            list(APPEND command --version ${arg_VERSION})
        endif()
    endif()
    add_custom_target(${target} ALL
        COMMAND ${IMPRINT_PROGRAM} ${command}
        DEPENDS ${arg_DEPENDS}
        VERBATIM)
    set_property(DIRECTORY APPEND PROPERTY ADDITIONAL_CLEAN_FILES ${image})

    # SPIFFS knows no flash encryption, and NVS has its own: the image is written as it is.
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
