// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "tessera/core/error.hpp"
#include "tessera/vision/cifar10_records.hpp"

namespace tessera {

TESSERA_COLD_INLINE std::size_t count_cifar10_records(std::span<const std::byte> file, std::string_view name) {
  if (file.empty() || file.size() % cifar10_record_bytes != 0)
    detail::fail(ErrorKind::damaged, name, ": found ", file.size(), " bytes, expected records of ", cifar10_record_bytes, " bytes");
  for (std::size_t at = 0; at < file.size(); at += cifar10_record_bytes)
    if (static_cast<int>(file[at]) > 9)
      detail::fail(ErrorKind::damaged, name, ": found class ", static_cast<int>(file[at]), " in record ", at / cifar10_record_bytes,
                   ", expected 0 to 9");
  return file.size() / cifar10_record_bytes;
}

TESSERA_COLD_INLINE int cifar10_class(std::span<const std::byte> record) {
  if (record.size() != cifar10_record_bytes)
    detail::fail(ErrorKind::damaged, "CIFAR-10 record: found ", record.size(), " bytes, expected ", cifar10_record_bytes);
  return static_cast<int>(record[0]);
}

TESSERA_INLINE Image cifar10_image(std::span<const std::byte> record) {
  cifar10_class(record);
  Image image(32, 32);
  constexpr std::size_t plane = 32 * 32;
  for (std::size_t i = 0; i < plane; ++i)
    for (std::size_t c = 0; c < 3; ++c) image.data()[3 * i + c] = static_cast<std::uint8_t>(record[1 + c * plane + i]);
  return image;
}

}  // namespace tessera
