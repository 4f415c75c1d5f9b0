# tidemark_fuzzer(NAME LINKS lib...)
# tests/fuzz/NAME_fuzzer.cc, which defines LLVMFuzzerTestOneInput, with its corpus in tests/fuzz/corpus/NAME.
# With TIDEMARK_FUZZ it is a libFuzzer program, NAME_fuzzer: run it with a scratch folder first and the corpus second,
#   build/fuzz/bin/NAME_fuzzer /tmp/NAME tests/fuzz/corpus/NAME
# Without, it is a program that runs every file of the corpus, and CTest runs that as fuzz.NAME.
function(tidemark_fuzzer name)
  cmake_parse_arguments(arg "" "" "LINKS" ${ARGN})
  set(target ${name}_fuzzer)
  add_executable(${target} ${name}_fuzzer.cc)
  target_link_libraries(${target} PRIVATE ${arg_LINKS} tidemark_compile_options)
  if(TIDEMARK_FUZZ)
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(${target} PRIVATE corpus_main.cc)
    add_test(NAME fuzz.${name} COMMAND ${target} ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
    set_tests_properties(fuzz.${name} PROPERTIES LABELS unit TIMEOUT 300)
  endif()
endfunction()
