# libilbc, linked statically. Its source is taken from the first of: the folder named, the development dependency that
# carries it (a clone), the copy staged from that by tools/stage-ilbc.mjs (a package). Else an installed libilbc.
set(MEDIASWITCH_ILBC_SOURCE "" CACHE PATH "Folder with libilbc's sources")
set(ilbc_source "")
foreach(
  folder IN
  ITEMS "${MEDIASWITCH_ILBC_SOURCE}" "${CMAKE_CURRENT_SOURCE_DIR}/node_modules/@babblevoice/projectrtp/libilbc"
        "${CMAKE_CURRENT_SOURCE_DIR}/native/deps/libilbc")
  if(NOT ilbc_source AND EXISTS "${folder}/ilbc.h" AND EXISTS "${folder}/CMakeLists.txt")
    set(ilbc_source "${folder}")
  endif()
endforeach()

add_library(mediaswitch_ilbc INTERFACE)
if(ilbc_source)
  # libilbc asks for a CMake so old that a plain variable would not overrule its option.
  set(BUILD_SHARED_LIBS OFF CACHE BOOL "" FORCE)
  set(ilbc_build "${CMAKE_CURRENT_BINARY_DIR}/libilbc")
  add_subdirectory("${ilbc_source}" "${ilbc_build}" EXCLUDE_FROM_ALL)
  # Without this its functions would be exported.
  target_compile_definitions(ilbc PUBLIC ILBC_STATIC_DEFINE)
  # Fixed-point arithmetic of reference code, which shifts negative numbers: no undefined-behaviour sanitizer. It is
  # optimised in every configuration, or tests of it would take minutes.
  target_compile_options(ilbc PRIVATE -O3 $<TARGET_PROPERTY:mediaswitch_sanitizers,INTERFACE_COMPILE_OPTIONS>
                                      -fno-sanitize=undefined)
  set_target_properties(ilbc PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_include_directories(mediaswitch_ilbc SYSTEM INTERFACE "${ilbc_source}" "${ilbc_build}")
  target_link_libraries(mediaswitch_ilbc INTERFACE ilbc)
else()
  find_package(PkgConfig)
  if(PkgConfig_FOUND)
    pkg_check_modules(MEDIASWITCH_ILBC IMPORTED_TARGET libilbc)
  endif()
  if(NOT MEDIASWITCH_ILBC_FOUND)
    message(FATAL_ERROR "libilbc is missing: npm ci fetches it, or give its sources with -DMEDIASWITCH_ILBC_SOURCE")
  endif()
  target_link_libraries(mediaswitch_ilbc INTERFACE PkgConfig::MEDIASWITCH_ILBC)
endif()
