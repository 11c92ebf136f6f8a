// SPDX-License-Identifier: MIT
#pragma once

// A run of training that can be stopped at any moment: after each epoch, and now and then within one, everything that it goes on from is
// written to a file, which is replaced as a whole. A run that is started again reads it and gives the bits of one that was never stopped.

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <span>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "learner.hpp"
#include "output.hpp"
#include "picture.hpp"
#include "tessera/io/read_tensors.hpp"
#include "tessera/io/write_safetensors.hpp"
#include "tessera/train/optimiser.hpp"

struct EpochRecord {
  double loss = 0, held_out_loss = 0, accuracy = 0, rate = 0;  // accuracy from 0 to 1, the rate of the last step
};

struct RunOptions {
  int epochs = 10;
  double rate = 1e-3;        // the highest
  double warm_up = 0.05;     // share of the run in which the rate rises
  std::string state_path;    // the file that the run goes on from
  std::string description;   // what the run depends on; another description is another run
  double save_seconds = 30;  // how often within an epoch
  bool keep_last = false;    // the weights after the last epoch are kept, not those of the best one
};

class TrainingRun {
  using Clock = std::chrono::steady_clock;

 public:
  TrainingRun(Learner& learner, tessera::BatchLoader& training, tessera::BatchLoader& held_out, const RunOptions& options)
      : learner_(learner), training_(training), held_out_(held_out), options_(options) {}

  // Reads the file of a run that was stopped, if there is one. Throws an Error if it is of another run.
  bool resume() {
    std::error_code ignored;
    if (!std::filesystem::exists(options_.state_path, ignored)) return false;
    const tessera::TensorFile file = tessera::read_tensors(options_.state_path);
    const std::string* const description = file.metadata.find("run");
    if (description == nullptr || *description != options_.description)
      throw tessera::Error(options_.state_path + ": found a run with other photos or options" + first_difference(description) +
                           "; give the same ones to go on with it, or remove the file to begin again");
    const auto read = [&](const std::string& name, std::span<float> values) {
      const tessera::TensorEntry* const tensor = file.find(name);
      if (tensor == nullptr || static_cast<std::size_t>(tensor->size()) != values.size())
        throw tessera::Error(options_.state_path + ": found no " + name + " of " + std::to_string(values.size()) +
                             " values, expected them");
      tessera::to_float(*tensor, values);
    };
    for (const auto& [name, values] : learner_.state()) read("learner." + name, values);
    best_weights_ = learner_.weights();
    read("best", best_weights_);
    std::istringstream text(file.metadata.at("progress"));
    std::string loss;
    std::size_t epochs = 0;
    text >> learner_.steps() >> epoch_ >> batch_ >> loss >> best_ >> epochs;
    loss_ = std::strtod(loss.c_str(), nullptr);
    for (std::size_t i = 0; i < epochs; ++i) {
      std::string words[4];
      for (std::string& word : words) text >> word;
      const auto number = [&](int word) { return std::strtod(words[word].c_str(), nullptr); };
      history_.push_back({number(0), number(1), number(2), number(3)});
    }
    if (!text || epoch_ < 0 || epoch_ > options_.epochs || batch_ < 0 || batch_ >= training_.batches() ||
        static_cast<int>(epochs) != epoch_)
      throw tessera::Error(options_.state_path +
                           ": found progress that makes no sense, expected that of a run; remove the file to begin again");
    return true;
  }

  // Trains to the end. `report` is called after each epoch.
  template <class Report>
  void train(Report report) {
    const auto begin = Clock::now();
    auto last_save = begin;
    const double done_before = position();
    save();  // a folder that cannot be written shows now
    while (epoch_ < options_.epochs) {
      training_.start(epoch_, batch_);
      for (tessera::TrainingBatch batch; training_.next(batch);) {
        loss_ += learner_.step(batch, rate_at(epoch_, batch_)) * batch.images.count();
        ++batch_;
        if (seconds_since(last_save) >= options_.save_seconds && batch_ < training_.batches()) {
          save();
          last_save = Clock::now();
        }
        show(begin, done_before);
      }
      finish_epoch();
      save();
      last_save = Clock::now();
      clear_line();
      report(*this, seconds_left(begin, done_before));
    }
  }

  int epoch() const { return epoch_; }
  const std::vector<EpochRecord>& history() const { return history_; }
  // The epoch, from 0, with the highest accuracy on what is held out, the first of several; or the last one (keep_last). Its weights.
  int best() const { return best_; }
  const std::vector<float>& best_weights() const { return best_weights_; }
  // The last word: the run is over.
  void remove_state() const { std::filesystem::remove(options_.state_path); }

 private:
  static double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }
  double position() const { return epoch_ + static_cast<double>(batch_) / training_.batches(); }

  // The learning rate of a step of an epoch.
  double rate_at(int epoch, int batch) const {
    const std::int64_t batches = training_.batches(), steps = options_.epochs * batches;
    const auto warm_up = static_cast<std::int64_t>(options_.warm_up * static_cast<double>(steps));
    return tessera::warm_up_cosine(epoch * batches + batch, steps, warm_up, options_.rate);
  }

  void finish_epoch() {
    EpochRecord record{.rate = rate_at(epoch_, batch_ - 1)};
    double images = 0, held_out = 0, right = 0;
    held_out_.start(0);
    for (tessera::TrainingBatch batch; held_out_.next(batch);) {
      const std::vector<float> scores = learner_.scores(batch);
      const std::size_t classes = scores.size() / batch.numbers.size();
      for (std::size_t i = 0; i < batch.numbers.size(); ++i) {
        const std::span<const float> y = std::span(scores).subspan(i * classes, classes);
        const std::span<const float> target = std::span(batch.targets).subspan(i * classes, classes);
        const auto best = std::max_element(y.begin(), y.end()), truth = std::max_element(target.begin(), target.end());
        double sum = 0;
        for (const float score : y) sum += std::exp(static_cast<double>(score - *best));
        record.held_out_loss += std::log(sum) + *best - y[static_cast<std::size_t>(truth - target.begin())];
        right += best - y.begin() == truth - target.begin() ? 1 : 0;
        held_out += 1;
      }
    }
    images = static_cast<double>(training_.images());
    record.loss = loss_ / images;
    record.held_out_loss /= held_out;
    record.accuracy = right / held_out;
    if (history_.empty() || options_.keep_last || record.accuracy > history_[static_cast<std::size_t>(best_)].accuracy) {
      best_ = epoch_;
      best_weights_ = learner_.weights();
    }
    history_.push_back(record);
    ++epoch_;
    batch_ = 0;
    loss_ = 0;
  }

  void save() {
    std::string progress =
        format("%lld %d %d %a %d %zu", static_cast<long long>(learner_.steps()), epoch_, batch_, loss_, best_, history_.size());
    for (const EpochRecord& record : history_)
      progress += format(" %a %a %a %a", record.loss, record.held_out_loss, record.accuracy, record.rate);
    if (best_weights_.empty()) best_weights_ = learner_.weights();
    std::vector<tessera::TensorEntry> tensors;
    const auto add = [&](const std::string& name, std::span<const float> values) {
      tensors.push_back({name, tessera::DType::f32, {static_cast<std::int64_t>(values.size())}, {1}, std::as_bytes(values)});
    };
    for (const auto& [name, values] : learner_.state()) add("learner." + name, values);
    add("best", best_weights_);
    tessera::write_safetensors(options_.state_path, tensors, {{"run", options_.description}, {"progress", progress}});
  }

  // The first line in which two runs differ.
  std::string first_difference(const std::string* found) const {
    if (found == nullptr) return "";
    std::istringstream theirs(*found), ours(options_.description);
    for (std::string a, b; std::getline(theirs, a) && std::getline(ours, b);)
      if (a != b) return " (" + a + ", not " + b + ")";
    return "";
  }

  double seconds_left(Clock::time_point begin, double done_before) const {
    const double done = position() - done_before;
    return done <= 0 ? 0 : seconds_since(begin) / done * (options_.epochs - position());
  }

  // A line on a terminal.
  void show(Clock::time_point begin, double done_before) {
    if (::isatty(STDERR_FILENO) != 1) return;
    const double left = seconds_left(begin, done_before);
    std::fprintf(stderr, "\repoch %d, batch %d of %d, %d:%02d left \033[K", epoch_ + 1, batch_, training_.batches(),
                 static_cast<int>(left) / 60, static_cast<int>(left) % 60);
  }
  static void clear_line() {
    if (::isatty(STDERR_FILENO) == 1) std::fputs("\r\033[K", stderr);
  }

  Learner& learner_;
  tessera::BatchLoader& training_;
  tessera::BatchLoader& held_out_;
  RunOptions options_;
  int epoch_ = 0, batch_ = 0, best_ = 0;
  double loss_ = 0;  // of the images of this epoch so far
  std::vector<EpochRecord> history_;
  std::vector<float> best_weights_;
};

inline void write_curves(const std::string& path, const std::vector<EpochRecord>& history) {
  Output output(path, "w");
  std::string text = "epoch,loss,held_out_loss,held_out_accuracy,rate\n";
  for (std::size_t i = 0; i < history.size(); ++i)
    text += format("%zu,%.6g,%.6g,%.6g,%.6g\n", i + 1, history[i].loss, history[i].held_out_loss, history[i].accuracy, history[i].rate);
  output.write(text);
  output.close();
}

// Losses on the left, accuracy on the right, over the epochs.
inline void draw_curves(const std::string& path, const std::vector<EpochRecord>& history) {
  constexpr int side = 380, left = 60, top = 40, gap = 90;
  Picture picture(2 * side + left + gap + 30, side + top + 60);
  double most = 0;
  for (const EpochRecord& record : history) most = std::max({most, record.loss, record.held_out_loss});
  const auto curve = [&](int x0, double scale, Colour colour, auto value) {
    const auto x = [&](std::size_t i) {
      return x0 + (history.size() == 1 ? 0.5 : static_cast<double>(i) / static_cast<double>(history.size() - 1)) * side;
    };
    const auto y = [&](std::size_t i) { return top + side * (1 - value(history[i]) / scale); };
    for (std::size_t i = 0; i < history.size(); ++i) {
      picture.box(x(i) - 2, y(i) - 2, 4, 4, colour);
      if (i > 0) picture.line(x(i - 1), y(i - 1), x(i), y(i), colour, 2);
    }
  };
  const auto axes = [&](int x0, double scale, const char* how, double unit, const std::string& title) {
    picture.line(x0, top, x0, top + side, black);
    picture.line(x0, top + side, x0 + side, top + side, black);
    for (int step = 0; step <= 4; ++step)
      picture.text(x0 - 8, top + side * (1 - step / 4.0) + 4, format(how, unit * scale * step / 4), 11, Align::right);
    picture.text(x0, top + side + 18, "1", 11, Align::middle);
    picture.text(x0 + side, top + side + 18, std::to_string(history.size()), 11, Align::middle);
    picture.text(x0 + side / 2.0, top + side + 36, "epoch", 12, Align::middle);
    picture.text(x0 + side / 2.0, 22, title, 14, Align::middle);
  };
  axes(left, most, "%.2f", 1, "loss");
  curve(left, most, blue, [](const EpochRecord& r) { return r.loss; });
  curve(left, most, red, [](const EpochRecord& r) { return r.held_out_loss; });
  picture.text(left + side - 10, top + 14, "training", 12, Align::right, blue);
  picture.text(left + side - 10, top + 30, "held out", 12, Align::right, red);
  axes(left + side + gap, 1, "%.0f %%", 100, "accuracy, held out");
  curve(left + side + gap, 1, red, [](const EpochRecord& r) { return r.accuracy; });
  picture.save(path);
}
