# Takes llama.cpp in without patching it. Our standard and warnings must not reach it: a function has a scope of its own.
function(add_upstream)
  unset(CMAKE_CXX_STANDARD)
  unset(CMAKE_CXX_STANDARD_REQUIRED)
  unset(CMAKE_CXX_EXTENSIONS)

  # ggml asks git for a commit and finds that of whatever repository encloses it; without git it takes ours.
  set(GIT_EXE "" CACHE STRING "Kept empty so that ggml does not ask git" FORCE)
  find_program(GIT_EXECUTABLE NAMES false DOC "A program that fails, so that llama.cpp learns nothing from git")

  set(LLAMA_BUILD_COMMON OFF CACHE BOOL "")
  set(LLAMA_BUILD_TESTS OFF CACHE BOOL "")
  set(LLAMA_BUILD_TOOLS OFF CACHE BOOL "")
  set(LLAMA_BUILD_EXAMPLES OFF CACHE BOOL "")
  set(LLAMA_BUILD_SERVER OFF CACHE BOOL "")
  set(LLAMA_USE_PREBUILT_UI OFF CACHE BOOL "")
  set(LLAMA_OPENSSL OFF CACHE BOOL "")

  # Static libraries are compiled as shared ones are, so that flavors of both kinds find each other's objects in the
  # compiler cache. Outside of Windows these words mean that symbols are seen, which they are anyway.
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  if(NOT WIN32)
    add_compile_definitions(GGML_SHARED GGML_BACKEND_SHARED LLAMA_SHARED)
  endif()

  # `__FILE__` in upstream's assertions tells nothing of where it was compiled, whole or made relative by ccache.
  file(RELATIVE_PATH relative "${CMAKE_BINARY_DIR}" "${LLAMA_CPP_DIR}")
  foreach(path IN ITEMS "${LLAMA_CPP_DIR}" "${relative}")
    add_compile_options("$<$<COMPILE_LANGUAGE:C,CXX>:-fmacro-prefix-map=${path}/=llama.cpp/>")
  endforeach()

  add_subdirectory("${LLAMA_CPP_DIR}" "${CMAKE_BINARY_DIR}/llama.cpp" EXCLUDE_FROM_ALL)
  # The RPC server needs ggml alone; upstream has it only among all of its tools and their library.
  if(GGML_RPC AND NOT TARGET ggml-rpc-server)
    add_subdirectory("${LLAMA_CPP_DIR}/tools/rpc" "${CMAKE_BINARY_DIR}/llama.cpp-rpc" EXCLUDE_FROM_ALL)
  endif()
endfunction()

# Has a group of a target's sources compiled as one: they spend their time on the same headers.
function(compile_together target group)
  set_source_files_properties(${ARGN} PROPERTIES UNITY_GROUP ${group})
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP UNITY_BUILD_RELOCATABLE ON)
endfunction()

# Leaves all but the named ones of upstream's builds for one processor each empty: at run time ggml passes over a library
# that scores nothing. Upstream has no option for it, and fourteen take a quarter of an hour.
function(keep_cpu_variants names)
  foreach(name IN LISTS names)
    if(NOT TARGET ggml-cpu-${name})
      message(FATAL_ERROR "BACKEND_CPU_VARIANTS: there is no variant \"${name}\" for this machine; "
                          "ggml_add_cpu_backend_variant in ${LLAMA_CPP_DIR}/ggml/src/CMakeLists.txt names all")
    endif()
  endforeach()
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/nothing.c" CONTENT "")
  get_property(targets DIRECTORY "${LLAMA_CPP_DIR}/ggml/src" PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    if(type STREQUAL MODULE_LIBRARY AND target MATCHES "^ggml-cpu-(.+)$" AND NOT CMAKE_MATCH_1 IN_LIST names)
      set_target_properties(${target} PROPERTIES SOURCES "${CMAKE_BINARY_DIR}/nothing.c" LINK_LIBRARIES "")
    endif()
  endforeach()
endfunction()

add_upstream()
if(GGML_CPU_ALL_VARIANTS AND BACKEND_CPU_VARIANTS)
  string(REPLACE "," ";" names "${BACKEND_CPU_VARIANTS}")
  keep_cpu_variants("${names}")
endif()
