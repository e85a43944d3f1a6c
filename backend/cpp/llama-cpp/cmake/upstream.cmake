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

  add_subdirectory("${LLAMA_CPP_DIR}" "${CMAKE_BINARY_DIR}/llama.cpp" EXCLUDE_FROM_ALL)
  # The RPC server needs ggml alone; upstream has it only among all of its tools and their library.
  if(GGML_RPC AND NOT TARGET ggml-rpc-server)
    add_subdirectory("${LLAMA_CPP_DIR}/tools/rpc" "${CMAKE_BINARY_DIR}/llama.cpp-rpc" EXCLUDE_FROM_ALL)
  endif()
endfunction()

add_upstream()
