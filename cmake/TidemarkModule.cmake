include(GoogleTest)

# The headers nearly every source of ours includes anyway; compiled once per target.
set(TIDEMARK_PRECOMPILED <algorithm> <atomic> <chrono> <functional> <map> <memory> <optional> <span> <string>
    <string_view> <unordered_map> <utility> <variant> <vector>
    <absl/container/flat_hash_map.h> <absl/status/statusor.h> <absl/strings/str_cat.h>
    <absl/synchronization/mutex.h>)

# tidemark_module(NAME [LINKS lib...] [PRIVATE_LINKS lib...])
# One folder, one library `tidemark_NAME`: every .cc below the folder that is neither *_test.cc nor *_benchmark.cc nor
# main.cc, which is for a program beside it.
# The *_test.cc become one program, NAME_tests, whose cases CTest lists as NAME.Suite.Case.
function(tidemark_module name)
  cmake_parse_arguments(arg "" "" "LINKS;PRIVATE_LINKS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS *.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "(_(test|benchmark)|/main)\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")

  add_library(tidemark_${name} STATIC ${sources})
  target_link_libraries(tidemark_${name}
    PUBLIC ${arg_LINKS} PRIVATE ${arg_PRIVATE_LINKS} tidemark_compile_options)
  target_include_directories(tidemark_${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_precompile_headers(tidemark_${name} PRIVATE ${TIDEMARK_PRECOMPILED})

  if(TIDEMARK_TESTS AND tests)
    tidemark_test(${name}_tests SOURCES ${tests} LINKS tidemark_${name})
  endif()
endfunction()

# tidemark_test(NAME SOURCES file... LINKS lib... [LABELS label...])
function(tidemark_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS;LABELS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LINKS} tidemark_testing GTest::gmock GTest::gtest_main
                        tidemark_compile_options)
  target_precompile_headers(${name} PRIVATE ${TIDEMARK_PRECOMPILED} <gtest/gtest.h>)
  string(REGEX REPLACE "_tests$" "" prefix ${name})
  gtest_discover_tests(${name} TEST_PREFIX ${prefix}. DISCOVERY_TIMEOUT 120
                       WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
                       PROPERTIES LABELS "unit;${arg_LABELS}" TIMEOUT 300)
endfunction()
