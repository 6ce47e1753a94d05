# Boost.Asio, headers only. Found by header, which works with every CMake and every way Boost is packaged.
find_path(
  MEDIASWITCH_BOOST_INCLUDE_DIR boost/asio/io_context.hpp
  HINTS "$ENV{BOOST_ROOT}" "$ENV{BOOST_ROOT}/include"
  DOC "Folder with boost/asio/io_context.hpp")
if(NOT MEDIASWITCH_BOOST_INCLUDE_DIR)
  message(FATAL_ERROR "Boost.Asio headers are missing: install libboost-dev (apt), boost-devel (dnf) or boost (brew)")
endif()

add_library(mediaswitch_boost INTERFACE)
target_include_directories(mediaswitch_boost SYSTEM INTERFACE "${MEDIASWITCH_BOOST_INCLUDE_DIR}")
# Boost.System as headers only. Boost 1.74 uses std::exchange in Asio without including <utility>.
target_compile_definitions(mediaswitch_boost INTERFACE BOOST_ERROR_CODE_HEADER_ONLY)
target_compile_options(mediaswitch_boost INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-include utility>")
