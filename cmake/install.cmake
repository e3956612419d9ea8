# make install: programs under the names of docs (nothing generic lands in bin), library, headers, pkg-config, man pages.
include(GNUInstallDirs)

install(TARGETS datarizer_static datarizer_shared
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY pkg/datarizer/include/datarizer DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(TARGETS datarizer_tool userator RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(PROGRAMS $<TARGET_FILE:ingest> DESTINATION ${CMAKE_INSTALL_BINDIR} RENAME datarizer-ingest)
install(FILES cmd/datarizer/datarizer.1 userator/userator.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(PROGRAMS $<TARGET_FILE:api-v1> DESTINATION ${CMAKE_INSTALL_BINDIR} RENAME userator-v1)
install(PROGRAMS $<TARGET_FILE:writer> DESTINATION ${CMAKE_INSTALL_BINDIR} RENAME datarizer-writer)
install(FILES cmd/writer/writer.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 RENAME datarizer-writer.1)
install(FILES cmd/ingest/ingest.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 RENAME datarizer-ingest.1)
install(FILES cmd/api/v1/api-v1.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 RENAME userator-v1.1)
configure_file(cmake/datarizer.pc.in datarizer.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/datarizer.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
