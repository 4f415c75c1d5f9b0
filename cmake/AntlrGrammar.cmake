# antlr_grammar(TARGET FOLDER folder NAME name NAMESPACE ns)
# Generates <name>Lexer and <name>Parser from <name>Lexer.g4 and <name>Parser.g4 in FOLDER at build time, as
# a library of its own, because generated code is compiled with its own flags: it has char8_t literals where the runtime
# wants char, and warnings. TARGET_INCLUDES is then set to the compile options that bring the generated headers and
# ANTLR's into reach; FOLDER/antlr comes before them (see there why).
function(antlr_grammar target)
  cmake_parse_arguments(arg "" "NAME;NAMESPACE;FOLDER" "" ${ARGN})
  find_program(ANTLR4 antlr4 REQUIRED)
  set(folder ${CMAKE_CURRENT_SOURCE_DIR}/${arg_FOLDER})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${target})
  set(antlr ${ANTLR4} -Dlanguage=Cpp -no-listener -no-visitor -package ${arg_NAMESPACE} -Xexact-output-dir -Werror
            -lib ${out} -o ${out})
  file(MAKE_DIRECTORY ${out})
  add_custom_command(
    OUTPUT ${out}/${arg_NAME}Lexer.cpp ${out}/${arg_NAME}Lexer.h ${out}/${arg_NAME}Lexer.tokens
    COMMAND ${antlr} ${folder}/${arg_NAME}Lexer.g4
    DEPENDS ${folder}/${arg_NAME}Lexer.g4
    VERBATIM)
  add_custom_command(
    OUTPUT ${out}/${arg_NAME}Parser.cpp ${out}/${arg_NAME}Parser.h
    COMMAND ${antlr} ${folder}/${arg_NAME}Parser.g4
    DEPENDS ${folder}/${arg_NAME}Parser.g4 ${out}/${arg_NAME}Lexer.tokens
    VERBATIM)
  add_library(${target} STATIC ${out}/${arg_NAME}Lexer.cpp ${out}/${arg_NAME}Parser.cpp)
  target_include_directories(${target} SYSTEM PUBLIC ${folder}/antlr ${out} /usr/include/antlr4-runtime)
  set(${target}_INCLUDES -isystem ${folder}/antlr -isystem ${out} -isystem /usr/include/antlr4-runtime PARENT_SCOPE)
  target_compile_options(${target} PRIVATE -w -fno-char8_t)
  target_link_libraries(${target} PUBLIC antlr4_shared)
endfunction()
