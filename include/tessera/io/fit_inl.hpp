// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tessera/core/error.hpp"
#include "tessera/core/nearest.hpp"
#include "tessera/io/fit.hpp"
#include "tessera/io/sorted_order.hpp"

namespace tessera::detail {

TESSERA_COLD_INLINE WantedTensors::WantedTensors(std::span<const NamedParameter> wanted)
    : wanted_(wanted), next_(wanted.size(), NameIndex::none), groups_(wanted.size()) {
  std::vector<std::uint32_t> last;  // of each key
  for (std::uint32_t i = 0; i < wanted.size(); ++i) {
    const std::size_t key = keys_.add(wanted[i].key);
    if (key == first_.size()) {
      first_.push_back(i);
      last.push_back(i);
    } else {
      next_[last[key]] = i;
      last[key] = i;
    }
  }
  const auto before = [](const void* all, std::uint32_t a, std::uint32_t b) {
    const auto* const named = static_cast<const NamedParameter*>(all);
    return reinterpret_cast<std::uintptr_t>(named[a].parameter) < reinterpret_cast<std::uintptr_t>(named[b].parameter);
  };
  const Parameter* previous = nullptr;
  for (const std::uint32_t i : sorted_order(wanted.size(), before, wanted.data())) {
    if (group_count_ == 0 || wanted[i].parameter != previous) ++group_count_;
    previous = wanted[i].parameter;
    groups_[i] = static_cast<std::uint32_t>(group_count_ - 1);
  }
}

TESSERA_COLD_INLINE std::size_t WantedTensors::find(std::string_view key) const {
  const std::size_t number = keys_.find(key);
  return number == NameIndex::none ? number : first_[number];
}

TESSERA_COLD_INLINE bool same_extents(const Extents& file, const Parameter& parameter) {
  const auto rank = static_cast<std::size_t>(parameter.rank());
  const std::size_t extra = rank == 1 && file.size() > 1 ? file.size() - 1 : 0;
  if (file.size() != rank + extra) return false;
  for (std::size_t axis = 0; axis < file.size(); ++axis)
    if (file[axis] != (axis < extra ? 1 : parameter.extent(static_cast<int>(axis - extra)))) return false;
  return true;
}

// Counts the tensors that the network has a place for, by prefix.
class FitSearch {
 public:
  FitSearch(std::span<const TensorEntry> tensors, const WantedTensors& wanted) : tensors_(tensors), wanted_(wanted) {}

  std::vector<PrefixFit> run();

 private:
  // A tensor that has the name of a parameter.
  struct Hit {
    std::uint32_t prefix, group;
    bool fits;
  };
  void search(Translation translation);
  void look_at(const TensorEntry& tensor, Translation translation);
  void add(const PrefixFit& fit);

  std::span<const TensorEntry> tensors_;
  const WantedTensors& wanted_;
  NameIndex prefixes_;
  std::vector<std::string_view> texts_;  // of prefixes_
  std::vector<Hit> hits_;
  std::vector<PrefixFit> fits_;
};

TESSERA_COLD_INLINE void FitSearch::look_at(const TensorEntry& tensor, Translation translation) {
  const std::string_view name = tensor.name;
  for (const std::size_t end : prefix_ends(name)) {
    std::string_view axes;
    const std::size_t place = wanted_.find(library_name(translation, name.substr(end), &axes));
    if (place == NameIndex::none) continue;
    TensorEntry shape;
    shape.extents = tensor.extents;
    shape.strides = tensor.strides;
    permute(shape, axes);
    const std::size_t prefix = prefixes_.add(name.substr(0, end));
    if (prefix == texts_.size()) texts_.push_back(name.substr(0, end));
    for (std::size_t i = place; i != NameIndex::none; i = wanted_.next(i)) {
      const bool fits = is_floating(tensor.dtype) && same_extents(shape.extents, *wanted_.all()[i].parameter);
      hits_.push_back({static_cast<std::uint32_t>(prefix), wanted_.group(i), fits});
    }
  }
}

TESSERA_COLD_INLINE void FitSearch::search(Translation translation) {
  prefixes_ = {};
  texts_.clear();
  hits_.clear();
  for (const TensorEntry& tensor : tensors_) look_at(tensor, translation);
  const auto before = [](const void* hits, std::uint32_t x, std::uint32_t y) {
    const Hit &a = static_cast<const Hit*>(hits)[x], &b = static_cast<const Hit*>(hits)[y];
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    return a.group != b.group ? a.group < b.group : a.fits && !b.fits;
  };
  // Parameters of one prefix stand together, and of one parameter the tensor that fits comes first.
  PrefixFit fit;
  const Hit* last = nullptr;
  for (const std::uint32_t i : sorted_order(hits_.size(), before, hits_.data())) {
    const Hit& hit = hits_[i];
    if (last == nullptr || hit.prefix != last->prefix) {
      if (last != nullptr) add(fit);
      fit = {texts_[hit.prefix], translation, 0, 0};
    }
    if (fit.named == 0 || hit.group != last->group) {
      ++fit.named;
      if (hit.fits) ++fit.fitting;
    }
    last = &hit;
  }
  if (last != nullptr) add(fit);
}

// Of two translations that fit alike the one is better that the names under the prefix are recognised by.
TESSERA_COLD_INLINE void FitSearch::add(const PrefixFit& fit) {
  for (PrefixFit& known : fits_) {
    if (known.prefix != fit.prefix) continue;
    const bool alike = fit.fitting == known.fitting && fit.named == known.named;
    if (fit.fitting > known.fitting || (fit.fitting == known.fitting && fit.named > known.named) ||
        (alike && recognise(tensors_, fit.prefix).translation == fit.translation))
      known = fit;
    return;
  }
  fits_.push_back(fit);
}

// More of the network first, then lower ranks, then shorter prefixes.
TESSERA_COLD_INLINE bool fits_better(const PrefixFit& a, const PrefixFit& b) {
  if (a.fitting != b.fitting) return a.fitting > b.fitting;
  if (a.named != b.named) return a.named > b.named;
  const std::size_t x = rank_of(a.prefix), y = rank_of(b.prefix);
  return x != y ? x < y : a.prefix.size() < b.prefix.size();
}

TESSERA_COLD_INLINE std::vector<PrefixFit> FitSearch::run() {
  for (const Translation translation : translations) search(translation);
  if (fits_.empty()) fits_.emplace_back();
  const auto before = [](const void* fits, std::uint32_t a, std::uint32_t b) {
    return fits_better(static_cast<const PrefixFit*>(fits)[a], static_cast<const PrefixFit*>(fits)[b]);
  };
  std::vector<PrefixFit> best_first;
  for (const std::uint32_t i : sorted_order(fits_.size(), before, fits_.data())) best_first.push_back(fits_[i]);
  return best_first;
}

TESSERA_COLD_INLINE std::vector<PrefixFit> fits_of(std::span<const TensorEntry> tensors, const WantedTensors& wanted) {
  return FitSearch(tensors, wanted).run();
}

// A place in a file that somebody may ask for, and how a message calls it.
struct Candidate {
  std::size_t state;
  PrefixFit prefix;
  std::string_view place;

  std::string_view bare_prefix() const { return prefix.prefix.empty() ? "" : prefix.prefix.substr(0, prefix.prefix.size() - 1); }
  std::string title() const {
    if (prefix.prefix.empty()) return place.empty() ? "the whole file" : std::string(place);
    return concat(place, place.empty() ? "" : ", ", "names after ", in_quotes(prefix.prefix));
  }
  // What AssignOptions::state takes.
  std::string handle() const { return concat(place, place.empty() || prefix.prefix.empty() ? "" : ".", bare_prefix()); }
  bool is_called(const std::string& name) const { return name == place || name == bare_prefix() || name == handle(); }
  std::size_t rank() const {
    if (prefix.prefix.empty()) return rank_of(place);
    return rank_of(place.empty() ? std::string(prefix.prefix) : concat(place, ".", prefix.prefix));
  }
};

// Names what a user may mean: sets of weights that hold at least half of what the best one holds, not every layer whose names happen to
// fit.
TESSERA_COLD_INLINE void fail_for_state(const TensorFile& file, std::span<const Candidate> candidates, const std::string& wanted) {
  std::size_t most = 0;
  for (const Candidate& candidate : candidates) most = (std::max)(most, candidate.prefix.fitting);
  std::vector<std::string> places;
  for (const Candidate& candidate : candidates) {
    std::string place = candidate.handle();
    if (!place.empty() && 2 * candidate.prefix.fitting >= most && std::find(places.begin(), places.end(), place) == places.end())
      places.push_back(std::move(place));
  }
  const std::vector<std::string_view> known(places.begin(), places.end());
  fail(ErrorKind::does_not_fit, file.path, ": found no weights under ", in_quotes(wanted),
       places.empty() ? ", expected no name: the file has one set of weights" : did_you_mean(wanted, known));
}

TESSERA_COLD_INLINE FoundWeights find_weights(const TensorFile& file, const WantedTensors& wanted, const std::string& wanted_state) {
  std::vector<Candidate> candidates;
  const std::size_t states = std::max<std::size_t>(file.states.size(), 1);
  for (std::size_t state = 0; state < states; ++state) {
    const bool only = file.states.empty();
    const std::string_view place = only ? file.place : file.states[state].place;
    for (const PrefixFit& fit : fits_of(only ? file.tensors : file.states[state].tensors, wanted))
      candidates.push_back({state, fit, place});
  }
  if (!wanted_state.empty()) {
    std::vector<Candidate> called;
    for (const Candidate& candidate : candidates)
      if (candidate.is_called(wanted_state)) called.push_back(candidate);
    if (called.empty()) fail_for_state(file, candidates, wanted_state);
    candidates = std::move(called);
  }

  const std::size_t all = wanted.group_count();
  const Candidate* best = nullptr;
  const Candidate* rival = nullptr;  // another that fits and has the same rank
  for (const Candidate& candidate : candidates) {
    const bool fits = candidate.prefix.fitting == all && all > 0;
    if (best == nullptr) {
      best = &candidate;
      continue;
    }
    const bool best_fits = best->prefix.fitting == all && all > 0;
    if (fits && best_fits) {
      if (candidate.rank() < best->rank()) {
        best = &candidate;
        rival = nullptr;
      } else if (candidate.rank() == best->rank()) {
        rival = &candidate;
      }
    } else if (fits_better(candidate.prefix, best->prefix)) {
      best = &candidate;
    }
  }
  if (rival != nullptr)
    fail(ErrorKind::does_not_fit, file.path, ": found two sets of weights that fit, ", best->title(), " and ", rival->title(),
         "; say which one to take, with the option .state = ", in_quotes(best->handle().empty() ? rival->handle() : best->handle()));
  FoundWeights fit{best->state, best->prefix, {}};
  for (const Candidate& other : candidates)
    if (&other != best && other.prefix.fitting == all && all > 0) fit.passed_over.push_back(other.title());
  return fit;
}

}  // namespace tessera::detail
