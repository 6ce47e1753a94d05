# Cross build for arm64 with Debian's compiler (g++-aarch64-linux-gnu): -DCMAKE_TOOLCHAIN_FILE. Where Boost's headers,
# spandsp's and its archive for arm64 are has to be told; docs/packaging.md shows how.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
