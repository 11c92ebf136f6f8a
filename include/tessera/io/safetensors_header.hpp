// SPDX-License-Identifier: MIT
#pragma once

// The JSON header of a safetensors file, checked field by field (the format is described in safetensors.hpp).
//
// Read event by event, because a JSON document object keeps the last of two equal keys without a word. The parser keeps its own
// stack and every level is checked on the way in, so nesting costs no recursion.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "tessera/core/error.hpp"
#include "tessera/io/tensor_file.hpp"

namespace tessera::detail {

struct SafetensorsHeader {
  struct Tensor {
    std::string name;
    std::optional<DType> dtype;
    std::optional<Extents> shape;
    std::optional<Extents> offsets;
  };
  std::vector<Tensor> tensors;
  std::map<std::string, std::string> metadata;
};

inline std::optional<DType> dtype_from_name(std::string_view name) {
  for (const DType type :
       {DType::f64, DType::f32, DType::f16, DType::bf16, DType::i64, DType::i32, DType::i16, DType::i8, DType::u8, DType::boolean})
    if (name_of(type) == name) return type;
  return std::nullopt;
}

class SafetensorsHeaderReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit SafetensorsHeaderReader(const std::string& file) : file_(file) {}
  SafetensorsHeader take() { return std::move(header_); }

  bool null() override { return unexpected("null"); }
  bool boolean(bool value) override { return unexpected(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return unexpected(concat("the negative number ", value)); }
  bool number_float(number_float_t, const string_t& text) override { return unexpected("the number " + printable(text)); }
  bool binary(binary_t&) override { return unexpected("binary data"); }
  bool number_unsigned(number_unsigned_t value) override {
    if (level_ != Level::list || value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      return unexpected(concat("the number ", value));
    Extents& list = field_ == "shape" ? *tensor().shape : *tensor().offsets;
    const std::size_t longest = field_ == "shape" ? max_rank : 2;
    if (list.size() == longest) fail(place(), ": found more than ", longest, " numbers");
    list.push_back(static_cast<std::int64_t>(value));
    return true;
  }
  bool string(string_t& value) override {
    if (level_ == Level::metadata) {
      header_.metadata[field_] = std::move(value);
    } else if (level_ == Level::tensor && field_ == "dtype") {
      tensor().dtype = dtype_from_name(value);
      if (!tensor().dtype) fail(place(), ": found ", quote(value), ", expected F64, F32, F16, BF16, I64, I32, I16, I8, U8 or BOOL");
    } else {
      return unexpected("the text " + quote(value));
    }
    return true;
  }
  bool start_object(std::size_t) override {
    if (level_ == Level::start) {
      level_ = Level::top;
    } else if (level_ == Level::top && field_ == "__metadata__") {
      level_ = Level::metadata;
    } else if (level_ == Level::top) {
      header_.tensors.push_back({field_, {}, {}, {}});
      level_ = Level::tensor;
    } else {
      return unexpected("an object");
    }
    return true;
  }
  bool key(string_t& name) override {
    if (level_ == Level::top) {
      if (!names_.insert(name).second) fail(file_, ": header: found ", quote(name), " twice, expected each tensor once");
    } else if (level_ == Level::metadata) {
      if (header_.metadata.count(name) != 0) fail(file_, ": header, __metadata__: found ", quote(name), " twice, expected each key once");
    } else {
      const auto first = [&](const auto& field) {
        if (field) fail(tensor_place(), ": found ", quote(name), " twice, expected each field once");
      };
      if (name == "dtype")
        first(tensor().dtype);
      else if (name == "shape")
        first(tensor().shape);
      else if (name == "data_offsets")
        first(tensor().offsets);
      else
        fail(tensor_place(), ": found the field ", quote(name), ", expected dtype, shape and data_offsets");
    }
    field_ = std::move(name);
    return true;
  }
  bool end_object() override {
    if (level_ == Level::tensor) {
      const auto need = [&](const auto& field, const char* name) {
        if (!field) fail(tensor_place(), ": found no ", name, ", expected dtype, shape and data_offsets");
      };
      need(tensor().dtype, "dtype");
      need(tensor().shape, "shape");
      need(tensor().offsets, "data_offsets");
    }
    level_ = level_ == Level::top ? Level::done : Level::top;
    return true;
  }
  bool start_array(std::size_t) override {
    if (level_ != Level::tensor || field_ == "dtype") return unexpected("a list");
    (field_ == "shape" ? tensor().shape : tensor().offsets).emplace();
    level_ = Level::list;
    return true;
  }
  bool end_array() override {
    level_ = Level::tensor;
    if (field_ == "data_offsets" && tensor().offsets->size() != 2)
      fail(place(), ": found ", tensor().offsets->size(), " numbers, expected begin and end");
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception& error) override {
    fail(file_, ": header, byte ", position + 7, ": found malformed JSON: ", printable(error.what(), 240));
  }

 private:
  enum class Level { start, top, metadata, tensor, list, done };

  SafetensorsHeader::Tensor& tensor() { return header_.tensors.back(); }
  std::string tensor_place() { return file_ + ": header, tensor " + quote(tensor().name); }
  std::string place() {
    switch (level_) {
      case Level::metadata:
        return file_ + ": header, __metadata__, " + quote(field_);
      case Level::tensor:
      case Level::list:
        return tensor_place() + ", " + field_;
      default:
        return file_ + ": header, " + quote(field_);
    }
  }
  bool unexpected(const std::string& found) {
    switch (level_) {
      case Level::metadata:
        fail(place(), ": found ", found, ", expected text");
      case Level::list:
        fail(place(), ": found ", found, ", expected a whole number below 2^63");
      case Level::tensor:
        fail(place(), ": found ", found, ", expected ", field_ == "dtype" ? "text" : "a list of whole numbers");
      default:
        fail(place(), ": found ", found, ", expected an object");
    }
  }

  std::string file_;
  SafetensorsHeader header_;
  std::unordered_set<std::string> names_;
  std::string field_;
  Level level_ = Level::start;
};

inline SafetensorsHeader read_safetensors_header(std::span<const std::byte> text, const std::string& file) {
  if (text.empty() || text[0] != std::byte{'{'}) fail(file, ": header, byte 8: expected '{'");
  // The JSON parser takes a zero byte for the end of its input.
  if (std::find(text.begin(), text.end(), std::byte{0}) != text.end()) fail(file, ": header: found a zero byte, expected JSON text");
  const auto* begin = reinterpret_cast<const char*>(text.data());
  SafetensorsHeaderReader reader(file);
  nlohmann::json::sax_parse(begin, begin + text.size(), &reader);
  return reader.take();
}

}  // namespace tessera::detail
