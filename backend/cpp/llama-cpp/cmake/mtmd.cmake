# Upstream's library for images and sounds, without videos, which it would give to another program. Static, and compiled
# with the same words in every flavor, as `common` is.
function(add_mtmd)
  unset(CMAKE_CXX_STANDARD)
  set(mtmd "${LLAMA_CPP_DIR}/tools/mtmd")
  file(GLOB models CONFIGURE_DEPENDS "${mtmd}/models/*.cpp")
  set(vendor "${LLAMA_CPP_DIR}/vendor")
  set(sources ${models} "${vendor}/hash/hash.cpp" "${vendor}/hash/sha256/sha256.c")
  foreach(name IN ITEMS clip mtmd mtmd-audio mtmd-helper mtmd-image)
    list(APPEND sources "${mtmd}/${name}.cpp")
  endforeach()
  add_library(mtmd STATIC ${sources})
  target_include_directories(mtmd SYSTEM
    PUBLIC "${mtmd}" "${vendor}" "${LLAMA_CPP_DIR}/include" "${LLAMA_CPP_DIR}/ggml/include" PRIVATE "${vendor}/hash")
  target_compile_features(mtmd PRIVATE cxx_std_17)
  target_compile_options(mtmd PRIVATE -w)
  set_target_properties(mtmd PROPERTIES POSITION_INDEPENDENT_CODE ON)
  # Forty-five small files behind one header: together they compile in an eighth of the time.
  compile_together(mtmd models ${models})
endfunction()

add_mtmd()
