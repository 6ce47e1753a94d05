add_library(mediaswitch_sanitizers INTERFACE)
if(MEDIASWITCH_SANITIZE)
  target_compile_options(mediaswitch_sanitizers INTERFACE -fsanitize=${MEDIASWITCH_SANITIZE} -fno-sanitize-recover=all
                                                          -fno-omit-frame-pointer)
  target_link_options(mediaswitch_sanitizers INTERFACE -fsanitize=${MEDIASWITCH_SANITIZE})
  if(MEDIASWITCH_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC warns that it does not model the fences that Asio uses.
    target_compile_options(mediaswitch_sanitizers INTERFACE -Wno-tsan)
  endif()
endif()
