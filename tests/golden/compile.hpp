// SPDX-License-Identifier: MIT
#pragma once

// Networks are types, so a golden case with sizes that nobody has compiled yet needs the compiler: the same one, with the same flags,
// that built this program makes shared objects of them. They register themselves when they are opened.

#include <dlfcn.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "expression.hpp"
#include "temporary_folder.hpp"
#include "tessera/core/error.hpp"

namespace golden {

namespace detail {

namespace fs = std::filesystem;

// One shared object with these networks; throws what the compiler says. The file is gone once it is open.
inline fs::path compile_object(std::span<const Expression> expressions, const fs::path& folder, const std::string& name) {
  const fs::path source = folder / (name + ".cpp"), object = folder / (name + ".so"), log = folder / (name + ".log");
  {
    std::ofstream out(source);
    out << "#include \"run_network.hpp\"\n";
    for (const Expression& expression : expressions)
      out << "#include <" << expression.header << ">\nstatic const bool registered_" << &expression - expressions.data()
          << " = golden::register_network<" << expression.type << ">(\"" << expression.type << "\");\n";
  }
  const std::string command =
      GOLDEN_COMPILE + (" -shared -fPIC -o '" + object.string() + "' '" + source.string() + "' > '" + log.string() + "' 2>&1");
  if (std::system(command.c_str()) == 0) return object;
  std::string complaint;
  std::ifstream in(log);
  for (std::string line; complaint.size() < 1000 && std::getline(in, line);)
    if (line.find("error") != std::string::npos) complaint += '\n' + line;
  tessera::detail::fail("found no way to compile ", expressions.front().type, ":", complaint);
}

}  // namespace detail

// Compiles a few networks in each object, as many objects at once as there are cores. Where that fails, the networks of the object
// are tried one by one. Returns what is wrong with each that cannot be compiled, by type.
inline std::map<std::string, std::string> compile_networks(const std::vector<Expression>& expressions) {
  namespace fs = std::filesystem;
  const tessera::test::TemporaryFolder folder;
  std::map<std::string, std::string> complaints;
  std::mutex opening;
  const auto build = [&](std::span<const Expression> some, const std::string& name) {
    const fs::path object = detail::compile_object(some, folder.path(), name);
    const std::lock_guard lock(opening);
    if (dlopen(object.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr) tessera::detail::fail(dlerror());
  };
  const auto build_group = [&](std::size_t first) {
    const auto group = std::span(expressions).subspan(first, std::min<std::size_t>(4, expressions.size() - first));
    try {
      return build(group, std::to_string(first));
    } catch (const tessera::Error&) {
    }
    for (const Expression& one : group) {
      try {
        build({&one, 1}, std::to_string(&one - expressions.data()) + "-alone");
      } catch (const tessera::Error& error) {
        const std::lock_guard lock(opening);
        complaints[one.type] = error.what();
      }
    }
  };
  std::atomic<std::size_t> next{0};
  std::vector<std::future<void>> workers;
  for (unsigned core = 0; core < std::max(1U, std::thread::hardware_concurrency()); ++core)
    workers.push_back(std::async(std::launch::async, [&] {
      for (std::size_t first; (first = next.fetch_add(4)) < expressions.size();) build_group(first);
    }));
  for (auto& worker : workers) worker.get();
  return complaints;
}

}  // namespace golden
