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

class SafetensorsHeaderReader {
 public:
  using Json = nlohmann::json;

  explicit SafetensorsHeaderReader(const std::string& file) : file_(file) {}
  SafetensorsHeader take() { return std::move(header_); }

  // What the parser meets, in order. False where the parser need not keep it.
  bool operator()(Json::parse_event_t event, Json& parsed) {
    switch (event) {
      case Json::parse_event_t::object_start:
        start_object();
        return true;
      case Json::parse_event_t::array_start:
        start_array();
        return true;
      case Json::parse_event_t::key:
        key(parsed.get_ref<std::string&>());
        return true;
      case Json::parse_event_t::object_end:
        end_object();
        return false;
      case Json::parse_event_t::array_end:
        end_array();
        return false;
      default:
        value(parsed);
        return false;
    }
  }

 private:
  enum class Level { start, top, metadata, tensor, list, done };

  void value(Json& parsed) {
    switch (parsed.type()) {
      case Json::value_t::string:
        return text(parsed.get_ref<std::string&>());
      case Json::value_t::number_unsigned:
        return number(parsed.get<std::uint64_t>());
      case Json::value_t::number_integer:
        return unexpected(concat("the negative number ", parsed.get<std::int64_t>()));
      case Json::value_t::number_float:
        return unexpected(concat("the floating-point number ", parsed.get<double>()));
      case Json::value_t::boolean:
        return unexpected(parsed.get<bool>() ? "true" : "false");
      default:
        return unexpected(parsed.type_name());
    }
  }
  void number(std::uint64_t value) {
    if (level_ != Level::list || value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      return unexpected(concat("the number ", value));
    Extents& list = field_ == "shape" ? *tensor().shape : *tensor().offsets;
    const std::size_t longest = field_ == "shape" ? max_rank : 2;
    if (list.size() == longest) fail(place(), ": found more than ", longest, " numbers");
    list.push_back(static_cast<std::int64_t>(value));
  }
  void text(std::string& value) {
    if (level_ == Level::metadata) {
      header_.metadata[field_] = std::move(value);
    } else if (level_ == Level::tensor && field_ == "dtype") {
      tensor().dtype = dtype_from_name(value);
      if (!tensor().dtype) fail(place(), ": found ", quote(value), ", expected F64, F32, F16, BF16, I64, I32, I16, I8, U8 or BOOL");
    } else {
      unexpected("the text " + quote(value));
    }
  }
  void start_object() {
    if (level_ == Level::start) {
      level_ = Level::top;
    } else if (level_ == Level::top && field_ == "__metadata__") {
      level_ = Level::metadata;
    } else if (level_ == Level::top) {
      header_.tensors.push_back({field_, {}, {}, {}});
      level_ = Level::tensor;
    } else {
      unexpected("an object");
    }
  }
  void key(std::string& name) {
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
    field_ = name;
  }
  void end_object() {
    if (level_ == Level::tensor) {
      const auto need = [&](const auto& field, const char* name) {
        if (!field) fail(tensor_place(), ": found no ", name, ", expected dtype, shape and data_offsets");
      };
      need(tensor().dtype, "dtype");
      need(tensor().shape, "shape");
      need(tensor().offsets, "data_offsets");
    }
    level_ = level_ == Level::top ? Level::done : Level::top;
  }
  void start_array() {
    if (level_ != Level::tensor || field_ == "dtype") unexpected("a list");
    (field_ == "shape" ? tensor().shape : tensor().offsets).emplace();
    level_ = Level::list;
  }
  void end_array() {
    level_ = Level::tensor;
    if (field_ == "data_offsets" && tensor().offsets->size() != 2)
      fail(place(), ": found ", tensor().offsets->size(), " numbers, expected begin and end");
  }

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
  [[noreturn]] void unexpected(const std::string& found) {
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
  const auto show = [&reader](int, nlohmann::json::parse_event_t event, nlohmann::json& parsed) { return reader(event, parsed); };
  try {
    // Nothing of the document is kept; the rest of the program has this parser too, and so it costs no second one to compile.
    [[maybe_unused]] const nlohmann::json nothing = nlohmann::json::parse(begin, begin + text.size(), show);
  } catch (const nlohmann::json::parse_error& error) {
    fail(file, ": header, byte ", error.byte + 7, ": found malformed JSON: ", printable(error.what(), 240));
  } catch (const nlohmann::json::exception& error) {
    fail(file, ": header: found malformed JSON: ", printable(error.what(), 240));
  }
  return reader.take();
}

}  // namespace tessera::detail
