// SPDX-License-Identifier: MIT
//
// One program for all x86-64 processors, with headers alone: the network is compiled for the baseline and for AVX2, and the program takes
// what the processor has. CMakeLists.txt shows how the units are kept apart.
//
//   dispatch examples/models/resmlp_cifar10.safetensors examples/photos/cat.jpg

#include <cstdio>

#include "classifier.hpp"
#include "tessera/any/instruction_set.hpp"
#include "tessera/core/error.hpp"
#include "tessera/vision/read_image.hpp"

Classifier::~Classifier() = default;

int main(int argc, char** argv) {
  if (argc != 3) return std::fputs("usage: dispatch WEIGHTS PHOTO\n", stderr), 2;
  try {
    const bool avx2 = tessera::available(tessera::InstructionSet::avx2);
    const auto classifier = avx2 ? make_classifier_avx2(argv[1]) : make_classifier_baseline(argv[1]);
    std::printf("%s\n", avx2 ? "avx2" : "baseline");
    for (const float score : classifier->scores(tessera::read_image(argv[2]))) std::printf("%9.4f\n", static_cast<double>(score));
  } catch (const tessera::Error& error) {
    return std::fprintf(stderr, "%s\n", error.what()), 1;
  }
}
