// SPDX-License-Identifier: MIT
#pragma once

// CIFAR-10's binary files, data_batch_1.bin to data_batch_5.bin and test_batch.bin: records of 3073 bytes, one after another.
//
//     byte 0              the class, 0 to 9
//     bytes 1 to 3072     red, green and blue plane of 32×32, row after row
//
// Source: https://www.cs.toronto.edu/~kriz/cifar.html, "Binary version".

#include <cstddef>
#include <span>
#include <string_view>

#include "tessera/core/compiled.hpp"
#include "tessera/vision/image.hpp"

namespace tessera {

inline constexpr std::size_t cifar10_record_bytes = 3073;

// The number of records in a file. Throws Error that begins with `name` if the file does not consist of whole records, or a class is not
// between 0 and 9.
std::size_t count_cifar10_records(std::span<const std::byte> file, std::string_view name);

// The class and the picture of a record. Throws Error if it has another size.
int cifar10_class(std::span<const std::byte> record);
Image cifar10_image(std::span<const std::byte> record);

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/vision/cifar10_records_inl.hpp"
#endif
