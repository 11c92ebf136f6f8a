// SPDX-License-Identifier: MIT
#pragma once

// Labelled photos for training: class folders, archives of them, or CIFAR-10's binary files. The folder that a photo lies in is its class.

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "class_folders.hpp"
#include "image_list.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "tessera/train/draws.hpp"
#include "tessera/train/image_cache.hpp"

struct PhotoSetOptions {
  tessera::ImageOptions image{};
  tessera::ImageCacheOptions cache{};
  int threads = 1;
  std::string program;  // begins the lines on the standard error
};

// Some of the photos: their numbers in the set and their classes.
struct LabelledPhotos {
  std::vector<std::size_t> numbers;
  std::vector<int> labels;
};

class PhotoSet {
 public:
  // Lists and decodes all photos once, which fills the cache. Photos that cannot be read are named on the standard error and left out.
  // Throws an Error if fewer than two classes have photos.
  PhotoSet(const std::vector<std::string>& arguments, const PhotoSetOptions& options)
      : options_(options),
        sources_(list(arguments)),
        cache_(sources_.size(), [this](std::size_t i) { return decode_one(i); }, options.cache) {
    const std::vector<std::string> errors = decode_all();
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      if (!errors[i].empty()) {
        std::fprintf(stderr, "%s: left out: %s\n", options.program.c_str(), as_utf8(errors[i]).c_str());
        ++left_out_;
      } else {
        classes_.push_back(class_folder(sources_[i].path));
      }
    }
    std::sort(classes_.begin(), classes_.end());
    classes_.erase(std::unique(classes_.begin(), classes_.end()), classes_.end());
    photos_.resize(classes_.size());
    for (std::size_t i = 0; i < sources_.size(); ++i)
      if (errors[i].empty()) {
        const auto found = std::lower_bound(classes_.begin(), classes_.end(), class_folder(sources_[i].path));
        photos_[static_cast<std::size_t>(found - classes_.begin())].push_back(i);
      }
    if (classes_.size() < 2)
      throw tessera::Error("found photos of " + std::to_string(classes_.size()) + " classes, expected folders of at least two");
  }
  PhotoSet(const PhotoSet&) = delete;
  PhotoSet& operator=(const PhotoSet&) = delete;

  // The names of the folders, in order byte by byte.
  const std::vector<std::string>& classes() const { return classes_; }
  // The photos of a class.
  const std::vector<std::size_t>& photos(std::size_t k) const { return photos_[k]; }
  std::size_t count() const { return sources_.size() - left_out_; }
  std::size_t left_out() const { return left_out_; }
  const std::string& path(std::size_t i) const { return sources_[i].path; }
  tessera::ImageCache& cache() { return cache_; }

  // Divides the photos of each class by chance: this share of them, at least one, is held out. Throws an Error if a class has only one.
  std::pair<LabelledPhotos, LabelledPhotos> split(double held_out, std::uint64_t seed) const {
    LabelledPhotos training, testing;
    for (std::size_t k = 0; k < classes_.size(); ++k) {
      std::vector<std::size_t> photos = photos_[k];
      if (photos.size() < 2) throw tessera::Error("found one photo of " + tessera::detail::quote(classes_[k]) + ", expected at least two");
      tessera::Draws draws(seed, tessera::DrawPurpose::split, 0, static_cast<std::uint32_t>(k));
      for (std::size_t i = photos.size() - 1; i > 0; --i) std::swap(photos[i], photos[draws.below(static_cast<std::uint32_t>(i + 1))]);
      const auto wanted = static_cast<std::size_t>(held_out * static_cast<double>(photos.size()) + 0.5);
      const std::size_t out = std::clamp<std::size_t>(wanted, 1, photos.size() - 1);
      std::sort(photos.begin(), photos.begin() + static_cast<std::ptrdiff_t>(out));
      std::sort(photos.begin() + static_cast<std::ptrdiff_t>(out), photos.end());
      for (std::size_t i = 0; i < photos.size(); ++i) {
        LabelledPhotos& part = i < out ? testing : training;
        part.numbers.push_back(photos[i]);
        part.labels.push_back(static_cast<int>(k));
      }
    }
    return {std::move(training), std::move(testing)};
  }

 private:
  static std::vector<ImageSource> list(const std::vector<std::string>& arguments) {
    ImageList images(arguments);
    std::vector<ImageSource> sources;
    for (ImageSource source; images.next(source);) sources.push_back(std::move(source));
    return sources;
  }

  tessera::Image decode_one(std::size_t i) const {
    tessera::ImageOptions how = options_.image;
    how.lenient = sources_[i].found_in_folder || sources_[i].in_memory;
    return decode(sources_[i], how);
  }

  // The error of each photo, empty where there is none.
  std::vector<std::string> decode_all() {
    std::vector<std::string> errors(sources_.size());
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    Progress progress(sources_.size());
    std::vector<std::thread> threads;
    for (int t = 0; t < options_.threads; ++t)
      threads.emplace_back([&] {
        for (std::size_t i = next++; i < sources_.size(); i = next++) {
          try {
            cache_[i];
          } catch (const std::exception& error) {
            errors[i] = error.what();
          }
          const std::lock_guard lock(mutex);
          progress.step();
        }
      });
    for (std::thread& thread : threads) thread.join();
    return errors;
  }

  PhotoSetOptions options_;
  std::vector<ImageSource> sources_;
  tessera::ImageCache cache_;
  std::vector<std::string> classes_;
  std::vector<std::vector<std::size_t>> photos_;  // by class
  std::size_t left_out_ = 0;
};
