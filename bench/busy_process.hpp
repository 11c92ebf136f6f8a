// SPDX-License-Identifier: MIT
#pragma once

// BusyProcess: another process that keeps one processor busy, the last one that this process may use, for as long as the object lives.

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>

namespace bench {

class BusyProcess {
 public:
  BusyProcess() : child_(fork()) {
    if (child_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    cpu_set_t allowed, last;
    sched_getaffinity(0, sizeof(allowed), &allowed);
    CPU_ZERO(&last);
    for (int cpu = CPU_SETSIZE - 1; CPU_COUNT(&last) == 0 && cpu >= 0; --cpu)
      if (CPU_ISSET(cpu, &allowed)) CPU_SET(cpu, &last);
    sched_setaffinity(0, sizeof(last), &last);
    for (std::atomic<long> turns = 0;; ++turns) {
    }
  }
  BusyProcess(const BusyProcess&) = delete;
  BusyProcess& operator=(const BusyProcess&) = delete;
  ~BusyProcess() {
    if (child_ < 0) return;
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
  }

 private:
  pid_t child_;
};

}  // namespace bench
