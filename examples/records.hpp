// SPDX-License-Identifier: MIT
#pragma once

// What classify says of one image: two lines or more for people, a JSON object, or rows of a CSV file.

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "output.hpp"
#include "pipeline.hpp"
#include "tessera/vision/top_k.hpp"

struct RecordStyle {
  int top = 5;
  bool timing = false;
  std::vector<std::string> labels{};
};

// The best classes. Scores that are not finite become the answer's error.
inline std::vector<tessera::Prediction> predictions_of(Answer& answer, const RecordStyle& style) {
  if (!answer.error.empty()) return {};
  try {
    return tessera::top_k(answer.values, style.labels, style.top);
  } catch (const tessera::Error& error) {
    answer.error = answer.path + ": " + error.what();
    return {};
  }
}

inline std::string table_record(Answer& answer, const RecordStyle& style) {
  std::string text = answer.path + '\n';
  for (const auto& [label, probability] : predictions_of(answer, style)) text += format("  %6.2f %%  ", 100 * probability) + label + '\n';
  for (const std::string& warning : answer.warnings) text += "  warning: " + warning + '\n';
  if (!answer.error.empty()) text += "  error: " + answer.error + '\n';
  return text;
}

inline std::string jsonl_record(Answer& answer, const RecordStyle& style) {
  std::string text = "{\"path\": " + json_text(answer.path), list;
  for (const auto& p : predictions_of(answer, style))
    list += (list.empty() ? "" : ", ") + format("{\"class\": %zu, \"label\": ", p.index) + json_text(p.label) +
            format(", \"probability\": %.6f, \"score\": %.6g}", p.probability, static_cast<double>(answer.values[p.index]));
  if (answer.error.empty()) text += ", \"predictions\": [" + list + ']';
  if (!answer.error.empty()) text += ", \"error\": " + json_text(answer.error);
  std::string warnings;
  for (const std::string& warning : answer.warnings) warnings += (warnings.empty() ? "" : ", ") + json_text(warning);
  if (!warnings.empty()) text += ", \"warnings\": [" + warnings + ']';
  if (style.timing) text += format(", \"read_ms\": %.3f, \"compute_ms\": %.3f", 1e3 * answer.decode_seconds, 1e3 * answer.compute_seconds);
  return text + "}\n";
}

// Whether two records say the same of the same image; the last digits may differ, as they do from one instruction set to another.
inline bool same_record(std::string_view a, std::string_view b) {
  const auto x = tessera::detail::parse_json(a, "record"), y = tessera::detail::parse_json(b, "record");
  const auto *p = x.find("predictions"), *q = y.find("predictions");
  if ((p == nullptr) != (q == nullptr)) return false;
  if (p == nullptr) return true;
  if (p->items().size() != q->items().size()) return false;
  for (std::size_t i = 0; i < p->items().size(); ++i) {
    const auto *m = p->items()[i].find("probability"), *n = q->items()[i].find("probability");
    if (m == nullptr || n == nullptr || std::abs(m->number().value_or(0) - n->number().value_or(1)) > 1e-3) return false;
  }
  return true;
}

constexpr std::string_view csv_head = "path,rank,class,label,probability,score,error\n";

inline std::string csv_record(Answer& answer, const RecordStyle& style) {
  std::string text;
  std::size_t rank = 0;
  for (const auto& p : predictions_of(answer, style))
    text += csv_text(answer.path) + format(",%zu,%zu,", ++rank, p.index) + csv_text(p.label) +
            format(",%.6f,%.6g,\n", p.probability, static_cast<double>(answer.values[p.index]));
  if (!answer.error.empty()) text += csv_text(answer.path) + ",,,,,," + csv_text(answer.error) + '\n';
  return text;
}
