// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <utility>

#include "tessera/core/error.hpp"
#include "tessera/io/fit.hpp"

namespace tessera::detail {

TESSERA_COLD_INLINE WantedTensors::WantedTensors(std::span<const NamedParameter> wanted) : wanted_(wanted), next_(wanted.size(), NameIndex::none), groups_(wanted.size()) {
  std::vector<std::pair<const Parameter*, std::uint32_t>> parameters;
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
    parameters.emplace_back(wanted[i].parameter, i);
  }
  std::sort(parameters.begin(), parameters.end());
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (i == 0 || parameters[i].first != parameters[i - 1].first) ++group_count_;
    groups_[parameters[i].second] = static_cast<std::uint32_t>(group_count_ - 1);
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
  struct Hit {
    std::uint32_t group;
    bool fits;
  };
  void search(Translation translation);
  void look_at(const TensorEntry& tensor, Translation translation);
  static std::pair<std::size_t, std::size_t> count(std::vector<Hit>& hits);

  std::span<const TensorEntry> tensors_;
  const WantedTensors& wanted_;
  NameIndex prefixes_;
  std::vector<std::string_view> texts_;  // of prefixes_
  std::vector<std::vector<Hit>> hits_;   // likewise
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
    if (prefix == hits_.size()) {
      hits_.emplace_back();
      texts_.push_back(name.substr(0, end));
    }
    for (std::size_t i = place; i != NameIndex::none; i = wanted_.next(i)) {
      const bool fits = is_floating(tensor.dtype) && same_extents(shape.extents, *wanted_.all()[i].parameter);
      hits_[prefix].push_back({wanted_.group(i), fits});
    }
  }
}

// How many different parameters fit, and how many are there at all.
TESSERA_COLD_INLINE std::pair<std::size_t, std::size_t> FitSearch::count(std::vector<Hit>& hits) {
  std::sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) { return a.group != b.group ? a.group < b.group : a.fits > b.fits; });
  std::size_t fitting = 0, named = 0;
  for (std::size_t i = 0; i < hits.size(); ++i)
    if (i == 0 || hits[i].group != hits[i - 1].group) {
      ++named;
      if (hits[i].fits) ++fitting;
    }
  return {fitting, named};
}

TESSERA_COLD_INLINE void FitSearch::search(Translation translation) {
  prefixes_ = {};
  texts_.clear();
  hits_.clear();
  for (const TensorEntry& tensor : tensors_) look_at(tensor, translation);
  for (std::size_t i = 0; i < hits_.size(); ++i) {
    const auto [fitting, named] = count(hits_[i]);
    bool known = false;
    for (PrefixFit& fit : fits_)
      if (fit.prefix == texts_[i]) {
        known = true;
        // The naming that the names under the prefix have is the better one of two that fit alike.
        const bool better = fitting > fit.fitting || (fitting == fit.fitting && named > fit.named) ||
                            (fitting == fit.fitting && named == fit.named && recognise(tensors_, texts_[i]).translation == translation);
        if (better) fit = {fit.prefix, translation, fitting, named};
      }
    if (!known) fits_.push_back({std::string(texts_[i]), translation, fitting, named});
  }
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
  std::sort(fits_.begin(), fits_.end(), fits_better);
  return std::move(fits_);
}

TESSERA_COLD_INLINE std::vector<PrefixFit> fits_of(std::span<const TensorEntry> tensors, const WantedTensors& wanted) {
  return FitSearch(tensors, wanted).run();
}

// A place in a file that somebody may ask for, and how a message calls it.
struct Candidate {
  std::size_t state;
  PrefixFit prefix;
  std::string_view place;

  std::string bare_prefix() const { return prefix.prefix.empty() ? "" : prefix.prefix.substr(0, prefix.prefix.size() - 1); }
  std::string title() const {
    if (prefix.prefix.empty()) return place.empty() ? "the whole file" : std::string(place);
    return (place.empty() ? "" : std::string(place) + ", ") + "names after " + quote(prefix.prefix);
  }
  // What AssignOptions::state takes.
  std::string handle() const {
    if (prefix.prefix.empty() || place.empty()) return prefix.prefix.empty() ? std::string(place) : bare_prefix();
    return std::string(place) + '.' + bare_prefix();
  }
  bool is_called(const std::string& name) const { return name == place || name == bare_prefix() || name == handle(); }
  std::size_t rank() const { return std::max(rank_of(place), rank_of(prefix.prefix)); }
};

TESSERA_COLD_INLINE void fail_for_state(const TensorFile& file, std::span<const Candidate> candidates, const std::string& wanted) {
  std::string places;
  std::size_t shown = 0;
  for (const Candidate& candidate : candidates) {
    const std::string handle = candidate.handle();
    if (handle.empty() || places.find(quote(handle)) != std::string::npos || ++shown > 8) continue;
    places += (places.empty() ? "" : ", ") + quote(handle);
  }
  fail(ErrorKind::does_not_fit, file.path, ": found no weights under ", quote(wanted), ", expected one of the places ", places.empty() ? "of the file: it has one set of weights" : places);
}

TESSERA_COLD_INLINE FoundWeights find_weights(const TensorFile& file, const WantedTensors& wanted, const std::string& wanted_state) {
  std::vector<Candidate> candidates;
  const std::size_t states = std::max<std::size_t>(file.states.size(), 1);
  for (std::size_t state = 0; state < states; ++state) {
    const bool only = file.states.empty();
    const std::string_view place = only ? file.place : file.states[state].place;
    for (PrefixFit& fit : fits_of(only ? file.tensors : file.states[state].tensors, wanted))
      candidates.push_back({state, std::move(fit), place});
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
  std::vector<const Candidate*> fitting;
  for (const Candidate& candidate : candidates) {
    const bool fits = candidate.prefix.fitting == all && all > 0;
    if (fits) fitting.push_back(&candidate);
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
         "; say which one to take, with the option .state = ", quote(best->handle().empty() ? rival->handle() : best->handle()));
  FoundWeights fit{best->state, best->prefix, {}};
  for (const Candidate* const other : fitting)
    if (other != best) fit.passed_over.push_back(other->title());
  return fit;
}

}  // namespace tessera::detail
