# A room is a folder of the library. It is built on its own, so that a test links just the rooms it says it needs.

# dzr_room(name FILES ... ROOMS ... LIBS ...): room `name`, the rooms it stands on, the outside libraries it uses.
function(dzr_room name)
  cmake_parse_arguments(arg "" "" "FILES;ROOMS;LIBS" ${ARGN})
  list(TRANSFORM arg_ROOMS PREPEND room_)
  add_library(objects_${name} OBJECT ${arg_FILES})
  target_link_libraries(objects_${name} PRIVATE dzr_compile ${arg_LIBS})
  add_library(room_${name} STATIC $<TARGET_OBJECTS:objects_${name}>)
  target_link_libraries(room_${name} PUBLIC ${arg_ROOMS} ${arg_LIBS} dzr_compile)
endfunction()

# dzr_program(name FILES ... LIBS ...): a program in build/bin; it sees the public headers of the library and no others.
function(dzr_program name)
  cmake_parse_arguments(arg "" "" "FILES;LIBS" ${ARGN})
  add_executable(${name} ${arg_FILES})
  target_link_libraries(${name} PRIVATE datarizer dzr_compile ${arg_LIBS})
endfunction()

# dzr_test(name FILES ... ROOMS ... LIBS ...): a cmocka program that ctest runs as `name`.
function(dzr_test name)
  cmake_parse_arguments(arg "" "" "FILES;ROOMS;LIBS" ${ARGN})
  list(TRANSFORM arg_ROOMS PREPEND room_)
  add_executable(test_${name} ${arg_FILES})
  target_link_libraries(test_${name} PRIVATE ${arg_ROOMS} ${arg_LIBS} dzr_compile PkgConfig::CMOCKA)
  target_include_directories(test_${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  set_target_properties(test_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND test_${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES TIMEOUT 120)
endfunction()

# dzr_fuzz(name FILES ... ROOMS ...): fuzz/<name>.c. With DZR_FUZZ a libFuzzer program; otherwise the same entry point
# behind a small main that replays the corpus, and ctest runs it as `fuzz_<name>`.
function(dzr_fuzz name)
  cmake_parse_arguments(arg "" "" "FILES;ROOMS;LIBS" ${ARGN})
  list(TRANSFORM arg_ROOMS PREPEND room_)
  add_executable(fuzz_${name} ${arg_FILES})
  target_link_libraries(fuzz_${name} PRIVATE ${arg_ROOMS} ${arg_LIBS} dzr_compile)
  set_target_properties(fuzz_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz LINKER_LANGUAGE CXX)
  if(DZR_FUZZ)
    target_compile_definitions(fuzz_${name} PRIVATE DZR_LIBFUZZER)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(fuzz_${name} PRIVATE ${CMAKE_SOURCE_DIR}/fuzz/replay_main.c)
    add_test(NAME fuzz_${name} COMMAND fuzz_${name} ${CMAKE_SOURCE_DIR}/fuzz/corpus/${name})
    set_tests_properties(fuzz_${name} PROPERTIES TIMEOUT 120)
  endif()
endfunction()

# dzr_pytest(name FILE... [TIMEOUT SECONDS] [LABELS ...] [ENVIRONMENT NAME=VALUE ...] [OPTIONS ...]): pytest over files of the
# folder at hand, which ctest runs as `name`, labelled `python` besides.
set(DZR_PYTHON python3 CACHE STRING "the Python that has tests/requirements.txt")
function(dzr_pytest name)
  cmake_parse_arguments(arg "" "TIMEOUT" "LABELS;ENVIRONMENT;OPTIONS" ${ARGN})
  add_test(NAME ${name} COMMAND ${DZR_PYTHON} -m pytest -q -p no:cacheprovider ${arg_OPTIONS} ${arg_UNPARSED_ARGUMENTS}
    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "python;${arg_LABELS}"
    ENVIRONMENT "DZR_SANITIZE=${DZR_SANITIZE};PYTHONDONTWRITEBYTECODE=1;${arg_ENVIRONMENT}")
endfunction()
