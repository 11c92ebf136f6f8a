// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <thread>

#ifdef __linux__
#include <sched.h>
#endif

#include "tessera/threads/available_cpus.hpp"

namespace tessera {

namespace detail {

// The beginning of a small file of the system, empty if there is none.
TESSERA_COLD_INLINE std::string small_file(const std::string& path) {
  std::string text(4096, '\0');
  std::FILE* const file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return "";
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

// The smaller of two quotas, of which 0 means none.
TESSERA_COLD_INLINE double smaller_quota(double a, double b) { return a == 0 ? b : b == 0 ? a : a < b ? a : b; }

// "200000 100000" is 2 processors. "max 100000" is none, and so is -1 as version 1 writes it.
TESSERA_COLD_INLINE double quota_of(const std::string& limit, const std::string& period) {
  const double time = std::atof(limit.c_str()), whole = std::atof(period.c_str());
  return time > 0 && whole > 0 ? time / whole : 0;
}

TESSERA_COLD_INLINE double cgroup_quota(const std::string& root, const std::string& group) {
  double quota = 0;
  for (std::string_view rest = group; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) continue;
    const std::string controllers = ',' + std::string(line.substr(first + 1, second - first - 1)) + ',';
    const bool version2 = controllers == ",,", version1 = controllers.find(",cpu,") != std::string::npos;
    if (!version1 && !version2) continue;
    // From the group up to the root. Inside a container the root of the mount is often the group itself.
    for (std::string path(line.substr(second + 1));; path.erase(path.rfind('/'))) {
      if (path == "/") path.clear();
      const std::string folder = root + (version1 ? "/cpu" : "") + path;
      if (version2) {
        const std::string limits = small_file(folder + "/cpu.max");
        const std::size_t space = limits.find(' ');
        if (space != std::string::npos) quota = smaller_quota(quota, quota_of(limits.substr(0, space), limits.substr(space)));
      } else {
        quota = smaller_quota(quota, quota_of(small_file(folder + "/cpu.cfs_quota_us"), small_file(folder + "/cpu.cfs_period_us")));
      }
      if (path.rfind('/') == std::string::npos) break;
    }
  }
  return quota;
}

}  // namespace detail

TESSERA_COLD_INLINE int available_cpus() {
#if defined(__wasm__) && !defined(_REENTRANT)
  return 1;  // built without threads: there is no std::thread
#else
  int cpus = static_cast<int>(std::thread::hardware_concurrency());
#ifdef __linux__
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0) cpus = CPU_COUNT(&allowed);
  const double quota = detail::cgroup_quota("/sys/fs/cgroup", detail::small_file("/proc/self/cgroup"));
  if (quota > 0 && quota < cpus) cpus = static_cast<int>(std::ceil(quota));
#endif
  return cpus < 1 ? 1 : cpus;
#endif
}

}  // namespace tessera
