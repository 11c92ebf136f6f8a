// SPDX-License-Identifier: MIT
#include "tessera/threads/available_cpus.hpp"

#include <filesystem>
#include <fstream>
#include <thread>

#include "catch.hpp"
#include "temporary_folder.hpp"

using namespace tessera;

namespace {

void write(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

}  // namespace

TEST_CASE("The quota of control groups is the smallest on the way to the root, in both versions") {
  const test::TemporaryFolder folder;
  const std::string root = (folder / "cgroup").string();
  write(folder / "cgroup/cpu.max", "max 100000\n");
  write(folder / "cgroup/a/cpu.max", "150000 100000\n");
  write(folder / "cgroup/a/b/cpu.max", "400000 100000\n");
  CHECK(detail::cgroup_quota(root, "0::/a/b\n") == 1.5);
  CHECK(detail::cgroup_quota(root, "0::/a\n") == 1.5);
  CHECK(detail::cgroup_quota(root, "0::/\n") == 0);
  // The path is that of the host, and the container's own group is mounted as the root.
  write(folder / "cgroup/cpu.max", "50000 100000\n");
  CHECK(detail::cgroup_quota(root, "0::/not/here\n") == 0.5);

  write(folder / "cgroup/cpu/docker/cpu.cfs_quota_us", "250000\n");
  write(folder / "cgroup/cpu/docker/cpu.cfs_period_us", "100000\n");
  write(folder / "cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  write(folder / "cgroup/cpu/cpu.cfs_period_us", "100000\n");
  CHECK(detail::cgroup_quota(root, "5:memory:/docker\n4:cpu,cpuacct:/docker\n") == 2.5);
  CHECK(detail::cgroup_quota(root, "5:memory:/docker\n4:cpuset:/docker\n") == 0);
  CHECK(detail::cgroup_quota(root, "nonsense\n\n") == 0);
  CHECK(detail::cgroup_quota(root, "") == 0);
}

TEST_CASE("At least one processor is there, and not more than the machine has") {
  CHECK(available_cpus() >= 1);
  CHECK(available_cpus() <= static_cast<int>(std::thread::hardware_concurrency()));
}
