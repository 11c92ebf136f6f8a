// SPDX-License-Identifier: MIT
#pragma once

// What moves the parameters of a network along their gradients g, with the learning rate η. All sums run in one order, so the same
// gradients give the same bits.
//
//     AdamW   m ← β₁m + (1-β₁)g    v ← β₂v + (1-β₂)g²    θ ← θ - η·λθ - η·m̂ / (√v̂ + ε)      m̂ = m/(1-β₁ᵗ), v̂ = v/(1-β₂ᵗ)
//     SGD     m ← μm + g + λθ      θ ← θ - η·m
//     LAMB    u = m̂ / (√v̂ + ε) + λθ,  m and v as AdamW's     θ ← θ - η·(|θ| / |u|)·u          the factor is 1 where λ = 0
//     Muon    m ← μm + (1-μ)g      θ ← θ - η·λθ - η·0.2·√max(rows, columns)·O((1-μ)g + μm)
//
// where O(X) is nearly the orthogonal factor of X, by five steps of a Newton-Schulz iteration. Muon moves the matrices within the network;
// the head, kernels and vectors are moved by AdamW. λ applies to matrices and kernels alone (TrainedParameter::is_matrix).
//
// Loshchilov & Hutter 2019, arXiv:1711.05101, algorithm 2; Sutskever et al. 2013, "On the importance of initialization and momentum"; You
// et al. 2020, arXiv:1904.00962, algorithm 2; Jordan et al. 2024, "Muon"; its scale is that of Liu et al. 2025, arXiv:2502.16982, eq. 4.

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tessera/core/compiled.hpp"
#include "tessera/train/trained_parameter.hpp"

namespace tessera {

// The rules above.
enum class Method { adamw, sgd, lamb, muon };

// The constants of the rules above.
struct OptimiserOptions {
  Method method = Method::adamw;      // of all parameters; with muon, of the matrices within the network
  double beta1 = 0.9, beta2 = 0.999;  // of AdamW and LAMB
  double epsilon = 1e-8;              // LAMB's authors have 1e-6
  double momentum = 0.9;              // μ of SGD
  double muon_momentum = 0.95;        // μ of Muon
  double weight_decay = 0.05;         // λ
};

// Moves parameters step by step, and keeps what it knows of their gradients.
class Optimiser {
 public:
  // The parameters have to stay where they are. Statistics are not moved.
  explicit Optimiser(std::span<const TrainedParameter> parameters, const OptimiserOptions& options = {});

  // One step with the rate η, or with another one for the parameters that Muon moves.
  void step(double rate) { step(rate, rate); }
  void step(double rate, double muon_rate);
  // η of parameter i is multiplied by factors[i]; 0 keeps it as it is. Throws Error unless there is one factor for each parameter.
  void set_rate_factors(std::span<const double> factors);

  // How many steps were made, and m and v of all parameters under the names first.KEY and second.KEY: what a run goes on from.
  std::int64_t& steps() { return steps_; }
  // m and v by name.
  std::vector<std::pair<std::string, std::span<float>>> state();

 private:
  struct Moments {
    TrainedParameter parameter;
    Method method;
    std::vector<float> first, second;
    double factor = 1;
  };
  void move(Moments& moments, double rate) const;
  void move_by_muon(Moments& moments, double rate) const;

  OptimiserOptions options_;
  std::vector<Moments> all_;
  std::int64_t steps_ = 0;
};

// Scales all gradients so that their common Euclidean norm is at most `most`. Returns the norm before. Pascanu et al. 2013,
// arXiv:1211.5063.
double clip_gradients(std::span<const TrainedParameter> parameters, double most);

// Factors for Optimiser::set_rate_factors: 1 for the last layer (the head), `decay` times less for every layer before it, where a layer is
// a block or what has a name of its own outside of the blocks. Bao et al. 2022, BEiT, arXiv:2106.08254, for fine-tuning.
std::vector<double> layer_rate_factors(std::span<const TrainedParameter> parameters, double decay);

// The learning rate of a step, counted from 0: it grows evenly to `peak` over `warm_up` steps, then falls to `last` along half a cosine.
// Loshchilov & Hutter 2017, arXiv:1608.03983, eq. 5.
double warm_up_cosine(std::int64_t step, std::int64_t steps, std::int64_t warm_up, double peak, double last = 0);

// An exponential average of all weights and statistics, a ← d·a + (1-d)·θ after every step. Polyak & Juditsky 1992.
class WeightAverage {
 public:
  // Begins with the present values. The parameters have to stay where they are.
  explicit WeightAverage(std::span<const TrainedParameter> parameters, double decay = 0.998);
  // Takes in the present values, after a step of the optimiser.
  void update();
  // Exchanges the network's values and the averages: once to look at the averaged network, and again to go on.
  void swap();
  // The averages under the names average.KEY.
  std::vector<std::pair<std::string, std::span<float>>> state();

 private:
  std::vector<TrainedParameter> parameters_;
  std::vector<std::vector<float>> averages_;
  double decay_;
};

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/train/optimiser_inl.hpp"
#endif
