// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "tessera/core/error.hpp"
#include "tessera/core/json.hpp"
#include "tessera/core/need_exceptions.hpp"
#include "tessera/vision/python_literal.hpp"
#include "tessera/vision/read_file.hpp"
#include "tessera/vision/read_labels.hpp"

namespace tessera {

namespace detail {

inline constexpr std::size_t max_label_file_size = std::size_t{16} << 20;
inline constexpr std::size_t max_labels = 1'000'000;
inline constexpr std::string_view blanks = " \t\r\n";

TESSERA_COLD_INLINE std::string_view trimmed(std::string_view text) {
  const std::size_t first = std::min(text.find_first_not_of(blanks), text.size());
  return text.substr(first, text.find_last_not_of(blanks) + 1 - first);
}

// "n" and eight digits, as WordNet and ImageNet number their synsets.
TESSERA_COLD_INLINE bool is_synset(std::string_view text) {
  return text.size() == 9 && text[0] == 'n' && text.find_first_not_of("0123456789", 1) == text.npos;
}

// A number of at most seven digits that is the whole text.
TESSERA_COLD_INLINE std::optional<std::size_t> small_number(std::string_view text) {
  if (text.empty() || text.size() > 7 || text.find_first_not_of("0123456789") != text.npos) return std::nullopt;
  std::size_t number = 0;
  for (const char digit : text) number = number * 10 + static_cast<std::size_t>(digit - '0');
  return number;
}

// --- Encodings --------------------------------------------------------------------------------------------------------------------

// UTF-8 of a text in UTF-16 without its byte-order mark.
TESSERA_COLD_INLINE std::string from_utf16(std::string_view text, bool little, const std::string& name) {
  if (text.size() % 2 != 0)
    fail(ErrorKind::wrong_file_type, name, ": found UTF-16 of ", text.size() + 2, " bytes, expected an even number");
  const auto unit = [text, little](std::size_t i) {
    const auto low = static_cast<unsigned char>(text[i + (little ? 0 : 1)]), high = static_cast<unsigned char>(text[i + (little ? 1 : 0)]);
    return static_cast<std::uint32_t>(high) << 8 | low;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    std::uint32_t character = unit(i);
    if ((character & 0xF800U) == 0xD800U) {
      const std::uint32_t second = character < 0xDC00U && i + 2 < text.size() ? unit(i + 2) : 0;
      if ((second & 0xFC00U) != 0xDC00U)
        fail(ErrorKind::wrong_file_type, name, ", byte ", i + 2, ": found half of a surrogate pair, expected UTF-16");
      character = 0x10000U + ((character & 0x3FFU) << 10 | (second & 0x3FFU));
      i += 2;
    }
    append_utf8(out, character);
  }
  return out;
}

// --- JSON and Python --------------------------------------------------------------------------------------------------------------

// The label in an entry: a text, or the second of a pair whose first is a synset.
TESSERA_COLD_INLINE std::string label_in(const Json& entry, const std::string& name, std::string_view key) {
  if (entry.is_text()) return entry.text();
  if (entry.items().size() == 2 && entry.is_array() && is_synset(entry.items()[0].text()) && entry.items()[1].is_text())
    return entry.items()[1].text();
  fail(ErrorKind::wrong_file_type, name, ": entry ", key, " is ", entry.describe(), ", expected a text");
}

// Puts labels in the order of their numbers, which have to be 0, 1, 2, ...
TESSERA_COLD_INLINE std::vector<std::string> in_order(std::vector<std::pair<std::size_t, std::string>> numbered, const std::string& name) {
  std::sort(numbered.begin(), numbered.end());
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < numbered.size(); ++i) {
    const std::size_t number = numbered[i].first;
    if (number != i)
      fail(ErrorKind::wrong_file_type, name, ": found ", numbered.size(), " numbered labels, ",
           number < i ? "twice number " : "but not number ", std::min(number, i), ", expected each number from 0 to ", numbered.size() - 1,
           " once");
    labels.push_back(std::move(numbered[i].second));
  }
  return labels;
}

TESSERA_COLD_INLINE std::vector<std::string> labels_in_list(const Json& list, const std::string& name) {
  std::vector<std::string> labels;
  for (const Json& entry : list.items()) labels.push_back(label_in(entry, name, std::to_string(labels.size())));
  return labels;
}

// Nothing if the names of the object's values are not numbers.
TESSERA_COLD_INLINE std::optional<std::vector<std::string>> labels_by_number(const Json& object, const std::string& name) {
  std::vector<std::pair<std::size_t, std::string>> numbered;
  for (std::size_t i = 0; i < object.keys().size(); ++i) {
    const std::optional<std::size_t> number = small_number(object.keys()[i]);
    if (!number) return std::nullopt;
    numbered.emplace_back(*number, label_in(object.items()[i], name, quote(object.keys()[i])));
  }
  return in_order(std::move(numbered), name);
}

// Nothing if the object's values are not 0, 1, 2, ... in any order.
TESSERA_COLD_INLINE std::optional<std::vector<std::string>> labels_by_name(const Json& object) {
  std::vector<std::string> labels(object.items().size());
  std::vector<bool> found(labels.size(), false);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::uint64_t number = object.items()[i].natural().value_or(labels.size());
    if (number >= labels.size() || found[number]) return std::nullopt;
    labels[number] = object.keys()[i];
    found[number] = true;
  }
  return labels;
}

// timm's label names may be synsets, with what they mean in another object.
TESSERA_COLD_INLINE void describe_labels(std::vector<std::string>& labels, const Json* descriptions) {
  if (descriptions == nullptr) return;
  std::vector<std::pair<std::string_view, std::string_view>> sorted;
  for (std::size_t i = 0; i < descriptions->keys().size(); ++i)
    if (descriptions->items()[i].is_text()) sorted.emplace_back(descriptions->keys()[i], descriptions->items()[i].text());
  std::sort(sorted.begin(), sorted.end());
  for (std::string& label : labels) {
    const auto found = std::lower_bound(sorted.begin(), sorted.end(), std::pair<std::string_view, std::string_view>(label, {}));
    if (found != sorted.end() && found->first == label) label = std::string(found->second);
  }
}

TESSERA_COLD_INLINE std::vector<std::string> labels_in_json(const Json& json, const std::string& name, int levels);

// The labels of a configuration, where one of its values is known to hold them.
TESSERA_COLD_INLINE std::optional<std::vector<std::string>> labels_in_configuration(const Json& object, const std::string& name,
                                                                                    int levels) {
  for (const char* key : {"id2label", "label_names", "labels", "classes", "class_names", "names", "label2id", "pretrained_cfg"}) {
    const Json* value = object.find(key);
    if (value == nullptr || !(value->is_array() || value->is_object()) || value->items().empty()) continue;
    const std::string place = name + ", " + key;
    if (std::string_view(key) == "pretrained_cfg") return labels_in_configuration(*value, place, levels - 1);
    std::vector<std::string> labels = labels_in_json(*value, place, levels - 1);
    if (std::string_view(key) == "label_names") describe_labels(labels, object.find("label_descriptions"));
    return labels;
  }
  return std::nullopt;
}

TESSERA_COLD_INLINE std::vector<std::string> labels_in_json(const Json& json, const std::string& name, int levels) {
  if (json.is_array()) return labels_in_list(json, name);
  if (json.is_object() && levels > 0) {
    if (auto labels = labels_by_number(json, name)) return *labels;
    if (auto labels = labels_by_name(json)) return *labels;
    if (auto labels = labels_in_configuration(json, name, levels)) return *labels;
    std::string keys;
    for (std::size_t i = 0; i < std::min<std::size_t>(json.keys().size(), 5); ++i) keys += (i == 0 ? "" : ", ") + quote(json.keys()[i]);
    fail(ErrorKind::wrong_file_type, name, ": found an object with ", keys, json.keys().size() > 5 ? ", ..." : "",
         R"(, expected labels by number ({"0": "tench", ...}), or "id2label", "label_names" or the like)");
  }
  fail(ErrorKind::wrong_file_type, name, ": found ", json.describe(), ", expected labels");
}

// Text that begins with a bracket.
TESSERA_COLD_INLINE std::vector<std::string> labels_in_brackets(std::string_view text, const std::string& name) {
  const std::string_view inside = trimmed(text.substr(1));
  const bool like_json = inside.empty() || std::string_view("\"[]{}").find(inside.front()) != std::string_view::npos;
  std::optional<Json> json;
  try {
    json = parse_json(text, name);
  } catch (const Error&) {
    try {
      json = parse_json(python_literal_to_json(text, name), name + ", as Python");
    } catch (const Error&) {
      if (!like_json) throw;
    }
    if (!json) throw;
  }
  return labels_in_json(*json, name, 3);
}

// --- Lines ------------------------------------------------------------------------------------------------------------------------

TESSERA_COLD_INLINE std::vector<std::string_view> label_lines(std::string_view text, const std::string& name) {
  text = text.substr(0, text.find_last_not_of(blanks) + 1);
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(text.substr(end).starts_with("\r\n") ? end + 2 : end + 1, text.size()));
    if (line.empty()) fail(ErrorKind::wrong_file_type, name, ": line ", lines.size() + 1, " is empty, expected a label on every line");
    lines.push_back(line);
    if (lines.size() > max_labels)
      fail(ErrorKind::wrong_file_type, name, ": found more than ", max_labels, " lines, expected a label file");
  }
  return lines;
}

// Refuses lines of other kinds of files, whose text would make nonsense labels.
TESSERA_COLD_INLINE void check_lines(const std::vector<std::string_view>& lines, const std::string& name) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string_view line = lines[i];
    const auto refuse = [&](std::string_view what) {
      fail(ErrorKind::wrong_file_type, name, ": line ", i + 1, " is ", quote(line.substr(0, 40)), ", ", what,
           ", expected one label a line, JSON, or a Python list or dict");
    };
    if (!is_utf8(line)) refuse("which is not UTF-8");
    for (const char c : line)
      if (static_cast<unsigned char>(c) < 0x20 && c != '\t') refuse("with a control character (UTF-16 needs a byte-order mark)");
    const bool bracket = line.find_first_not_of("{}[](),;") == line.npos;
    const bool opens = std::string_view("{[(=").find(line.back()) != std::string_view::npos;
    if (bracket || opens) refuse("which looks like code");
    if (i == 0 && (line.starts_with("<?") || line.starts_with("<!") || line.starts_with("<html"))) refuse("which looks like HTML or XML");
    // NAME = [...
    const std::size_t equals = i == 0 ? line.find('=') : line.npos;
    if (equals != line.npos && std::string_view("[{(").find(trimmed(line.substr(equals + 1)).substr(0, 1)) != std::string_view::npos)
      refuse("which looks like code");
  }
}

// A field of CSV without its quotation marks.
TESSERA_COLD_INLINE std::string csv_field(std::string_view field) {
  if (field.size() < 2 || field.front() != '"' || field.back() != '"') return std::string(field);
  std::string out;
  for (std::size_t i = 1; i + 1 < field.size(); ++i) {
    if (field[i] == '"' && field[i + 1] == '"' && i + 2 < field.size()) ++i;
    out += field[i];
  }
  return out;
}

// One line that begins or ends with a number.
struct NumberedLine {
  std::size_t number;
  std::string_view label;
  char separator;  // ' ' if there are only blanks between the two
};

TESSERA_COLD_INLINE std::optional<NumberedLine> number_first(std::string_view line) {
  const std::size_t digits = std::min(line.find_first_not_of("0123456789"), line.size());
  const std::optional<std::size_t> number = small_number(line.substr(0, digits));
  const bool tab = digits < line.size() && line[digits] == '\t';
  std::string_view rest = trimmed(line.substr(digits));
  if (!number || rest.empty()) return std::nullopt;
  const bool separated = std::string_view(",;:").find(rest.front()) != std::string_view::npos;
  if (!separated && rest.size() + digits == line.size()) return std::nullopt;  // "2nd"
  const char separator = separated ? rest.front() : tab ? '\t' : ' ';
  if (separated) rest = trimmed(rest.substr(1));
  return rest.empty() ? std::nullopt : std::optional<NumberedLine>({*number, rest, separator});
}

TESSERA_COLD_INLINE std::optional<NumberedLine> number_last(std::string_view line) {
  const std::size_t at = line.find_last_of(",;\t");
  if (at == line.npos) return std::nullopt;
  const std::optional<std::size_t> number = small_number(trimmed(line.substr(at + 1)));
  const std::string_view label = trimmed(line.substr(0, at));
  return number && !label.empty() ? std::optional<NumberedLine>({*number, label, line[at]}) : std::nullopt;
}

// The labels if every line has a number in that place, with the same separator. The first line may be a head line, without a number.
// Labels such as "50 cent" are no numbered lines: numbers before a blank count only if they are 0, 1, 2, ...
TESSERA_COLD_INLINE std::optional<std::vector<std::string>> numbered_lines(const std::vector<std::string_view>& lines,
                                                                           const std::string& name,
                                                                           std::optional<NumberedLine> (*split)(std::string_view)) {
  std::vector<std::pair<std::size_t, std::string>> numbered;
  char separator = '\0';
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::optional<NumberedLine> line = split(lines[i]);
    if (!line && i == 0 && lines.size() > 1) continue;
    if (!line || (separator != '\0' && line->separator != separator)) return std::nullopt;
    separator = line->separator;
    numbered.emplace_back(line->number, csv_field(line->label));
  }
  const bool has_head = numbered.size() < lines.size();
  if (has_head && (separator == ' ' || lines[0].find(separator) == std::string_view::npos)) return std::nullopt;
  if (separator == ' ') {
    std::vector<bool> found(numbered.size(), false);
    for (const auto& [number, label] : numbered) {
      if (number >= found.size() || found[number]) return std::nullopt;
      found[number] = true;
    }
  }
  return in_order(std::move(numbered), name);
}

// The entries of a YAML list ("- tench"), if every line is one. The first line may be the list's name.
TESSERA_COLD_INLINE std::optional<std::vector<std::string>> yaml_list(const std::vector<std::string_view>& lines) {
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i == 0 && lines.size() > 1 && lines[0].ends_with(':')) continue;
    if (!lines[i].starts_with("- ")) return std::nullopt;
    labels.push_back(csv_field(trimmed(lines[i].substr(2))));
  }
  return labels;
}

TESSERA_COLD_INLINE std::vector<std::string> labels_in_lines(std::string_view text, const std::string& name) {
  const std::vector<std::string_view> lines = label_lines(text, name);
  check_lines(lines, name);
  if (auto labels = numbered_lines(lines, name, number_first)) return *labels;
  if (auto labels = numbered_lines(lines, name, number_last)) return *labels;
  if (auto labels = yaml_list(lines)) return *labels;
  return {lines.begin(), lines.end()};
}

// Takes off the synsets that the labels begin with, if every one does.
TESSERA_COLD_INLINE void strip_synsets(std::vector<std::string>& labels, const std::string& name) {
  bool numbers = true;
  for (const std::string& label : labels) {
    const std::string_view text = label;
    if (text.size() < 11 || !is_synset(text.substr(0, 9)) || std::string_view(" \t,:").find(text[9]) == std::string_view::npos) return;
    numbers = numbers && number_first(trimmed(text.substr(10))).has_value();
  }
  if (numbers)
    fail(ErrorKind::wrong_file_type, name, ": found a synset, a number and a name (", quote(std::string_view(labels[0]).substr(0, 40)),
         "), whose order is not that of a classifier's outputs, expected a synset and a name, or a number and a name");
  for (std::string& label : labels) label = csv_field(trimmed(std::string_view(label).substr(10)));
}

}  // namespace detail

TESSERA_COLD_INLINE std::vector<std::string> parse_labels(std::string_view text, const std::string& name) {
  std::string converted;
  if (text.starts_with("\xEF\xBB\xBF")) {
    text.remove_prefix(3);
  } else if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    converted = detail::from_utf16(text.substr(2), text[0] == '\xFF', name);
    text = converted;
  }
  const std::string_view content = detail::trimmed(text);
  const bool brackets = !content.empty() && std::string_view("[{(").find(content.front()) != std::string_view::npos;
  std::vector<std::string> labels = brackets ? detail::labels_in_brackets(content, name) : detail::labels_in_lines(text, name);
  if (labels.empty())
    detail::fail(ErrorKind::wrong_file_type, name, ": found no labels, expected one label a line or a JSON array of strings");
  detail::strip_synsets(labels, name);
  if (labels.size() > detail::max_labels)
    detail::fail(ErrorKind::wrong_file_type, name, ": found more than ", detail::max_labels, " labels, expected a label file");
  return labels;
}

TESSERA_COLD_INLINE std::vector<std::string> read_labels(const FilePath& path) {
  const std::vector<std::byte> bytes = detail::read_file(path, detail::max_label_file_size, "one label a line or a JSON array of strings");
  return parse_labels({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.text());
}

}  // namespace tessera
