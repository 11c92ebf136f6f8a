// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "tessera/core/error.hpp"
#include "tessera/core/json.hpp"
#include "tessera/io/checkpoint_config.hpp"
#include "tessera/io/mapped_file.hpp"
#include "tessera/io/shards.hpp"

namespace tessera {

namespace detail {

// Reads the entries one by one.
class ConfigReader {
 public:
  ConfigReader(const Json& json, const std::string& name) : json_(json), name_(name), timm_(json.find("pretrained_cfg")) {}

  CheckpointConfig read() const;

 private:
  [[noreturn]] void unexpected(const char* key, const Json& found, const char* expected) const {
    fail(ErrorKind::damaged, name_, ": ", key, ": found ", found.describe(), ", expected ", expected);
  }
  // An entry of the file itself or of its pretrained_cfg, in this order; null if there is none, or if it is null.
  const Json* entry(const char* key) const;
  std::string text(const char* key) const;
  int whole(const char* key, const Json& found, int most) const;
  bool three_numbers(const char* key, std::array<float, 3>& numbers, float least) const;
  std::optional<Preprocessing> preprocessing() const;
  std::vector<std::string> labels() const;
  std::vector<std::string> numbered_labels(const Json& object) const;

  const Json& json_;
  const std::string& name_;
  const Json* timm_;
};

TESSERA_COLD_INLINE const Json* ConfigReader::entry(const char* key) const {
  const Json* found = json_.find(key);
  if ((found == nullptr || found->kind() == JsonKind::null) && timm_ != nullptr) found = timm_->find(key);
  return found == nullptr || found->kind() == JsonKind::null ? nullptr : found;
}

TESSERA_COLD_INLINE std::string ConfigReader::text(const char* key) const {
  const Json* const found = entry(key);
  if (found == nullptr) return "";
  if (!found->is_text()) unexpected(key, *found, "a text");
  return found->text();
}

TESSERA_COLD_INLINE int ConfigReader::whole(const char* key, const Json& found, int most) const {
  const auto number = found.integer();
  if (!number || *number < 0 || *number > most) unexpected(key, found, "a whole number that is not too large");
  return static_cast<int>(*number);
}

// Whether the entry is there and has three numbers; of more or fewer channels the library knows nothing.
TESSERA_COLD_INLINE bool ConfigReader::three_numbers(const char* key, std::array<float, 3>& numbers, float least) const {
  const Json* const found = entry(key);
  if (found == nullptr) return false;
  if (!found->is_array()) unexpected(key, *found, "a list of numbers");
  for (std::size_t i = 0; i < found->items().size(); ++i) {
    const auto number = found->items()[i].number();
    constexpr double most = 1e6;
    if (!number || *number < static_cast<double>(least) || *number > most)
      unexpected(key, found->items()[i], "a number that images can have");
    if (i < 3) numbers[i] = static_cast<float>(*number);
  }
  return found->items().size() == 3;
}

TESSERA_COLD_INLINE std::optional<Preprocessing> ConfigReader::preprocessing() const {
  Preprocessing record;
  const bool has_mean = three_numbers("mean", record.mean, -1e6F), has_deviation = three_numbers("std", record.deviation, 1e-6F);
  const std::string filter = text("interpolation"), mode = text("crop_mode");
  const Json* const crop = entry("crop_pct");
  if (!has_mean || !has_deviation || crop == nullptr || (!mode.empty() && mode != "center")) return std::nullopt;
  const auto share = crop->number();
  if (!share || *share <= 0 || *share > 1) unexpected("crop_pct", *crop, "a number above 0 and up to 1");
  record.crop = *share;
  constexpr std::string_view names[] = {"box", "bilinear", "bicubic", "lanczos"};
  constexpr Filter filters[] = {Filter::box, Filter::bilinear, Filter::bicubic, Filter::lanczos};
  for (std::size_t i = 0; i < 4; ++i)
    if (filter == names[i]) {
      record.filter = filters[i];
      return record;
    }
  return std::nullopt;
}

// {"0": "tench", "10": "brambling", ...}: the numbers run from 0, in any order.
TESSERA_COLD_INLINE std::vector<std::string> ConfigReader::numbered_labels(const Json& object) const {
  const std::size_t count = object.items().size();
  std::vector<std::string> labels(count);
  std::vector<std::uint32_t> known(count, 0);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string& key = object.keys()[i];
    std::size_t number = 0;
    for (const char c : key) number = c >= '0' && c <= '9' && number < count ? number * 10 + static_cast<std::size_t>(c - '0') : count;
    if (key.empty() || number >= count || known[number] != 0 || !object.items()[i].is_text())
      fail(ErrorKind::damaged, name_, ": id2label: found ", in_quotes(key), " with ", object.items()[i].describe(),
           ", expected each number from 0 to ", count - 1, " with a text");
    known[number] = 1;
    labels[number] = object.items()[i].text();
  }
  return labels;
}

TESSERA_COLD_INLINE std::vector<std::string> ConfigReader::labels() const {
  if (const Json* const names = entry("label_names"); names != nullptr) {
    if (!names->is_array()) unexpected("label_names", *names, "a list of texts");
    // Names may be synsets, such as n01440764; then label_descriptions says what they mean.
    const Json* const descriptions = entry("label_descriptions");
    std::vector<std::string> labels;
    for (const Json& name : names->items()) {
      if (!name.is_text()) unexpected("label_names", name, "a text");
      const Json* const described = descriptions == nullptr ? nullptr : descriptions->find(name.text());
      labels.push_back(described != nullptr && described->is_text() ? described->text() : name.text());
    }
    return labels;
  }
  const Json* const numbered = entry("id2label");
  if (numbered == nullptr) return {};
  if (!numbered->is_object()) unexpected("id2label", *numbered, "an object of texts by number");
  return numbered_labels(*numbered);
}

TESSERA_COLD_INLINE CheckpointConfig ConfigReader::read() const {
  if (!json_.is_object()) fail(ErrorKind::damaged, name_, ": found ", json_.describe(), ", expected an object");
  CheckpointConfig config;
  config.architecture = text("architecture");
  config.tag = text("tag");
  config.preprocessing = preprocessing();
  if (const Json* const size = entry("input_size"); size != nullptr) {
    if (size->items().size() != 3) unexpected("input_size", *size, "channels, height and width");
    constexpr int most = 1 << 16;
    config.image = Shape{whole("input_size", size->items()[1], most), whole("input_size", size->items()[2], most),
                         whole("input_size", size->items()[0], most)};
  }
  constexpr int most_classes = 1 << 24;
  const Json* const classes = entry("num_classes");
  if (classes != nullptr) config.classes = whole("num_classes", *classes, most_classes);
  config.labels = labels();
  const auto count = static_cast<int>(config.labels.size());
  if (classes == nullptr) config.classes = count;
  if (count != 0 && count != config.classes)
    fail(ErrorKind::damaged, name_, ": found ", count, " labels for ", config.classes, " classes, expected one for each");
  return config;
}

}  // namespace detail

TESSERA_COLD_INLINE CheckpointConfig parse_checkpoint_config(std::string_view text, const std::string& name) {
  return detail::ConfigReader(detail::parse_json(text, name), name).read();
}

TESSERA_COLD_INLINE CheckpointConfig read_checkpoint_config(const FilePath& path) {
  const SharedBytes file = map_file(path);
  constexpr std::size_t most = std::size_t{64} << 20;
  if (file.bytes.size() > most)
    detail::fail(ErrorKind::wrong_file_type, path.text(), ": found ", file.bytes.size(), " bytes, expected a configuration in JSON");
  return parse_checkpoint_config({reinterpret_cast<const char*>(file.bytes.data()), file.bytes.size()}, path.text());
}

TESSERA_COLD_INLINE std::optional<CheckpointConfig> find_checkpoint_config(const FilePath& checkpoint) {
  try {
    return read_checkpoint_config(detail::beside(checkpoint, "config.json"));
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::no_such_file) return std::nullopt;
    throw;
  }
}

}  // namespace tessera
