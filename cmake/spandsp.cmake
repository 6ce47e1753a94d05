# spandsp: packet loss concealment and DTMF detection. The shared library, but for a portable addon the archive.
find_path(MEDIASWITCH_SPANDSP_INCLUDE_DIR spandsp.h DOC "Folder with spandsp.h")
if(MEDIASWITCH_PORTABLE)
  find_library(MEDIASWITCH_SPANDSP_ARCHIVE libspandsp.a DOC "spandsp as an archive")
  set(spandsp "${MEDIASWITCH_SPANDSP_ARCHIVE}")
else()
  find_library(MEDIASWITCH_SPANDSP_LIBRARY spandsp DOC "spandsp as a shared library")
  set(spandsp "${MEDIASWITCH_SPANDSP_LIBRARY}")
endif()
if(NOT MEDIASWITCH_SPANDSP_INCLUDE_DIR OR NOT spandsp)
  message(FATAL_ERROR "spandsp is missing: install libspandsp-dev (apt), spandsp-devel (dnf) or spandsp (brew)")
endif()

add_library(mediaswitch_spandsp INTERFACE)
target_include_directories(mediaswitch_spandsp SYSTEM INTERFACE "${MEDIASWITCH_SPANDSP_INCLUDE_DIR}")
target_link_libraries(mediaswitch_spandsp INTERFACE "${spandsp}" m)

# Debian's archive is compiled for executables (PIE). The one object of it that cannot be part of a shared object
# is its logging; an object of ours that defines the same functions keeps that one out.
set(MEDIASWITCH_SPANDSP_COMPAT "")
if(spandsp MATCHES "\\.a$")
  set(MEDIASWITCH_SPANDSP_COMPAT native/codecs/spandsp_static_compat.c)
endif()
