// SPDX-License-Identifier: MIT
//
// What a process costs that loads one model and classifies one image:
//
//     load_time write MODEL FILE    writes a checkpoint with random weights
//     load_time MODEL FILE          loads it, classifies, and prints a JSON line; a second run finds the file in memory

#include <sys/resource.h>

#include <chrono>
#include <iostream>
#include <string_view>

#include "plausible_weights.hpp"
#include "tessera/io/write_safetensors.hpp"
#include "tessera/load.hpp"
#include "tessera/models/mlp_mixer.hpp"
#include "tessera/models/resmlp.hpp"

namespace {

template <class N>
void write(const char* file) {
  auto weights = bench::plausible_weights<N>();
  std::vector<tessera::TensorEntry> tensors;
  for (const auto& [key, parameter] : weights.parameters()) {
    const auto bytes = std::as_bytes(std::span(parameter->data(), static_cast<std::size_t>(parameter->size())));
    std::vector<std::int64_t> extents;
    for (int axis = 0; axis < parameter->rank(); ++axis) extents.push_back(parameter->extent(axis));
    tensors.push_back({key, tessera::DType::f32, extents, tessera::detail::dense_strides(extents), bytes});
  }
  tessera::write_safetensors(file, tensors);
}

template <class N>
void load_and_classify(const char* file) {
  using Clock = std::chrono::steady_clock;
  const auto milliseconds = [](Clock::duration d) { return std::chrono::duration<double, std::milli>(d).count(); };
  const auto start = Clock::now();
  const auto model = tessera::load<N>(file);
  const auto loaded = Clock::now();
  const auto scores = model(tessera::Tensor<N::input>());
  const auto classified = Clock::now();
  for (const float score : scores)
    if (!std::isfinite(score)) throw tessera::Error("load_time: a score is not finite");
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const double weights = 4e-6 * static_cast<double>(N::parameter_count), peak = 1e-6 * 1024.0 * static_cast<double>(usage.ru_maxrss);
  std::cout << "{\"model\": \"" << N::name << "\", \"weight_megabytes\": " << weights << ", \"load_ms\": " << milliseconds(loaded - start)
            << ", \"first_forward_ms\": " << milliseconds(classified - loaded) << ", \"peak_megabytes\": " << peak
            << ", \"peak_above_weights_megabytes\": " << peak - weights << "}\n";
}

template <class... Networks>
int run(std::string_view name, bool writing, const char* file) {
  const bool known = ((name == Networks::name && (writing ? write<Networks>(file) : load_and_classify<Networks>(file), true)) || ...);
  if (known) return 0;
  std::cerr << "load_time: unknown model " << name << "; it has";
  ((std::cerr << ' ' << Networks::name), ...) << '\n';
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const bool writing = argc == 4 && std::string_view(argv[1]) == "write";
  if (argc != 3 && !writing) {
    std::cerr << "usage: load_time [write] MODEL FILE\n";
    return 1;
  }
  return run<tessera::ResMlpS12, tessera::ResMlpS24, tessera::MixerB16, tessera::MixerL16>(argv[argc - 2], writing, argv[argc - 1]);
}
