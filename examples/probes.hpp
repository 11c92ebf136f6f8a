// SPDX-License-Identifier: MIT
#pragma once

// Classifiers on features, made from a few labelled images without training a network:
//   nearest   the k images with the greatest cosine vote, each with its cosine
//   linear    a linear probe: ridge regression of one-hot labels on the standardised features,
//             W = argmin ‖[X 1] W - Y‖² + λ ‖W‖², solved exactly; the offset is not punished

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

// Images in rows, features in columns.
using Features = Eigen::MatrixXd;
using Classes = std::vector<int>;

inline Features normalized_rows(Features x) {
  for (Eigen::Index row = 0; row < x.rows(); ++row) x.row(row).normalize();
  return x;
}

// The rows of `all`, which are normalised, with the greatest cosine to x: (cosine, row), the greatest first.
inline std::vector<std::pair<double, std::size_t>> nearest(const Features& all, const Eigen::RowVectorXd& x, std::size_t k) {
  const Eigen::VectorXd cosines = all * x.normalized().transpose();
  std::vector<std::pair<double, std::size_t>> order;
  for (Eigen::Index row = 0; row < cosines.size(); ++row) order.emplace_back(cosines[row], static_cast<std::size_t>(row));
  const auto better = [](const auto& a, const auto& b) { return a.first > b.first || (a.first == b.first && a.second < b.second); };
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(std::min(k, order.size()));
  std::partial_sort(order.begin(), end, order.end(), better);
  order.erase(end, order.end());
  return order;
}

class NearestNeighbours {
 public:
  NearestNeighbours(const Features& x, Classes labels, int classes, std::size_t k = 5)
      : x_(normalized_rows(x)), labels_(std::move(labels)), classes_(classes), k_(k) {}

  int operator()(const Eigen::RowVectorXd& x) const {
    Eigen::VectorXd votes = Eigen::VectorXd::Zero(classes_);
    for (const auto& [cosine, row] : nearest(x_, x, k_)) votes[labels_[row]] += 1 + cosine;
    Eigen::Index best = 0;
    votes.maxCoeff(&best);
    return static_cast<int>(best);
  }

 private:
  Features x_;
  Classes labels_;
  int classes_;
  std::size_t k_;
};

class LinearProbe {
 public:
  LinearProbe(const Features& x, const Classes& labels, int classes, double lambda = 0.1) {
    mean_ = x.colwise().mean();
    const Features centred = x.rowwise() - mean_;
    scale_ = (centred.array().square().colwise().mean() + 1e-12).sqrt().inverse();
    const Features z = centred.array().rowwise() * scale_.array();
    Features y = Features::Zero(x.rows(), classes);
    for (Eigen::Index row = 0; row < x.rows(); ++row) y(row, labels[static_cast<std::size_t>(row)]) = 1;
    offset_ = y.colwise().mean();
    // In the smaller of the two spaces: of features, or of images.
    const double ridge = lambda * static_cast<double>(x.rows());
    const Features centred_y = y.rowwise() - offset_;
    if (z.cols() <= z.rows()) {
      Features gram = z.transpose() * z;
      gram.diagonal().array() += ridge;
      weights_ = gram.ldlt().solve(z.transpose() * centred_y);
    } else {
      Features gram = z * z.transpose();
      gram.diagonal().array() += ridge;
      weights_ = z.transpose() * gram.ldlt().solve(centred_y);
    }
  }

  int operator()(const Eigen::RowVectorXd& x) const {
    const Eigen::RowVectorXd scores = ((x - mean_).array() * scale_.array()).matrix() * weights_ + offset_;
    Eigen::Index best = 0;
    scores.maxCoeff(&best);
    return static_cast<int>(best);
  }

 private:
  Eigen::RowVectorXd mean_, scale_, offset_;
  Features weights_;
};

// The share of images that are right when each fifth of every class in turn is left out and the rest is learnt from. With fewer than five
// images of a class, as many parts as there are images.
template <class Probe>
double cross_validated(const Features& x, const Classes& labels, int classes, int parts = 5) {
  std::vector<int> part, seen(static_cast<std::size_t>(classes));
  for (const int label : labels) part.push_back(seen[static_cast<std::size_t>(label)]++ % parts);
  double right = 0;
  for (int out = 0; out < parts; ++out) {
    std::vector<Eigen::Index> rows;
    Classes rest;
    for (std::size_t i = 0; i < labels.size(); ++i)
      if (part[i] != out) rows.push_back(static_cast<Eigen::Index>(i)), rest.push_back(labels[i]);
    if (rows.empty() || rows.size() == labels.size()) continue;
    const Probe probe(x(rows, Eigen::all), rest, classes);
    for (std::size_t i = 0; i < labels.size(); ++i)
      if (part[i] == out) right += probe(x.row(static_cast<Eigen::Index>(i))) == labels[i] ? 1 : 0;
  }
  return right / static_cast<double>(labels.size());
}
