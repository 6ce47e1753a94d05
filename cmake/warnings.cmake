# For our own sources; headers of others are SYSTEM.
add_library(mediaswitch_warnings INTERFACE)
target_compile_options(mediaswitch_warnings INTERFACE -Wall -Wextra -Wconversion -Wshadow -Werror=switch)
