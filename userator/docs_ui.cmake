# Swagger UI for /docs: fetched once into the build folder, checked, compiled in. Sets docs_ui_sources, and
# docs_ui_definitions when the files are there; a build without them succeeds, and /docs says how to add them.
set(DZR_DOCS_UI_FOLDER "" CACHE PATH "a folder that has Swagger UI's files already: nothing is fetched")
set(docs_ui_sources docs_ui.c)
set(docs_ui_definitions)
if(NOT DZR_DOCS_UI)
  return()
endif()

set(DOCS_UI_FOLDER ${CMAKE_BINARY_DIR}/swagger-ui)
execute_process(
  COMMAND ${CMAKE_SOURCE_DIR}/scripts/fetch-swagger-ui.sh ${DOCS_UI_FOLDER} ${DZR_DOCS_UI_FOLDER}
  RESULT_VARIABLE failed ERROR_VARIABLE why ERROR_STRIP_TRAILING_WHITESPACE)
if(failed)
  message(STATUS "userator is built without Swagger UI: ${why}")
  return()
endif()

enable_language(ASM)
foreach(file CSS=swagger-ui.css JS=swagger-ui-bundle.js ICON=favicon-32x32.png OAUTH2_HTML=oauth2-redirect.html
        OAUTH2_JS=oauth2-redirect.js CSS_GZ=swagger-ui.css.gz JS_GZ=swagger-ui-bundle.js.gz)
  string(REGEX MATCH "^([A-Z0-9_]+)=(.*)$" _ ${file})
  file(SIZE ${DOCS_UI_FOLDER}/${CMAKE_MATCH_2} DOCS_UI_${CMAKE_MATCH_1}_BYTES)
endforeach()
configure_file(docs_ui_files.h.in ${CMAKE_CURRENT_BINARY_DIR}/generated/docs_ui_files.h)
configure_file(docs_ui_files.S.in ${CMAKE_CURRENT_BINARY_DIR}/generated/docs_ui_files.S)
list(APPEND docs_ui_sources ${CMAKE_CURRENT_BINARY_DIR}/generated/docs_ui_files.S)
set(docs_ui_definitions DZR_HAS_DOCS_UI)
