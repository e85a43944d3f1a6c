# Finds gRPC and protobuf, compiles the contract, and offers the target `contract`.
#
# Two ways: a prefix that was installed by gRPC's own build (CMake packages for both; put it on CMAKE_PREFIX_PATH), or a
# distribution, whose protobuf has no CMake package: then FindProtobuf and pkg-config.
find_package(Threads REQUIRED)
find_package(Protobuf CONFIG QUIET)

add_library(rpc INTERFACE)
if(Protobuf_FOUND)
  find_package(gRPC CONFIG REQUIRED)
  message(STATUS "gRPC ${gRPC_VERSION} from ${gRPC_DIR}")
  target_link_libraries(rpc INTERFACE gRPC::grpc++ protobuf::libprotobuf)
  set(RPC_PROTOC "$<TARGET_FILE:protobuf::protoc>")
  set(RPC_PLUGIN "$<TARGET_FILE:gRPC::grpc_cpp_plugin>")
else()
  include(system_rpc)
endif()

set(generated "${CMAKE_BINARY_DIR}/contract")
set(contract_sources "${generated}/backend.pb.cc" "${generated}/backend.grpc.pb.cc")
cmake_path(GET BACKEND_PROTO PARENT_PATH proto_dir)
cmake_path(GET BACKEND_PROTO FILENAME proto_name)
file(MAKE_DIRECTORY "${generated}")
add_custom_command(
  OUTPUT ${contract_sources} "${generated}/backend.pb.h" "${generated}/backend.grpc.pb.h"
  COMMAND "${RPC_PROTOC}" "--proto_path=${proto_dir}" "--cpp_out=${generated}" "--grpc_out=${generated}"
          "--plugin=protoc-gen-grpc=${RPC_PLUGIN}" "${proto_name}"
  DEPENDS "${BACKEND_PROTO}"
  COMMENT "Compiling ${proto_name}"
  VERBATIM)

# Static in every flavor: in a shared library protobuf's symbols would be hidden from the server.
add_library(contract STATIC ${contract_sources})
target_include_directories(contract SYSTEM PUBLIC "${generated}")
target_link_libraries(contract PUBLIC rpc)
