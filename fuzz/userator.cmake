# Parsers of userator.
dzr_fuzz(query_string FILES query_string.c ROOMS base LIBS userator_rules)
dzr_fuzz(user_body FILES user_body.c ROOMS base LIBS userator_rules)
foreach(target query_string user_body)
  target_include_directories(fuzz_${target} PRIVATE ${CMAKE_SOURCE_DIR}/userator)
endforeach()
