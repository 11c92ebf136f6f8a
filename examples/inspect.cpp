// SPDX-License-Identifier: MIT
//
// What a checkpoint holds, and which network it fits:  inspect resmlp_12_no_dist.pth

#include <CLI/CLI.hpp>
#include <Eigen/Core>
#include <cstdio>
#include <iostream>

#include "tessera/io/read_tensors.hpp"
#include "tessera/io/metadata.hpp"
#include "tessera/io/self_test.hpp"
#include "tessera/io/variants.hpp"

using namespace tessera;

void print_tensor(const TensorEntry& tensor) {
  std::printf("  %-44s %-5s %-16s", detail::printable(tensor.name).c_str(), std::string(name_of(tensor.dtype)).c_str(),
              detail::print_extents(tensor.extents).c_str());
  // A stride of 0 can describe more elements than the file has.
  if (tensor.size() > 0 && static_cast<std::size_t>(tensor.size()) <= tensor.bytes.size() / size_of(tensor.dtype)) {
    Eigen::ArrayXf values(tensor.size());
    to_float(tensor, {values.data(), static_cast<std::size_t>(values.size())});
    const Eigen::ArrayXd wide = values.cast<double>();
    const double mean = wide.mean(), deviation = std::sqrt((wide - mean).square().mean());
    std::printf(" from %10.4g to %10.4g  mean %10.4g  std %10.4g", wide.minCoeff(), wide.maxCoeff(), mean, deviation);
  }
  std::printf("\n");
}

int main(int argc, char** argv) {
  CLI::App app("Shows what a checkpoint holds and which network it fits");
  std::string path;
  app.add_option("FILE", path, "safetensors, .pth or .npz file")->required();
  CLI11_PARSE(app, argc, argv);
  try {
    const TensorFile file = read_tensors(path);
    const NamedTensors named = name_tensors(file);
    std::uint64_t elements = 0;  // unsigned: a stride of 0 again
    for (const TensorEntry& tensor : file.tensors) print_tensor(tensor), elements += static_cast<std::uint64_t>(tensor.size());

    std::cout << file.path << ": " << file.format << ", " << named.naming << " names, " << file.tensors.size()
              << " tensors, " << elements << " numbers\n";
    const NetworkSizes sizes = sizes_of(named);
    std::cout << "fits " << describe(sizes) << ", " << (sizes.classes == 0 ? "no head" : std::to_string(sizes.classes) + " classes")
              << '\n';
    for (const KnownNetwork& network : find_networks(sizes)) {
      if (sizes.classes == 1000) {
        std::cout << "  classify --model " << network.name << " --weights " << path << '\n';
      } else {
        std::cout << "  " << network.title << ", but not with the 1000 classes of --model " << network.name
                  << ": docs/checkpoints.md lists the files that have a name or a type of their own\n";
      }
    }

    for (const auto& [key, text] : file.metadata)
      std::cout << "metadata " << detail::printable(key) << ": " << detail::printable(text) << '\n';
    if (const auto labels = read_labels(file); !labels.empty()) std::cout << labels.size() << " labels\n";
    if (const auto test = read_self_test(file))
      std::cout << "a self-test of " << test->images << " images, tolerance " << test->tolerance << " (classify runs it)\n";
  } catch (const Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
