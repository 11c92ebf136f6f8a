// SPDX-License-Identifier: MIT
#pragma once

// The images that a command line names: files, folders with all that is below them, globs such as 'photos/*.jpg', tar archives (also
// compressed ones), CIFAR-10's binary files, and - for a list of any of these on the standard input, one a line.

#include <glob.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#ifdef TESSERA_EXAMPLES_LIBARCHIVE
#include <archive.h>
#include <archive_entry.h>
#endif

#include "image_formats.hpp"
#include "tessera/core/error.hpp"
#include "tessera/vision/cifar10_records.hpp"
#include "tessera/vision/labels.hpp"
#include "tessera/vision/read_file.hpp"

// One image, not decoded yet.
struct ImageSource {
  std::string path;             // of a member of an archive: ARCHIVE/MEMBER
  bool in_memory = false;       // a member of an archive, whose bytes are in `bytes`
  bool cifar10_record = false;  // bytes of a CIFAR-10 binary file; the path is FILE/CLASS/NUMBER
  std::vector<std::byte> bytes{};
  bool found_in_folder = false;  // not named on its own
  std::string error{};           // why there is no image
};

inline std::string lower_extension(std::string_view path) {
  const std::size_t dot = path.rfind('.'), slash = path.rfind('/');
  std::string text(dot == path.npos || (slash != path.npos && dot < slash) ? "" : path.substr(dot));
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// Whether a file in a folder or an archive is meant to be an image. Formats that are not read are listed so that they are not passed over
// in silence.
inline bool looks_like_image(std::string_view path) {
  static constexpr std::array<std::string_view, 15> known{".jpg", ".jpeg", ".jpe",  ".jfif", ".png", ".webp", ".gif", ".bmp",
                                                          ".tif", ".tiff", ".avif", ".heic", ".jxl", ".jp2",  ".apng"};
  const std::string_view name = path.substr(path.rfind('/') + 1);  // npos + 1 is 0
  return !name.starts_with('.') && std::find(known.begin(), known.end(), lower_extension(path)) != known.end();
}

// test_batch.bin, or a training file, data_batch_1.bin to data_batch_5.bin.
inline bool looks_like_cifar10(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);  // npos + 1 is 0
  return lower_extension(name) == ".bin" && (name.starts_with("test_batch.") || name.starts_with("data_batch_"));
}
inline bool looks_like_cifar10_training(std::string_view path) {
  return looks_like_cifar10(path) && path.substr(path.rfind('/') + 1).starts_with("data_batch_");
}

inline bool looks_like_archive(std::string_view path) {
  const std::string_view stem = path.substr(0, path.size() - lower_extension(path).size());
  static constexpr std::array<std::string_view, 5> known{".tar", ".tgz", ".tbz2", ".txz", ".tzst"};
  return std::find(known.begin(), known.end(), lower_extension(path)) != known.end() || lower_extension(stem) == ".tar";
}

// All images below a folder, in the order of their names byte by byte, so that each run meets the same order.
inline std::vector<std::string> images_in_folder(const std::string& folder) {
  namespace fs = std::filesystem;
  std::vector<std::string> found;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied))
    if ((looks_like_image(entry.path().native()) || looks_like_cifar10(entry.path().native())) && !entry.is_directory())
      found.push_back(entry.path().native());
  std::sort(found.begin(), found.end());
  return found;
}

inline std::vector<std::string> expand_glob(const std::string& pattern) {
  std::vector<std::string> found;
  ::glob_t matches{};
  if (::glob(pattern.c_str(), 0, nullptr, &matches) == 0)
    for (std::size_t i = 0; i < matches.gl_pathc; ++i) found.emplace_back(matches.gl_pathv[i]);
  ::globfree(&matches);
  return found;
}

// The images of a CIFAR-10 binary file. They are called FILE/CLASS/NUMBER, as if they lay in class folders.
class Cifar10Images {
 public:
  Cifar10Images() = default;
  Cifar10Images(std::string path, std::vector<std::byte> bytes)
      : path_(std::move(path)), bytes_(std::move(bytes)), count_(tessera::count_cifar10_records(bytes_, path_)) {}

  bool next(ImageSource& out) {
    if (at_ == count_) return false;
    const auto record = std::span(bytes_).subspan(at_ * tessera::cifar10_record_bytes, tessera::cifar10_record_bytes);
    std::string number = std::to_string(at_++);
    number.insert(0, number.size() < 5 ? 5 - number.size() : 0, '0');
    const std::string_view label = tessera::cifar10_labels()[static_cast<std::size_t>(tessera::cifar10_class(record))];
    out = {.path = path_ + '/' + std::string(label) + '/' + number,
           .in_memory = true,
           .cifar10_record = true,
           .bytes = {record.begin(), record.end()}};
    return true;
  }

 private:
  std::string path_;
  std::vector<std::byte> bytes_;
  std::size_t at_ = 0, count_ = 0;
};

#ifdef TESSERA_EXAMPLES_LIBARCHIVE

// The images of a tar archive, in the order of the archive.
class ArchiveImages {
 public:
  ArchiveImages(std::string path, bool without_training_records)
      : path_(std::move(path)), without_training_records_(without_training_records), archive_(::archive_read_new(), ::archive_read_free) {
    ::archive_read_support_filter_all(archive_.get());
    ::archive_read_support_format_tar(archive_.get());
    if (::archive_read_open_filename(archive_.get(), path_.c_str(), std::size_t{1} << 16) != ARCHIVE_OK) fail();
  }

  // False at the end. An archive that is damaged throws an Error.
  bool next(ImageSource& out) {
    ::archive_entry* entry = nullptr;
    while (true) {
      if (records_.next(out)) return true;
      const int status = ::archive_read_next_header(archive_.get(), &entry);
      if (status == ARCHIVE_EOF) return false;
      if (status != ARCHIVE_OK && status != ARCHIVE_WARN) fail();
      const char* const member = ::archive_entry_pathname(entry);
      if (member == nullptr || ::archive_entry_filetype(entry) != AE_IFREG || !(looks_like_image(member) || looks_like_cifar10(member)))
        continue;
      if (without_training_records_ && looks_like_cifar10_training(member)) continue;
      out = {.path = path_ + '/' + member, .in_memory = true};
      if (const char* const other = ::archive_entry_hardlink(entry)) {
        out.error = out.path + ": found a link to " + other + ", expected an image (tar --hard-dereference stores one)";
        return true;
      }
      constexpr std::int64_t most = std::int64_t{1} << 30;
      const std::int64_t size = ::archive_entry_size(entry);
      if (size < 0 || size > most) {
        out.error = out.path + ": found a size of " + std::to_string(size) + " bytes, expected at most " + std::to_string(most);
        return true;
      }
      // In pieces: the header may claim more than there is.
      constexpr std::size_t piece = std::size_t{1} << 20;
      for (std::size_t have = 0, got = 0; have < static_cast<std::size_t>(size); have += got) {
        out.bytes.resize(std::min(have + piece, static_cast<std::size_t>(size)));
        const auto read = ::archive_read_data(archive_.get(), out.bytes.data() + have, out.bytes.size() - have);
        if (read < 0) fail();
        got = static_cast<std::size_t>(read);
        if (got == 0) {
          out.bytes.resize(have);
          break;
        }
      }
      if (!looks_like_cifar10(member)) return true;
      records_ = Cifar10Images(std::move(out.path), std::move(out.bytes));
    }
  }

 private:
  [[noreturn]] void fail() const {
    const char* const text = ::archive_error_string(archive_.get());
    throw tessera::Error(path_ + ": " + (text == nullptr ? "cannot be read" : text) + ", expected a tar archive");
  }

  std::string path_;
  bool without_training_records_;
  Cifar10Images records_;  // what is left of the member that was read last
  std::unique_ptr<::archive, int (*)(::archive*)> archive_;
};

#else

class ArchiveImages {
 public:
  ArchiveImages(const std::string& path, bool) {
    throw tessera::Error(path + ": this program was built without libarchive (Debian: libarchive-dev), so it reads no archives");
  }
  bool next(ImageSource&) { return false; }
};

#endif

// Gives one image after another. Not for several threads at the same time.
class ImageList {
 public:
  // Of `shards` equal parts of the list, part `shard` (from 1): images shard, shard + shards, ... A folder without images throws an Error.
  // `without_training_records` passes over CIFAR-10's training files, unless they are named on their own.
  explicit ImageList(const std::vector<std::string>& arguments, int shard = 1, int shards = 1, bool without_training_records = false)
      : shard_(static_cast<std::size_t>(shard)),
        shards_(static_cast<std::size_t>(shards)),
        without_training_records_(without_training_records) {
    for (const std::string& argument : arguments) {
      streamed_ = streamed_ || argument == "-" || looks_like_archive(argument);
      if (argument == "-") arguments_.push_back({argument, false});
      if (argument != "-") expand(argument, arguments_);
    }
    for (const Entry& entry : arguments_) streamed_ = streamed_ || looks_like_cifar10(entry.path);
  }

  // The number of images; nothing where it is not known before all are read (archives, lists on the standard input).
  std::optional<std::size_t> count() const {
    if (streamed_) return std::nullopt;
    return (arguments_.size() + shards_ - shard_) / shards_;
  }

  // False at the end. A file that is not there is an image with an error.
  bool next(ImageSource& out) {
    while (next_of_all(out))
      if (seen_++ % shards_ == shard_ - 1) return true;
    return false;
  }

 private:
  struct Entry {
    std::string path;
    bool found_in_folder;
  };

  // Adds a folder or a glob as its files, anything else as it is.
  void expand(const std::string& argument, std::vector<Entry>& entries) const {
    std::error_code ignored;
    const bool exists = std::filesystem::exists(argument, ignored);
    if (!exists && argument.find_first_of("*?[") != std::string::npos) {
      const std::vector<std::string> matches = expand_glob(argument);
      for (const std::string& match : matches) expand(match, entries);
      if (!matches.empty()) return;
    }
    if (!std::filesystem::is_directory(argument, ignored)) return entries.push_back({argument, false});
    std::vector<std::string> files = images_in_folder(argument);
    if (without_training_records_) std::erase_if(files, looks_like_cifar10_training);
    if (files.empty()) throw tessera::Error(argument + ": found no images in this folder, expected JPEG or PNG files");
    for (std::string& file : files) entries.push_back({std::move(file), true});
  }

  // The next entry of the command line or of the list on the standard input.
  bool next_entry(Entry& out) {
    while (listed_.empty()) {
      std::string line;
      if (!reading_list_) {
        if (at_ == arguments_.size()) return false;
        out = arguments_[at_++];
        if (out.path != "-") return true;
        reading_list_ = true;
      } else if (!std::getline(std::cin, line)) {
        reading_list_ = false;
      } else {
        if (!line.empty() && line.back() == '\r') line.pop_back();
        if (!line.empty()) expand(line, listed_);
        std::reverse(listed_.begin(), listed_.end());
      }
    }
    out = std::move(listed_.back());
    listed_.pop_back();
    return true;
  }

  bool next_of_all(ImageSource& out) {
    Entry entry;
    try {
      while (true) {
        if (records_.next(out) || (archive_ != nullptr && archive_->next(out))) return true;
        archive_.reset();
        archive_path_.clear();
        if (!next_entry(entry)) return false;
        if (looks_like_cifar10(entry.path)) {
          archive_path_ = entry.path;
          records_ = Cifar10Images(entry.path, tessera::detail::read_file(entry.path, std::size_t{1} << 30, "a CIFAR-10 binary file"));
        } else if (looks_like_archive(entry.path)) {
          archive_ = std::make_unique<ArchiveImages>(archive_path_ = entry.path, without_training_records_);
        } else {
          break;
        }
      }
      out = {.path = std::move(entry.path), .found_in_folder = entry.found_in_folder};
    } catch (const std::exception& error) {  // an archive, or a folder of the list, that cannot be read
      const bool damaged = archive_ != nullptr || !archive_path_.empty();
      archive_.reset();
      out = {.path = damaged ? archive_path_ : "-", .error = error.what()};
      archive_path_.clear();
    }
    return true;
  }

  std::vector<Entry> arguments_;  // folders and globs are replaced by their files
  std::vector<Entry> listed_;     // what a line of the standard input named, the next one last
  std::size_t at_ = 0, seen_ = 0, shard_, shards_;
  bool streamed_ = false, reading_list_ = false, without_training_records_;
  std::string archive_path_;
  std::unique_ptr<ArchiveImages> archive_;
  Cifar10Images records_;
};

// Decodes an image. Throws a tessera::Error that names it.
inline tessera::Image decode(const ImageSource& source, const tessera::ImageOptions& options) {
  if (!source.error.empty()) throw tessera::Error(source.error);
  if (source.cifar10_record) return tessera::cifar10_image(source.bytes);
  if (source.in_memory) return decode_any_format(source.bytes, source.path, options);
  constexpr std::size_t most_bytes = std::size_t{512} << 20;
  return decode_any_format(tessera::detail::read_file(source.path, most_bytes, "a JPEG or PNG file"), source.path, options);
}
