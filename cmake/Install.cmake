# Where `cmake --install` puts things: the program, what it looks for beside itself (base/resources.h), the service, the
# rule for serial ports, the firmware's component and the documentation. scripts/package makes the packages of it.
include(GNUInstallDirs)

# The program looks in ../lib/imprint from its own folder, whatever a distribution calls its library folders.
set(resources lib/imprint)
install(TARGETS imprint RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS imprint_mosquitto LIBRARY DESTINATION ${resources})
install(DIRECTORY ${CMAKE_SOURCE_DIR}/node_modules/esptool-js/lib/targets/stub_flasher
    DESTINATION ${resources} FILES_MATCHING PATTERN "*.json")

install(FILES packaging/systemd/imprint-station.service DESTINATION lib/systemd/system)
install(FILES packaging/udev/60-imprint.rules DESTINATION lib/udev/rules.d)

# The same folders as here, for the example finds the component by the way from one to the other.
install(DIRECTORY firmware/components firmware/examples DESTINATION ${CMAKE_INSTALL_DATADIR}/imprint/firmware
    PATTERN build EXCLUDE
    PATTERN managed_components EXCLUDE
    PATTERN __pycache__ EXCLUDE
    PATTERN dependencies.lock EXCLUDE
    PATTERN sdkconfig EXCLUDE
    PATTERN sdkconfig.old EXCLUDE)
install(FILES firmware/README.md firmware/CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DATADIR}/imprint/firmware)

install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} PATTERN site EXCLUDE)
install(FILES CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES packaging/etc/imprint.toml DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)

# Pages of the manual, and what shells complete, where they have been made: scripts/package does.
foreach(section 1 5)
    install(DIRECTORY ${CMAKE_BINARY_DIR}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section}
        OPTIONAL FILES_MATCHING PATTERN "*.${section}")
endforeach()
set(completions ${CMAKE_BINARY_DIR}/completions)
install(FILES ${completions}/bash/imprint DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions OPTIONAL)
install(FILES ${completions}/zsh/_imprint DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions OPTIONAL)
install(FILES ${completions}/fish/imprint.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d OPTIONAL)

# Whose code is in the program, and asks that its licence comes along. Boost's does not.
set(licences ${CMAKE_INSTALL_DOCDIR}/licences)
foreach(module preact esptool-js @fontsource-variable/inter)
    get_filename_component(name ${module} NAME)
    install(FILES ${CMAKE_SOURCE_DIR}/node_modules/${module}/LICENSE DESTINATION ${licences} RENAME ${name}.txt)
endforeach()
foreach(package libcli11-dev libtomlplusplus-dev nlohmann-json3-dev)
    install(FILES /usr/share/doc/${package}/copyright DESTINATION ${licences} RENAME ${package}.txt OPTIONAL)
endforeach()
