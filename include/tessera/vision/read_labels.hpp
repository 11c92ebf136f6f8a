// SPDX-License-Identifier: MIT
#pragma once

// Class names from a file, in the order of a classifier's outputs. What is understood:
//
//     lines                      tench                            one label a line
//     numbered lines             0,tench   0: tench   tench,0     ordered by number; with or without a head line; quotes as in CSV
//     synset lines               n01440764 tench, Tinca tinca     the text after the synset
//     JSON list                  ["tench", "goldfish"]            also of pairs ["n01440764", "tench"], of which the second counts
//     JSON object by number      {"0": "tench"}                   ordered by number: imagenet_class_index.json
//     JSON object by label       {"tench": 0}                     ordered by number
//     configurations             {"id2label": {...}}              config.json of transformers and timm: also label_names, labels, classes,
//                                                                 class_names, names, label2id, and these in pretrained_cfg
//     Python lists and dicts     {0: 'tench, Tinca tinca'}        as print and pprint write them
//
// Text is UTF-8, with or without a byte-order mark, or UTF-16 with one. Lines end with LF, CR LF or CR. Numbers run from 0 to one less than
// there are labels. Anything else throws Error, which says what was found.

#include <string>
#include <string_view>
#include <vector>

#include "tessera/core/compiled.hpp"
#include "tessera/core/file_path.hpp"

namespace tessera {

// The labels in a file. Throws Error with the file's name.
std::vector<std::string> read_labels(const FilePath& path);

// The labels in a text that is already in memory. `name` begins the messages of errors.
std::vector<std::string> parse_labels(std::string_view text, const std::string& name);

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/vision/read_labels_inl.hpp"
#endif
