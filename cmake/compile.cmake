# Warnings, sanitizers and features that every C and C++ file of ours is compiled with.
add_library(dzr_compile INTERFACE)
target_compile_options(dzr_compile INTERFACE -Wall -Wextra -Wconversion -Wshadow -Werror -fno-strict-aliasing
  $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes>
  $<$<COMPILE_LANGUAGE:C>:-Wmissing-prototypes>)
target_compile_definitions(dzr_compile INTERFACE _GNU_SOURCE DZR_VERSION="${PROJECT_VERSION}")
target_include_directories(dzr_compile INTERFACE
  ${CMAKE_SOURCE_DIR}/pkg/datarizer ${CMAKE_SOURCE_DIR}/pkg/datarizer/include)
if(DZR_SANITIZE)
  target_compile_options(dzr_compile INTERFACE -fsanitize=${DZR_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(dzr_compile INTERFACE -fsanitize=${DZR_SANITIZE})
endif()
if(DZR_FUZZ)
  target_compile_options(dzr_compile INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(DZR_COVERAGE)
  target_compile_options(dzr_compile INTERFACE --coverage)
  target_link_options(dzr_compile INTERFACE --coverage)
endif()
