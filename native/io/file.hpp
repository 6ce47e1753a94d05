#pragma once

#include <memory>
#include <string>

#include "audio/byte_sink.hpp"
#include "audio/byte_source.hpp"

namespace mediaswitch {

/// A file of the disk, to read. nullptr: there is no regular file of that path, or it is not ours to read.
std::unique_ptr<ByteSource> open_file(const std::string& path);

/// A new file of the disk, to write. A regular file of that path is unlinked, not emptied: who has it open,
/// to read or to write, keeps the old one. nullptr: it can't be made, or the path's last component is there
/// and is a symbolic link or anything else that is no regular file.
std::unique_ptr<ByteSink> make_file(const std::string& path);

}  // namespace mediaswitch
