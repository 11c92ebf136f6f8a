// SPDX-License-Identifier: MIT
#pragma once

// Networks are types, so a golden case with sizes that nobody has compiled yet needs the compiler: the same one, with the same flags,
// that built this program makes a shared object of it. It registers itself when it is opened.

#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "expression.hpp"
#include "tessera/core/error.hpp"

namespace golden {

inline void compile_network(const Expression& expression) {
  namespace fs = std::filesystem;
  std::string pattern = (fs::temp_directory_path() / "golden-network-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) tessera::detail::fail(pattern, ": found no way to make a directory, expected one for a network to compile in");
  const fs::path folder = pattern;
  const fs::path source = folder / "network.cpp", object = folder / "network.so", log = folder / "log";
  {
    std::ofstream out(source);
    out << "#include <" << expression.header << ">\n#include \"run_network.hpp\"\nconst bool registered = golden::register_network<" << expression.type
        << ">(\"" << expression.type << "\");\n";
  }
  const std::string command = GOLDEN_COMPILE + (" -shared -fPIC -o '" + object.string() + "' '" + source.string() + "' > '" + log.string() + "' 2>&1");
  const int status = std::system(command.c_str());
  void* const handle = status == 0 ? dlopen(object.c_str(), RTLD_NOW | RTLD_GLOBAL) : nullptr;
  std::string complaint;
  if (status != 0) {
    std::ifstream in(log);
    for (std::string line; complaint.size() < 1000 && std::getline(in, line);)
      if (line.find("error") != std::string::npos) complaint += '\n' + line;
  } else if (handle == nullptr) {
    complaint = dlerror();
  }
  fs::remove_all(folder);
  if (handle == nullptr) tessera::detail::fail(expression.type, ": found no way to compile it: ", complaint);
}

}  // namespace golden
