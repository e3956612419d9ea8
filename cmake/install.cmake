# make install: programs under the names of docs (nothing generic lands in bin), library, headers, pkg-config, CMake
# package, man pages, completions, the service. The components are the packages of package.cmake.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# ---- the library, and what one builds with ----
install(TARGETS datarizer_shared EXPORT datarizer
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library NAMELINK_COMPONENT development
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS datarizer_static ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(DIRECTORY pkg/datarizer/include/datarizer DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development
  FILES_MATCHING PATTERN "*.h")

file(RELATIVE_PATH DZR_PC_UP "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/") # so that an installed tree may move
string(REGEX REPLACE "/$" "" DZR_PC_UP "${DZR_PC_UP}")
configure_file(cmake/datarizer.pc.in datarizer.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/datarizer.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)

# find_package(datarizer) gives datarizer::datarizer, the shared library; for the static one there is pkg-config --static.
set_target_properties(datarizer_shared PROPERTIES EXPORT_NAME datarizer)
set(cmake_folder ${CMAKE_INSTALL_LIBDIR}/cmake/datarizer)
install(EXPORT datarizer NAMESPACE datarizer:: FILE datarizerConfig.cmake DESTINATION ${cmake_folder}
  COMPONENT development)
write_basic_package_version_file(datarizerConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/datarizerConfigVersion.cmake DESTINATION ${cmake_folder} COMPONENT development)

# ---- the programs ----
install(TARGETS datarizer_tool RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT tools)
install(TARGETS userator RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT userator)
install(PROGRAMS $<TARGET_FILE:ingest> DESTINATION ${CMAKE_INSTALL_BINDIR} RENAME datarizer-ingest COMPONENT tools)
install(PROGRAMS $<TARGET_FILE:writer> DESTINATION ${CMAKE_INSTALL_BINDIR} RENAME datarizer-writer COMPONENT tools)
install(PROGRAMS $<TARGET_FILE:api-v1> DESTINATION ${CMAKE_INSTALL_BINDIR} RENAME userator-v1 COMPONENT userator)

# dzr_man(FILE NAME COMPONENT): a man page under its installed name; Debian's packages have it compressed.
function(dzr_man file name component)
  get_filename_component(section ${name} LAST_EXT)
  string(SUBSTRING ${section} 1 -1 section)
  set(page ${CMAKE_SOURCE_DIR}/${file})
  if(DZR_DEB)
    set(compressed ${CMAKE_BINARY_DIR}/packaging/${name}.gz)
    add_custom_command(OUTPUT ${compressed} DEPENDS ${page} COMMAND sh -c "gzip -9nc '${page}' >'${compressed}'" VERBATIM)
    add_custom_target(man_${name} ALL DEPENDS ${compressed})
    set(page ${compressed})
    string(APPEND name .gz)
  endif()
  install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} RENAME ${name} COMPONENT ${component})
endfunction()
dzr_man(cmd/datarizer/datarizer.1 datarizer.1 tools)
dzr_man(cmd/ingest/ingest.1 datarizer-ingest.1 tools)
dzr_man(cmd/writer/writer.1 datarizer-writer.1 tools)
dzr_man(userator/userator.1 userator.1 userator)
dzr_man(cmd/api/v1/api-v1.1 userator-v1.1 userator)
file(GLOB man3 RELATIVE ${CMAKE_SOURCE_DIR} CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/man/*.3)
foreach(page IN LISTS man3)
  get_filename_component(name ${page} NAME)
  dzr_man(${page} ${name} development)
endforeach()

# ---- around them ----
install(FILES packaging/completions/datarizer.bash RENAME datarizer
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT tools)
install(FILES packaging/completions/datarizer.zsh RENAME _datarizer
  DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions COMPONENT tools)
configure_file(packaging/userator.service.in userator.service @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/userator.service DESTINATION lib/systemd/system COMPONENT userator)

include(cmake/package.cmake)
