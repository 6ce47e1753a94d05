# Node-API and its C++ face. cmake-js names the folders; without it (an editor, a sanitizer build) Node is asked.
if(NOT CMAKE_JS_INC)
  find_program(MEDIASWITCH_NODE node REQUIRED)
  execute_process(
    COMMAND "${MEDIASWITCH_NODE}" -p
            "[require('node-api-headers').include_dir, require('node-addon-api').include_dir].join(';')"
    WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
    OUTPUT_VARIABLE CMAKE_JS_INC
    OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
endif()

add_library(mediaswitch_node_api INTERFACE)
target_include_directories(mediaswitch_node_api SYSTEM INTERFACE ${CMAKE_JS_INC})
# Any std::exception that leaves a callback becomes a JavaScript error instead of ending the process; one that can't
# become that, because a worker is being terminated at this moment, is swallowed.
target_compile_definitions(mediaswitch_node_api INTERFACE NAPI_VERSION=8 NODE_ADDON_API_CPP_EXCEPTIONS_ALL
                                                          NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS)
if(APPLE)
  target_link_options(mediaswitch_node_api INTERFACE -undefined dynamic_lookup)
endif()
