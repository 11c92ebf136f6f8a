// SPDX-License-Identifier: MIT
#pragma once

// Gives a network's parameters the numbers of a checkpoint, all of them or none.
//
// A tensor that lies in the file as contiguous, aligned float32 is used where it is; any other is converted into memory of its
// own. Extents must agree; a one-dimensional parameter also accepts [1, C] and [1, 1, C]. Several keys may lead to one parameter
// (weights shared between blocks): the file may have all of them or some, and those that it has must hold the same numbers.
// A file that does not fit is refused with a list of everything that is wrong, and with the network that it looks like.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tessera/core/buffer.hpp"
#include "tessera/core/error.hpp"
#include "tessera/core/parameter.hpp"
#include "tessera/io/key_names.hpp"
#include "tessera/io/load_report.hpp"
#include "tessera/io/tensor_file.hpp"
#include "tessera/io/variants.hpp"

namespace tessera {

struct AssignOptions {
  // Beginnings of library keys that the file may have and the network need not. "head." is one without saying so for a network that
  // has no parameter of that name.
  std::vector<std::string> may_ignore;
};

// Keeps the bound numbers alive.
struct LoadedParameters {
  std::vector<std::shared_ptr<const void>> files;
  std::vector<Buffer> converted;
  LoadReport report;
};

namespace detail {

inline std::string print_extents(const Parameter& parameter) { return print_extents(extents_of(parameter)); }

inline bool same_extents(const Extents& file, const Parameter& parameter) {
  if (parameter.rank() == 1 && !file.empty())
    return file.back() == parameter.extent(0) && std::all_of(file.begin(), file.end() - 1, [](auto n) { return n == 1; });
  if (static_cast<int>(file.size()) != parameter.rank()) return false;
  for (int axis = 0; axis < parameter.rank(); ++axis)
    if (file[static_cast<std::size_t>(axis)] != parameter.extent(axis)) return false;
  return true;
}

inline Buffer converted(const TensorEntry& tensor) {
  Buffer numbers(static_cast<std::size_t>(tensor.size()));
  to_float(tensor, numbers.span());
  return numbers;
}

// Both have the same extents already.
inline bool same_numbers(const TensorEntry& a, const TensorEntry& b) {
  if (a.bytes.data() == b.bytes.data() && a.dtype == b.dtype && a.strides == b.strides) return true;
  const Buffer x = converted(a), y = converted(b);
  return std::memcmp(x.data(), y.data(), x.size() * sizeof(float)) == 0;
}

inline bool usable_in_place(const TensorEntry& tensor) {
  return tensor.dtype == DType::f32 && tensor.contiguous() && reinterpret_cast<std::uintptr_t>(tensor.bytes.data()) % alignof(float) == 0;
}

// Collects everything that is wrong. No published network has as many tensors as are shown; a hostile file may have millions.
class Misfits {
 public:
  template <class... Parts>
  void add(const Parts&... parts) {
    if (++count_ <= shown) lines_ += concat("\n  ", parts...);
  }
  bool any() const { return count_ > 0; }
  [[noreturn]] void raise(const TensorFile& file, const NamedTensors& named, std::span<const NamedParameter> wanted) const {
    std::string text = concat(file.path, ": found ", count_, count_ == 1 ? " tensor that does" : " tensors that do", " not fit the model (",
                              file.format, ", ", named.naming, " names, ", file.tensors.size(), " tensors)", lines_);
    if (count_ > shown) text += concat("\n  and ", count_ - shown, " more");
    const std::string looks = advice(sizes_of(named), sizes_of(wanted));
    throw Error(looks.empty() ? text : text + '\n' + looks);
  }

 private:
  static constexpr std::size_t shown = 1000;
  std::size_t count_ = 0;
  std::string lines_;
};

// The key, and what the file calls it if that is something else.
inline std::string print_key(const NamedTensor& found) {
  const std::string key = printable(found.tensor.name);
  return found.source->name == found.tensor.name ? key : key + " (in the file " + printable(found.source->name) + ')';
}

}  // namespace detail

inline LoadedParameters assign(const TensorFile& file, std::span<const NamedParameter> wanted, const AssignOptions& options = {}) {
  const NamedTensors named = name_tensors(file);
  detail::Misfits misfits;
  constexpr std::string_view head_prefix = "head.";

  std::unordered_map<std::string_view, const NamedTensor*> by_key;
  for (const NamedTensor& found : named.tensors) {
    const auto [earlier, fresh] = by_key.emplace(found.tensor.name, &found);
    if (!fresh) misfits.add(detail::print_key(found), ": twice in the file, first as ", detail::printable(earlier->second->source->name));
  }

  // The first tensor that the file has for each parameter.
  std::unordered_map<const Parameter*, const NamedTensor*> chosen;
  std::unordered_map<std::string_view, bool> known;
  for (const NamedParameter& want : wanted) {
    known.emplace(want.key, true);
    const auto found = by_key.find(want.key);
    if (found == by_key.end()) continue;
    const TensorEntry& tensor = found->second->tensor;
    if (!detail::same_extents(tensor.extents, *want.parameter)) {
      misfits.add(detail::print_key(*found->second), ": file ", detail::print_extents(tensor.extents), ", model ",
                  detail::print_extents(*want.parameter));
      chosen.emplace(want.parameter, nullptr);
    } else if (!is_floating(tensor.dtype)) {
      misfits.add(detail::print_key(*found->second), ": file ", tensor.dtype, ", model a floating-point type");
      chosen.emplace(want.parameter, nullptr);
    } else if (const auto [first, fresh] = chosen.emplace(want.parameter, found->second); !fresh && first->second != nullptr) {
      if (!detail::same_numbers(first->second->tensor, tensor))
        misfits.add(detail::print_key(*found->second), ": other numbers than ", detail::print_key(*first->second),
                    ", but the model shares one weight between them");
    }
  }
  std::unordered_map<const Parameter*, bool> reported;
  for (const NamedParameter& want : wanted)
    if (chosen.count(want.parameter) == 0 && reported.emplace(want.parameter, true).second)
      misfits.add(want.key, ": missing, model ", detail::print_extents(*want.parameter));

  LoadedParameters result;
  LoadReport& report = result.report;
  report = {file.path, file.format, named.naming, file.tensors.size(), 0, 0, {}, {}};
  for (const TensorEntry* foreign : named.foreign) report.ignored.push_back(foreign->name);
  std::vector<std::string> may_ignore = options.may_ignore;
  const auto of_head = [&](const NamedParameter& want) { return want.key.starts_with(head_prefix); };
  if (std::none_of(wanted.begin(), wanted.end(), of_head)) may_ignore.emplace_back(head_prefix);
  for (const NamedTensor& found : named.tensors) {
    const auto begins = [&](const std::string& prefix) { return found.tensor.name.starts_with(prefix); };
    if (known.count(found.tensor.name) != 0) {
      ++report.used;
      ++report.types[found.tensor.dtype];
    } else if (std::any_of(may_ignore.begin(), may_ignore.end(), begins)) {
      report.ignored.push_back(found.source->name);
    } else {
      misfits.add(detail::print_key(found), ": surplus, file ", detail::print_extents(found.tensor.extents));
    }
  }
  if (misfits.any()) misfits.raise(file, named, wanted);

  // Where the numbers are, and how their memory can be given back.
  std::unordered_map<const Parameter*, std::pair<const float*, Parameter::Release>> numbers;
  const auto is_mapped = [bytes = file.mapped.bytes](const std::byte* p) { return p >= bytes.data() && p < bytes.data() + bytes.size(); };
  bool in_place = false;
  for (const auto& [parameter, found] : chosen) {
    if (detail::usable_in_place(found->tensor)) {
      const std::byte* const data = found->tensor.bytes.data();
      numbers[parameter] = {reinterpret_cast<const float*>(data), is_mapped(data) ? file.mapped.release : nullptr};
      in_place = true;
    } else {
      result.converted.push_back(detail::converted(found->tensor));
      numbers[parameter] = {result.converted.back().data(), nullptr};
      ++report.converted;
    }
  }
  if (in_place) result.files = file.storage;
  for (const NamedParameter& want : wanted) {  // nothing can fail any more
    const auto& [data, release] = numbers.at(want.parameter);
    want.parameter->bind(data, release);
  }
  return result;
}

}  // namespace tessera
