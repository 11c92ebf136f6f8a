// SPDX-License-Identifier: MIT
#pragma once

// Pictures of what a network does with a photo. All of them run the network as it is, so they work for every network that load_any knows.
//
//   contributions     what each position of the last tokens adds to a score (contributions.hpp: exact), and how much the score falls when a
//                     patch of the photo is replaced by the mean colour (occlusion, Zeiler & Fergus 2014, arXiv:1311.2901)
//   feature maps      the channels of each result that vary most over the photo
//   receptive fields  ‖Δy‖ of the middle position of each result when a cell of the photo grows by ε, for every cell, mean over photos
//                     (effective receptive field, Luo et al. 2016, arXiv:1701.04128, by differences in the place of gradients)

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "contributions.hpp"
#include "output.hpp"
#include "picture.hpp"
#include "tessera/any/any_model.hpp"
#include "tessera/io/key_names.hpp"
#include "tessera/vision/top_k.hpp"

using Values = std::vector<double>;

// A grid of colours, for Picture::image.
template <class ColourOf>
tessera::Image grid_image(int height, int width, const ColourOf& colour_of) {
  tessera::Image image(height, width);
  const auto byte = [](double share) { return static_cast<std::uint8_t>(std::lround(255 * std::clamp(share, 0.0, 1.0))); };
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const Colour colour = colour_of(y, x);
      const auto pixel = image.pixel(y, x);
      pixel[0] = byte(colour.red), pixel[1] = byte(colour.green), pixel[2] = byte(colour.blue);
    }
  return image;
}

inline Colour colour_at(tessera::View<tessera::any_shape> x, const tessera::Preprocessing& how, int row, int column) {
  const float* const pixel = x.data() + (std::ptrdiff_t{row} * x.shape().width + column) * 3;
  const auto share = [&](std::size_t c) { return static_cast<double>(pixel[c] * how.deviation[c] + how.mean[c]); };
  return {share(0), share(1), share(2)};
}

// The prepared photo as the network sees it.
inline tessera::Image seen_image(tessera::View<tessera::any_shape> x, const tessera::Preprocessing& how) {
  return grid_image(x.shape().height, x.shape().width, [&](int y, int column) { return colour_at(x, how, y, column); });
}

inline double largest_of(const Values& values) {
  double largest = 1e-30;
  for (const double value : values) largest = std::max(largest, std::abs(value));
  return largest;
}

// The photo in grey, and on it a map of height × width values: red adds, blue takes away.
inline tessera::Image overlay(tessera::View<tessera::any_shape> x, const tessera::Preprocessing& how, const Values& map, int height,
                              int width) {
  const double largest = largest_of(map);
  const tessera::Shape shape = x.shape();
  return grid_image(shape.height, shape.width, [&](int row, int column) {
    const Colour colour = colour_at(x, how, row, column);
    const double light = 0.5 + 0.5 * (0.30 * colour.red + 0.59 * colour.green + 0.11 * colour.blue);
    const double value = map[static_cast<std::size_t>(row * height / shape.height * width + column * width / shape.width)] / largest;
    return mix({light, light, light}, value < 0 ? blue : red, 0.85 * std::abs(value));
  });
}

// The smallest divisor of the side that makes at most `most` cells.
inline int cell_of(int side, int most) {
  int cell = (side + most - 1) / most;
  while (side % cell != 0) ++cell;
  return cell;
}

// By how much a score falls for each patch of `cell`² pixels that is replaced by the mean colour, which is 0 after preparation.
inline Values occlusion(const tessera::AnyModel& model, const tessera::AnyTensor& x, std::size_t number, double score, int cell) {
  const tessera::Shape shape = x.shape();
  Values falls;
  for (int top = 0; top < shape.height; top += cell)
    for (int left = 0; left < shape.width; left += cell) {
      tessera::AnyTensor y(x);
      for (int row = top; row < top + cell; ++row)
        std::fill_n(y.data() + (std::ptrdiff_t{row} * shape.width + left) * 3, std::ptrdiff_t{cell} * 3, 0.0F);
      falls.push_back(score - static_cast<double>(model.scores(y)[number]));
    }
  return falls;
}

inline std::vector<float> head_values(const tessera::NamedTensors& named, std::string_view name) {
  for (const auto& entry : named.tensors) {
    if (entry.tensor.name != name) continue;
    std::vector<float> values(static_cast<std::size_t>(entry.tensor.size()));
    tessera::to_float(entry.tensor, values);
    return values;
  }
  throw tessera::Error("--contributions: found no tensor " + std::string(name) + " in the file, expected a network with a linear head");
}

// `wanted`: a label, or empty for the class with the highest score.
inline std::size_t wanted_class(const tessera::AnyModel& model, const tessera::AnyTensor& scores, const std::string& wanted) {
  const auto& labels = model.labels();
  if (wanted.empty()) return static_cast<std::size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
  const auto found = std::find(labels.begin(), labels.end(), wanted);
  const std::vector<std::string_view> known(labels.begin(), labels.end());
  if (found == labels.end())
    throw tessera::Error("--class: found " + tessera::detail::quote(wanted) + ", which is no label" +
                         tessera::detail::did_you_mean(wanted, known));
  return static_cast<std::size_t>(found - labels.begin());
}

inline void draw_colour_bar(Picture& picture, double x, double y, double width, double largest) {
  for (int step = 0; step < 200; ++step) picture.box(x + width * step / 200, y, width / 200 + 1, 10, signed_colour(step / 99.5 - 1));
  picture.text(x, y + 24, format("-%.3g", largest), 11);
  picture.text(x + width / 2, y + 24, "0", 11, Align::middle);
  picture.text(x + width, y + 24, format("+%.3g", largest), 11, Align::right);
}

inline void draw_contributions(const std::string& path, const tessera::AnyModel& model, const tessera::NamedTensors& named,
                               const tessera::AnyTensor& x, const std::string& wanted) {
  const tessera::AnyTensor scores = model.scores(x), tokens = model.tokens(x);
  const std::size_t number = wanted_class(model, scores, wanted), channels = static_cast<std::size_t>(tokens.shape().channels);
  const std::vector<float> weights = head_values(named, "head.weight"), offsets = head_values(named, "head.bias");
  const Values map = contributions_to_score(tokens, std::span(weights).subspan(number * channels, channels));
  const double score = static_cast<double>(scores[number]), bias = static_cast<double>(offsets[number]),
               sum = std::accumulate(map.begin(), map.end(), 0.0);
  if (std::abs(sum + bias - score) > 1e-3 * std::max(1.0, std::abs(score)))
    throw tessera::Error("--contributions: found a sum of " + std::to_string(sum + bias) + ", expected the score " + std::to_string(score));
  const tessera::Shape in = x.shape(), grid = tokens.shape();
  const int cell = cell_of(std::gcd(in.height, in.width), 8);
  const Values falls = occlusion(model, x, number, score, cell);

  constexpr int side = 256, gap = 24, left = 20, top = 76;
  Picture picture(left + 3 * (side + gap), top + side + 72);
  picture.text(left, 28, format("What speaks for \"%s\": score %.3f", model.labels()[number].c_str(), score), 15);
  picture.text(left, 48, "red: adds to the score   blue: takes away from it", 11);
  const auto column = [](int number_of) { return static_cast<double>(left + number_of * (side + gap)); };
  picture.text(column(0), top - 8, format("the photo as the network sees it, %dx%d", in.height, in.width), 11);
  picture.image(seen_image(x, model.preprocessing()), column(0), top, side);
  picture.text(column(1), top - 8, format("share of each of the %dx%d last tokens", grid.height, grid.width), 11);
  picture.image(overlay(x, model.preprocessing(), map, grid.height, grid.width), column(1), top, side);
  draw_colour_bar(picture, column(1), top + side + 14, side, largest_of(map));
  picture.text(column(1), top + side + 58, format("exact: %.3f of all tokens and %.3f of the bias", sum, bias), 11);
  picture.text(column(2), top - 8, format("fall of the score without a patch of %dx%d", cell, cell), 11);
  picture.image(overlay(x, model.preprocessing(), falls, in.height / cell, in.width / cell), column(2), top, side);
  draw_colour_bar(picture, column(2), top + side + 14, side, largest_of(falls));
  picture.save(path);
}

// A result whose positions still form a picture.
struct SpatialResult {
  std::string name;
  tessera::AnyTensor values;
};

// The ends of stages and blocks, at most `most`, equally spaced from the first to the last. What is inside a block is left out: its name
// goes on after that of the block.
inline std::vector<SpatialResult> spatial_results(const tessera::AnyModel& model, const tessera::AnyTensor& x, std::size_t most) {
  struct Keep final : tessera::Observer {
    void see(std::string_view name, tessera::Shape shape, const float* values) override {
      if (shape.height < 2 || shape.width < 2 || name == "tokens" || name == "blocks") return;  // which repeat the norm and the last block
      found.push_back({std::string(name), tessera::AnyTensor(tessera::View<tessera::any_shape>(values, shape))});
    }
    std::vector<SpatialResult> found;
  } keep;
  model.observe(x, keep);
  std::vector<SpatialResult> ends;
  for (SpatialResult& result : keep.found) {
    const bool inside = std::any_of(keep.found.begin(), keep.found.end(), [&](const SpatialResult& other) {
      const std::string_view rest = std::string_view(result.name).substr(std::min(other.name.size(), result.name.size()));
      return result.name.starts_with(other.name) && rest.starts_with('.');
    });
    if (!inside) ends.push_back(std::move(result));
  }
  std::vector<SpatialResult> chosen;
  const std::size_t count = std::min(most, ends.size());
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(std::move(ends[count == 1 ? 0 : i * (ends.size() - 1) / (count - 1)]));
  return chosen;
}

// The channels of a result that vary most over its positions, the most varied first.
inline std::vector<int> liveliest_channels(const tessera::AnyTensor& map, std::size_t count) {
  const auto channels = static_cast<std::size_t>(map.shape().channels), positions = static_cast<std::size_t>(map.shape().size()) / channels;
  Values variance(channels);
  for (std::size_t c = 0; c < channels; ++c) {
    double sum = 0, squares = 0;
    for (std::size_t n = 0; n < positions; ++n) {
      const double value = static_cast<double>(map[n * channels + c]);
      sum += value, squares += value * value;
    }
    variance[c] = squares - sum * sum / static_cast<double>(positions);
  }
  std::vector<int> order(channels);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return variance[static_cast<std::size_t>(a)] > variance[static_cast<std::size_t>(b)]; });
  order.resize(std::min(count, channels));
  return order;
}

// One channel, black for its least value and white for its greatest.
inline tessera::Image channel_image(const tessera::AnyTensor& map, int channel) {
  const tessera::Shape shape = map.shape();
  const auto value = [&](int y, int x) {
    return static_cast<double>(map.data()[(std::ptrdiff_t{y} * shape.width + x) * shape.channels + channel]);
  };
  double least = value(0, 0), greatest = least;
  for (int y = 0; y < shape.height; ++y)
    for (int x = 0; x < shape.width; ++x) least = std::min(least, value(y, x)), greatest = std::max(greatest, value(y, x));
  return grid_image(shape.height, shape.width,
                    [&](int y, int x) { return mix(black, white, (value(y, x) - least) / std::max(greatest - least, 1e-30)); });
}

// A row for each map: its name and size, then its liveliest channels with their numbers. The photo stands above.
inline void draw_feature_maps(const std::string& path, const tessera::Image& photo, const std::vector<SpatialResult>& maps,
                              std::size_t columns) {
  if (maps.empty()) throw tessera::Error("found no result whose positions form a picture, expected at least one of 2x2 or more");
  constexpr int tile = 80, gap = 8, line = 16, left = 150, top = 130;
  Picture picture(left + static_cast<int>(columns) * (tile + gap) + 16, top + static_cast<int>(maps.size()) * (tile + gap + line) + 12);
  picture.image(photo, 20, 16, 96);
  picture.text(left, 30, "Feature maps: the channels of each result that vary most", 15);
  for (int step = 0; step < 100; ++step) picture.box(left + step, 44, 1, 12, mix(black, white, step / 99.0));
  picture.line(left, 56, left + 100, 56, grey);
  picture.text(left + 108, 55, "from the least to the greatest of each map; the number is the channel", 11);
  for (std::size_t row = 0; row < maps.size(); ++row) {
    const double y = top + static_cast<double>(row) * (tile + gap + line);
    const tessera::Shape shape = maps[row].values.shape();
    picture.text(left - 10, y + tile / 2.0, maps[row].name, 11, Align::right);
    picture.text(left - 10, y + tile / 2.0 + 16, format("%dx%dx%d", shape.height, shape.width, shape.channels), 11, Align::right);
    const std::vector<int> channels = liveliest_channels(maps[row].values, columns);
    for (std::size_t c = 0; c < channels.size(); ++c) {
      const double x = left + static_cast<double>(c) * (tile + gap);
      picture.image(channel_image(maps[row].values, channels[c]), x, y, tile);
      picture.frame(x, y, tile, tile, grey);
      picture.text(x + tile / 2.0, y + tile + 12, std::to_string(channels[c]), 10, Align::middle);
    }
  }
  picture.save(path);
}

// ‖Δy‖ of the middle position of every result, for every cell of the photo, row by row.
inline std::vector<Values> receptive_fields(const tessera::AnyModel& model, const tessera::AnyTensor& x, std::size_t most, int cell) {
  constexpr float epsilon = 0.05F;  // of a deviation of the pixels
  const std::vector<SpatialResult> still = spatial_results(model, x, most);
  struct Compare final : tessera::Observer {
    explicit Compare(const std::vector<SpatialResult>& results) : still(results) {}
    void see(std::string_view name, tessera::Shape shape, const float* values) override {
      for (std::size_t i = 0; i < still.size(); ++i) {
        if (still[i].name != name) continue;
        const std::ptrdiff_t middle = (std::ptrdiff_t{shape.height / 2} * shape.width + shape.width / 2) * shape.channels;
        double squares = 0;
        for (std::ptrdiff_t c = middle; c < middle + shape.channels; ++c) {
          const double difference = static_cast<double>(values[c]) - static_cast<double>(still[i].values.data()[c]);
          squares += difference * difference;
        }
        fields[i].push_back(std::sqrt(squares) / static_cast<double>(epsilon));
      }
    }
    const std::vector<SpatialResult>& still;
    std::vector<Values> fields;
  } compare(still);
  compare.fields.resize(still.size());
  const tessera::Shape shape = x.shape();
  for (int top = 0; top < shape.height; top += cell)
    for (int left = 0; left < shape.width; left += cell) {
      tessera::AnyTensor y(x);
      for (int row = top; row < top + cell; ++row) {
        float* const pixels = y.data() + (std::ptrdiff_t{row} * shape.width + left) * 3;
        std::for_each(pixels, pixels + std::ptrdiff_t{cell} * 3, [](float& value) { value += epsilon; });
      }
      model.observe(y, compare);
    }
  return compare.fields;
}

inline void draw_receptive_fields(const std::string& path, const tessera::AnyModel& model, const std::vector<tessera::AnyTensor>& photos,
                                  std::size_t most) {
  const tessera::Shape in = photos[0].shape();
  const int cell = cell_of(std::gcd(in.height, in.width), 32);
  const std::vector<SpatialResult> results = spatial_results(model, photos[0], most);
  std::vector<Values> fields(results.size(), Values(static_cast<std::size_t>(in.height / cell * (in.width / cell))));
  for (const tessera::AnyTensor& x : photos) {
    const std::vector<Values> one = receptive_fields(model, x, most, cell);
    for (std::size_t i = 0; i < fields.size(); ++i)
      std::transform(one[i].begin(), one[i].end(), fields[i].begin(), fields[i].begin(), std::plus<>());
  }
  constexpr int side = 160, gap = 34, left = 48, top = 92, across = 4;
  const int rows = (static_cast<int>(results.size()) + across - 1) / across;
  Picture picture(left + std::min(across, static_cast<int>(results.size())) * (side + gap) + 10, top + rows * (side + 64));
  picture.text(20, 28, "Effective receptive fields of the middle position", 15);
  for (int step = 0; step < 100; ++step) picture.box(20 + step, 40, 1, 12, mix(white, red, step / 99.0));
  picture.line(20, 52, 120, 52, grey);
  picture.text(128, 51, format("change of the result when a cell of %dx%d pixels changes, from 0 to the largest", cell, cell), 11);
  for (std::size_t i = 0; i < results.size(); ++i) {
    const double x = left + static_cast<double>(i % across) * (side + gap), y = top + static_cast<double>(i / across) * (side + 64);
    const tessera::Shape shape = results[i].values.shape();
    picture.text(x, y - 8, format("%s, %dx%d", results[i].name.c_str(), shape.height, shape.width), 11);
    const double largest = largest_of(fields[i]);
    picture.image(grid_image(in.height / cell, in.width / cell,
                             [&](int row, int column) {
                               return mix(white, red, fields[i][static_cast<std::size_t>(row * (in.width / cell) + column)] / largest);
                             }),
                  x, y, side);
    picture.frame(x, y, side, side, grey);
    for (int step = 0; step <= 2; ++step) {
      picture.text(x + side * step / 2.0, y + side + 14, std::to_string(in.width * step / 2), 10, Align::middle);
      picture.text(x - 5, y + side * step / 2.0 + 4, std::to_string(in.height * step / 2), 10, Align::right);
    }
    picture.text(x + side / 2.0, y + side + 28, "pixels", 10, Align::middle);
  }
  picture.save(path);
}
