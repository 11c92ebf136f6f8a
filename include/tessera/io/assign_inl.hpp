// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include "tessera/core/error.hpp"
#include "tessera/core/misfit_error.hpp"
#include "tessera/io/assign.hpp"
#include "tessera/io/fit.hpp"
#include "tessera/io/key_names.hpp"
#include "tessera/io/state_dict.hpp"
#include "tessera/io/variants.hpp"

namespace tessera {

namespace detail {

TESSERA_COLD_INLINE Buffer converted(const TensorEntry& tensor) {
  Buffer numbers(static_cast<std::size_t>(tensor.size()));
  to_float(tensor, numbers.span());
  return numbers;
}

// Both have the same extents already.
TESSERA_COLD_INLINE bool same_numbers(const TensorEntry& a, const TensorEntry& b) {
  if (a.bytes.data() == b.bytes.data() && a.dtype == b.dtype && a.strides == b.strides && a.negated == b.negated) return true;
  const Buffer x = converted(a), y = converted(b);
  return std::memcmp(x.data(), y.data(), x.size() * sizeof(float)) == 0;
}

TESSERA_COLD_INLINE bool usable_in_place(const TensorEntry& tensor) {
  return tensor.dtype == DType::f32 && !tensor.negated && tensor.contiguous() &&
         reinterpret_cast<std::uintptr_t>(tensor.bytes.data()) % alignof(float) == 0;
}

// The key, and what the file calls it if that is something else.
TESSERA_COLD_INLINE std::string print_key(const NamedTensor& found) {
  const std::string key = printable(found.tensor.name);
  return found.source->name == found.tensor.name ? key : key + " (in the file " + printable(found.source->name) + ')';
}

// One load: what is wanted, what was found, what is wrong.
class Assignment {
 public:
  Assignment(const TensorFile& file, std::span<const NamedParameter> wanted, const AssignOptions& options)
      : file_(&file), wanted_(wanted), options_(options), chosen_(wanted_.group_count(), nullptr), reported_(wanted_.group_count(), 0) {}

  LoadedParameters run();

 private:
  static constexpr std::size_t shown_misfits = 8;

  void find();
  void match();
  void match_tensor(const NamedTensor& found, std::size_t place);
  void check_missing();
  void report();
  bool may_ignore(const NamedTensor& found) const;
  void add_misfit(std::string line);
  [[noreturn]] void fail_with_misfits();
  std::string closest() const;
  void bind();

  const TensorFile* file_;
  std::unique_ptr<const TensorFile> other_;  // if another state is taken than the one that was read
  WantedTensors wanted_;
  const AssignOptions& options_;
  FoundWeights fit_;
  NamedTensors named_;
  std::vector<const NamedTensor*> chosen_;  // the first tensor that the file has for each parameter
  std::vector<std::uint32_t> reported_;     // parameters whose tensor does not fit
  std::vector<std::uint32_t> used_;         // tensors of named_
  std::vector<std::string> misfits_;
  std::size_t misfit_count_ = 0;
  std::vector<std::string> missing_, surplus_;
  std::vector<MisshapenTensor> misshapen_;
  LoadedParameters result_;
};

TESSERA_COLD_INLINE void Assignment::add_misfit(std::string line) {
  if (++misfit_count_ <= shown_misfits) misfits_.push_back(std::move(line));
}

TESSERA_COLD_INLINE void Assignment::find() {
  fit_ = find_weights(*file_, wanted_, options_.state);
  if (!file_->states.empty() && file_->states[fit_.state].place != file_->place) {
    other_ = std::make_unique<const TensorFile>(read_state(*file_, fit_.state));
    file_ = other_.get();
  }
  if (fit_.prefix.named == 0) {
    named_ = name_tensors(*file_);
    return;
  }
  Naming naming = recognise(file_->tensors, fit_.prefix.prefix);
  if (naming.translation != fit_.prefix.translation) naming = {"own", fit_.prefix.translation};
  named_ = name_under(file_->tensors, fit_.prefix.prefix, naming);
}

TESSERA_COLD_INLINE void Assignment::match_tensor(const NamedTensor& found, std::size_t place) {
  const Parameter& parameter = *wanted_.all()[place].parameter;
  const std::uint32_t group = wanted_.group(place);
  const NamedTensor* const first = chosen_[group];
  const TensorEntry& tensor = found.tensor;
  if (tensor.dtype == DType::foreign || !same_extents(tensor.extents, parameter) || !is_floating(tensor.dtype)) {
    reported_[group] = 1;
    if (tensor.dtype != DType::foreign && !same_extents(tensor.extents, parameter)) {
      add_misfit(print_key(found) + ": file " + print_extents(tensor.extents) + ", model " + print_extents(extents_of(parameter)));
      misshapen_.push_back({found.tensor.name, tensor.extents, extents_of(parameter)});
    } else {
      add_misfit(print_key(found) + ": file " + tensor.type_name() + ", model a floating-point type");
    }
  } else if (first == nullptr) {
    chosen_[group] = &found;
  } else if (first != &found && !same_numbers(first->tensor, tensor)) {
    add_misfit(print_key(found) + ": other numbers than " + print_key(*first) + ", but the model shares one weight between them");
  }
}

TESSERA_COLD_INLINE void Assignment::match() {
  NameIndex keys;
  std::vector<const NamedTensor*> first;
  used_.assign(named_.tensors.size(), 0);
  for (const NamedTensor& found : named_.tensors) {
    const std::size_t key = keys.add(found.tensor.name);
    if (key == first.size())
      first.push_back(&found);
    else
      add_misfit(print_key(found) + ": twice in the file, first as " + printable(first[key]->source->name));
  }
  // In the order of the network.
  for (std::size_t i = 0; i < wanted_.all().size(); ++i) {
    const std::size_t key = keys.find(wanted_.all()[i].key);
    if (key == NameIndex::none) continue;
    used_[static_cast<std::size_t>(first[key] - named_.tensors.data())] = 1;
    match_tensor(*first[key], i);
  }
}

TESSERA_COLD_INLINE void Assignment::check_missing() {
  for (std::size_t i = 0; i < wanted_.all().size(); ++i) {
    const std::uint32_t group = wanted_.group(i);
    if (chosen_[group] != nullptr || reported_[group] != 0) continue;
    reported_[group] = 1;
    missing_.push_back(wanted_.all()[i].key);
    add_misfit(wanted_.all()[i].key + ": missing, model " + print_extents(extents_of(*wanted_.all()[i].parameter)));
  }
}

TESSERA_COLD_INLINE bool Assignment::may_ignore(const NamedTensor& found) const {
  const std::string_view name = found.tensor.name;
  if (!is_floating(found.tensor.dtype)) return true;  // no weight of any network
  for (const std::string& prefix : options_.may_ignore)
    if (name.starts_with(prefix)) return true;
  constexpr std::string_view head = "head.";
  if (!name.starts_with(head)) return false;
  for (const NamedParameter& want : wanted_.all())
    if (want.key.starts_with(head)) return false;
  return true;
}

TESSERA_COLD_INLINE void Assignment::report() {
  LoadReport& report = result_.report;
  report.path = file_->path;
  report.format = file_->format;
  report.naming = named_.naming;
  report.tensors = file_->tensors.size();
  report.state = file_->place;
  report.prefix = named_.prefix;
  report.passed_over = fit_.passed_over;
  for (const TensorEntry* foreign : named_.foreign) report.ignored.push_back(foreign->name);
  std::size_t types[static_cast<std::size_t>(DType::foreign) + 1] = {};
  for (std::size_t i = 0; i < named_.tensors.size(); ++i) {
    const NamedTensor& found = named_.tensors[i];
    if (used_[i] != 0) {
      ++report.used;
      ++types[static_cast<std::size_t>(found.tensor.dtype)];
    } else if (wanted_.find(found.tensor.name) == NameIndex::none) {
      if (may_ignore(found)) {
        report.ignored.push_back(found.source->name);
        continue;
      }
      surplus_.push_back(found.source->name);
      add_misfit(print_key(found) + ": surplus, file " + print_extents(found.tensor.extents));
    }
  }
  for (std::size_t type = 0; type < std::size(types); ++type)
    if (types[type] != 0) report.types.emplace_back(static_cast<DType>(type), types[type]);
}

// Where most of the network is, if that is not where it looks as if it were.
TESSERA_COLD_INLINE std::string Assignment::closest() const {
  if (fit_.prefix.named == 0) return "; no tensor has a name of the model";
  if (fit_.prefix.prefix.empty() || fit_.prefix.fitting == wanted_.group_count()) return "";
  return concat("; the names that begin with ", in_quotes(fit_.prefix.prefix), " come closest: ", fit_.prefix.fitting, " of ",
                wanted_.group_count(), " tensors fit");
}

TESSERA_COLD_INLINE void Assignment::fail_with_misfits() {
  // The line that helps most comes first.
  const std::string looks = advice(sizes_of(named_), sizes_of(wanted_.all()));
  std::string text = file_->path + ": " + looks + (looks.empty() ? "" : ": ");
  text += concat("found ", misfit_count_, misfit_count_ == 1 ? " tensor that does" : " tensors that do", " not fit the model (",
                 file_->format, ", ", named_.naming, " names, ", file_->tensors.size(), " tensors)");
  if (looks.empty()) text += closest();
  for (const std::string& line : misfits_) text += "\n  " + line;
  if (misfit_count_ > shown_misfits) text += concat("\n  and ", misfit_count_ - shown_misfits, " more");
  throw MisfitError(text, std::move(missing_), std::move(surplus_), std::move(misshapen_));
}

// Nothing can fail any more once the numbers are converted.
TESSERA_COLD_INLINE void Assignment::bind() {
  struct Place {
    const float* numbers = nullptr;
    Parameter::Release release = nullptr;
  };
  std::vector<Place> places(chosen_.size());
  const std::span<const std::byte> mapped = file_->mapped.bytes;
  bool in_place = false;
  for (std::size_t group = 0; group < chosen_.size(); ++group) {
    const TensorEntry& tensor = chosen_[group]->tensor;
    if (usable_in_place(tensor)) {
      const std::byte* const data = tensor.bytes.data();
      const bool is_mapped = data >= mapped.data() && data < mapped.data() + mapped.size();
      places[group] = {reinterpret_cast<const float*>(data), is_mapped ? file_->mapped.release : nullptr};
      in_place = true;
    } else {
      result_.converted.push_back(converted(tensor));
      places[group] = {result_.converted.back().data(), nullptr};
      ++result_.report.converted;
    }
  }
  if (in_place) result_.files = file_->storage;
  for (std::size_t i = 0; i < wanted_.all().size(); ++i) {
    const Place& place = places[wanted_.group(i)];
    wanted_.all()[i].parameter->bind(place.numbers, place.release);
  }
}

TESSERA_COLD_INLINE LoadedParameters Assignment::run() {
  find();
  match();
  check_missing();
  report();
  if (misfit_count_ != 0) fail_with_misfits();
  bind();
  return std::move(result_);
}

}  // namespace detail

TESSERA_COLD_INLINE LoadedParameters assign(const TensorFile& file, std::span<const NamedParameter> wanted, const AssignOptions& options) {
  return detail::Assignment(file, wanted, options).run();
}

}  // namespace tessera
