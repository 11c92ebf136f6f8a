// SPDX-License-Identifier: MIT
// Runs on every platform that tests/platforms.sh knows:  self_test FOLDER_OF_THE_BUNDLED_MODELS [ROUNDS]
// Packets do what <cmath> does, and the bundled networks give the results that their files state. Prints images per second.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>

#include "tessera/engine/model.hpp"
#include "tessera/io/assign.hpp"
#include "tessera/io/safetensors.hpp"
#include "tessera/io/self_test.hpp"
#include "tessera/kernels/activations.hpp"
#include "tessera/kernels/row_sums.hpp"
#include "tessera/models/cifar10.hpp"

namespace {

using namespace tessera;

constexpr Isa isa = native_isa;
constexpr int lanes = lanes_of<isa>;
using Packet = detail::Packet<isa>;
int failures = 0;

void expect(const char* what, double x, double found, double expected, double tolerance) {
  if (std::fabs(found - expected) <= tolerance * std::fmax(1.0, std::fabs(expected)) || found == expected ||
      (std::isnan(found) && std::isnan(expected)))
    return;
  std::printf("%s(%g): found %.9g, expected %.9g\n", what, x, found, expected);
  ++failures;
}

// The function on every lane, and the expected value of each.
template <class Function, class Expected>
void each_lane(const char* what, float first, float last, const Function& function, const Expected& expected) {
  for (float x = first; x <= last; x += (last - first) / 1000.0F) {
    float in[lanes], out[lanes];
    for (int i = 0; i < lanes; ++i) in[i] = x + 0.01F * static_cast<float>(i);
    Eigen::internal::pstoreu(out, Packet(function(Eigen::internal::ploadu<Packet>(in))));
    for (int i = 0; i < lanes; ++i)
      expect(what, static_cast<double>(in[i]), static_cast<double>(out[i]), expected(static_cast<double>(in[i])), 1e-6);
  }
}

void packets() {
  using namespace Eigen::internal;
  const float infinity = std::numeric_limits<float>::infinity(), none = std::numeric_limits<float>::quiet_NaN();
  each_lane("exp", -86.0F, 88.0F, [](const Packet& x) { return pexp(x); }, [](double x) { return std::exp(x); });
  each_lane("tanh", -20.0F, 20.0F, [](const Packet& x) { return ptanh(x); }, [](double x) { return std::tanh(x); });
  each_lane("sqrt", 0.0F, 9.0F, [](const Packet& x) { return psqrt(x); }, [](double x) { return std::sqrt(x); });
  each_lane(
      "GELU", -9.0F, 9.0F, [](const Packet& x) { return tessera::detail::GeluKernel::apply(x); },
      [](double x) { return x * 0.5 * std::erfc(-x / std::sqrt(2.0)); });
  each_lane(
      "SiLU", -9.0F, 9.0F, [](const Packet& x) { return tessera::detail::SiluKernel::apply(x); },
      [](double x) { return x / (1 + std::exp(-x)); });
  each_lane(
      "clamp", -9.0F, 9.0F, [](const Packet& x) { return pmax(pmin(x, pset1<Packet>(2.0F)), pset1<Packet>(-3.0F)); },
      [](double x) { return std::fmax(std::fmin(x, 2.0), -3.0); });
  float result[lanes];
  pstoreu(result, Packet(pexp(pset1<Packet>(infinity))));
  expect("exp", HUGE_VAL, static_cast<double>(result[0]), HUGE_VAL, 0);
  pstoreu(result, Packet(pmax<Eigen::PropagateNaN>(pset1<Packet>(none), pset1<Packet>(1.0F))));
  if (!std::isnan(result[lanes - 1])) expect("maximum", NAN, static_cast<double>(result[lanes - 1]), NAN, 0);

  float numbers[lanes];
  double sum = 0;
  for (int i = 0; i < lanes; ++i) sum += static_cast<double>(numbers[i] = static_cast<float>(1 << i));
  const Packet packet = ploadu<Packet>(numbers);
  expect("sum", 0, static_cast<double>(predux(packet)), sum, 0);
  expect("largest", 0, static_cast<double>(predux_max(packet)), static_cast<double>(numbers[lanes - 1]), 0);
  tessera::detail::sums_of_lanes<isa>(
      lanes, [&](int i) { return pmul(packet, pset1<Packet>(static_cast<float>(i))); }, [](const auto& sums) { return sums; }, result);
  for (int i = 0; i < lanes; ++i) expect("sum of row", i, static_cast<double>(result[i]), sum * i, 0);
}

template <class N>
void network(const std::string& folder, int rounds) {
  const TensorFile file = read_safetensors(folder + '/' + std::string(N::name) + ".safetensors");
  Weights<N> weights;
  weights.keep(std::make_shared<LoadedParameters>(assign(file, weights.parameters())));
  const Model<N> model(weights);
  const double worst = self_test(model, file);
  const Tensor<N::input> image;
  double seconds = HUGE_VAL;
  for (int round = 0; round < rounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 2; ++i)
      expect("score", 0, static_cast<double>(model(image).data()[0]), static_cast<double>(model(image).data()[0]), 0);
    seconds = std::fmin(seconds, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / 4);
  }
  std::printf("%-18s differs from its self-test by %.1e, %.0f images/s\n", std::string(N::name).c_str(), worst, 1 / seconds);
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) return 2;
  const int rounds = count > 2 ? std::atoi(arguments[2]) : 20;
  std::printf("%d lanes\n", lanes);
  packets();
  network<ResMlpCifar10>(arguments[1], rounds);
  network<MixerCifar10>(arguments[1], rounds);
  network<SpachMsCifar10>(arguments[1], rounds);
  network<ConvMlpCifar10>(arguments[1], rounds);
  return failures == 0 ? 0 : 1;
}
