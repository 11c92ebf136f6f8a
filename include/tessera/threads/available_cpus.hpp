// SPDX-License-Identifier: MIT
#pragma once

// How many threads a program should use: the processors that the process may run on (its affinity), and no more than its container's quota
// of processor time, rounded up.

#include <string>

#include "tessera/core/compiled.hpp"

namespace tessera {

// At least 1. On other systems than Linux, the number of processors.
int available_cpus();

namespace detail {

// The quota of control groups in processors, 0 without one. `root` is where they are mounted (/sys/fs/cgroup), `group` what
// /proc/self/cgroup says: one line "0::/path" for version 2, "N:cpu,cpuacct:/path" for version 1. The smallest quota from the group up to
// the root counts.
double cgroup_quota(const std::string& root, const std::string& group);

}  // namespace detail
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/threads/available_cpus_inl.hpp"
#endif
