# tidemark_git_info(VARIABLE argument...): what git says of the source tree, "unknown" where it cannot.
function(tidemark_git_info variable)
  execute_process(COMMAND git ${ARGN} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} OUTPUT_VARIABLE out
                  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(failed OR out STREQUAL "")
    set(out unknown)
  endif()
  set(${variable} "${out}" PARENT_SCOPE)
endfunction()

# Passes version and revision to the one file that wants them, so that a commit rebuilds no other.
function(tidemark_build_info file)
  tidemark_git_info(revision rev-parse HEAD)
  tidemark_git_info(branch rev-parse --abbrev-ref HEAD)
  tidemark_git_info(date log -1 --format=%cI)
  set_source_files_properties(${file} PROPERTIES SKIP_PRECOMPILE_HEADERS ON COMPILE_DEFINITIONS
    "TIDEMARK_VERSION=\"${PROJECT_VERSION}\";TIDEMARK_REVISION=\"${revision}\";TIDEMARK_BRANCH=\"${branch}\";TIDEMARK_BUILD_DATE=\"${date}\"")
endfunction()
