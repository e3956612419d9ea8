# make package: four .deb files by CPack, a component of install.cmake each. Names, versions and dependencies as Debian has them.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME datarizer)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_PACKAGE_CONTACT "datarizer maintainers <maintainers@users.noreply.github.com>")
set(CPACK_DEBIAN_PACKAGE_HOMEPAGE https://github.com/kagenihisomi/gogogo)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_STRIP_FILES ON)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_COMPONENTS_ALL library development tools userator)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)

set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libdatarizer1)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_COMPONENT_LIBRARY_DESCRIPTION
  "Parquet, JSON lines and S3 for C: shared library
Frames in the Arrow layout, Parquet and JSON lines read and written in
bounded memory, files and S3 objects that appear whole or not at all, C
structs as records.")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA
  "${CMAKE_SOURCE_DIR}/packaging/deb/shlibs;${CMAKE_SOURCE_DIR}/packaging/deb/triggers")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libdatarizer-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libdatarizer1 (= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS "libcurl4-openssl-dev, libuv1-dev, libexpat1-dev, libssl-dev, zlib1g-dev, libzstd-dev, liblz4-dev, libbrotli-dev, libsnappy-dev, libsimdjson-dev, libunistring-dev")
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION
  "Parquet, JSON lines and S3 for C: headers and static library
What programs on libdatarizer are built with, by pkg-config or CMake. The
static library needs what this package suggests.")

set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME datarizer)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION utils)
set(CPACK_COMPONENT_TOOLS_DESCRIPTION
  "look into and convert Parquet and JSON lines
datarizer shows and converts files of records, on disk and on S3.
datarizer-ingest pulls every record of a paginated API into a JSON and a
Parquet file, datarizer-writer shows the library at work.")

set(CPACK_DEBIAN_USERATOR_PACKAGE_NAME userator)
set(CPACK_DEBIAN_USERATOR_PACKAGE_SECTION net)
set(CPACK_DEBIAN_USERATOR_PACKAGE_DEPENDS adduser)
foreach(script postinst prerm postrm)
  list(APPEND CPACK_DEBIAN_USERATOR_PACKAGE_CONTROL_EXTRA ${CMAKE_SOURCE_DIR}/packaging/deb/userator/${script})
endforeach()
set(CPACK_COMPONENT_USERATOR_DESCRIPTION
  "user API over HTTP on SQLite
Creates, lists and looks up users; a user that was created is on disk.
Described by OpenAPI, with a page to try it. userator-v1 is the older text
API.")

# Each package has a changelog, the licence, and what of lintian's complaints we live with.
if(DZR_DEB)
  set(changelog ${CMAKE_BINARY_DIR}/packaging/changelog.Debian.gz)
  add_custom_command(OUTPUT ${changelog} DEPENDS ${CMAKE_SOURCE_DIR}/packaging/deb/changelog
    COMMAND sh -c "gzip -9nc '${CMAKE_SOURCE_DIR}/packaging/deb/changelog' >'${changelog}'" VERBATIM)
  add_custom_target(deb_changelog ALL DEPENDS ${changelog})
  foreach(pair library:libdatarizer1 development:libdatarizer-dev tools:datarizer userator:userator)
    string(REPLACE ":" ";" pair ${pair})
    list(GET pair 0 component)
    list(GET pair 1 package)
    install(FILES ${changelog} DESTINATION share/doc/${package} COMPONENT ${component})
    install(FILES packaging/deb/copyright DESTINATION share/doc/${package} COMPONENT ${component})
    install(FILES packaging/deb/lintian/${package} DESTINATION share/lintian/overrides COMPONENT ${component})
  endforeach()
endif()
include(CPack)
