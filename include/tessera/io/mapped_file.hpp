// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "tessera/core/compiled.hpp"
#include "tessera/core/file_path.hpp"

namespace tessera {

// Read-only bytes and whatever keeps them alive. Copies share both.
struct SharedBytes {
  // Where they are.
  std::span<const std::byte> bytes;
  // Keeps them alive.
  std::shared_ptr<const void> owner;
  // Gives back the memory of some of the bytes until they are read again; null where they have no other place.
  void (*release)(const void* data, std::size_t bytes) = nullptr;
};

// A whole file as read-only memory, shared by everything that points into it. Where POSIX mmap exists the file is mapped: weights are
// loaded from the disk when they are first read, and processes share them. Elsewhere the file is read into memory. A mapped file must not
// be shortened by another program while it is in use: the system then ends this process. Throws an Error if there is no such file, if it
// is empty, or if it is a directory, a pipe or a device.
SharedBytes map_file(const FilePath& path);

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/io/mapped_file_inl.hpp"
#endif
