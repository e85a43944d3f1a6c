# The part of upstream's `common` that renders chats, reads answers and samples. The rest of it downloads and reads command
# lines: without it the server holds no HTTP client, and a third of the compile time is saved.
#
# Static, and compiled with the same words in every flavor, so that a package's flavors share the objects in the compiler
# cache: it takes no definitions from `llama`, and only the program that is linked with both needs that.
function(add_common)
  unset(CMAKE_CXX_STANDARD)
  set(common "${LLAMA_CPP_DIR}/common")
  include("${common}/parsers/sources.cmake")
  file(GLOB jinja CONFIGURE_DEPENDS "${common}/jinja/*.cpp")
  set(BUILD_COMPILER "${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}")
  set(BUILD_TARGET "${CMAKE_SYSTEM_PROCESSOR}")
  configure_file("${common}/build-info.cpp.in" "${CMAKE_BINARY_DIR}/build-info.cpp")
  set(sources "${CMAKE_BINARY_DIR}/build-info.cpp" ${LLAMA_CHAT_PARSERS_SOURCES} ${jinja})
  foreach(name IN ITEMS
          chat chat-auto-parser-generator chat-auto-parser-helpers chat-diff-analyzer chat-peg-parser common fit json
          json-schema json-schema-to-grammar log ngram-cache ngram-map ngram-mod peg-parser reasoning-budget sampling
          speculative trie unicode)
    list(APPEND sources "${common}/${name}.cpp")
  endforeach()
  add_library(common STATIC ${sources})
  target_include_directories(common SYSTEM
    PUBLIC "${common}" "${LLAMA_CPP_DIR}/include" "${LLAMA_CPP_DIR}/ggml/include" PRIVATE "${LLAMA_CPP_DIR}/vendor")
  target_compile_features(common PRIVATE cxx_std_17)
  target_compile_options(common PRIVATE -w)
  set_target_properties(common PROPERTIES POSITION_INDEPENDENT_CODE ON)
  compile_together(common parsers ${LLAMA_CHAT_PARSERS_SOURCES})
  set(chats chat chat-auto-parser-generator chat-auto-parser-helpers chat-diff-analyzer chat-peg-parser peg-parser)
  list(TRANSFORM chats REPLACE "(.+)" "${common}/\\1.cpp")
  compile_together(common chats ${chats})
  # `value.cpp` specialises what the others use.
  list(FILTER jinja EXCLUDE REGEX "/value\\.cpp$")
  compile_together(common jinja ${jinja})
endfunction()

add_common()
