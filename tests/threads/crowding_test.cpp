#include "tessera/threads/crowding.hpp"

#include "catch.hpp"

using namespace std::chrono_literals;
using tessera::detail::Crowding;

namespace {

// The share of turns of 50 µs, within the given time, in which helpers take part.
double shared(Crowding& crowding, Crowding::Clock::time_point from, std::chrono::microseconds time) {
  int turns = 0, together = 0;
  for (auto now = from; now < from + time; now += 50us, ++turns) together += crowding.shared(now) ? 1 : 0;
  return static_cast<double>(together) / turns;
}

const Crowding::Clock::time_point start{1h};

}  // namespace

TEST_CASE("Helpers take part in every turn while jobs take about as long on both sides") {
  Crowding crowding;
  crowding.report(start, 20us, 25us);
  crowding.report(start, 20us, 700us);  // a cold cache, not a stopped helper
  crowding.report(start, 10ms, 30ms);   // long jobs
  crowding.report(start, 0us, 10ms);    // the caller had no job to compare with
  REQUIRE(shared(crowding, start, 100ms) == 1);
  REQUIRE(!crowding.resting());
}

TEST_CASE("After a helper, or the caller, was stopped in the middle of a job, helpers take part in a fourth of the time") {
  for (const bool caller : {false, true}) {
    Crowding crowding;
    crowding.report(start, caller ? 4ms : 20us, caller ? 20us : 4ms);
    REQUIRE(!crowding.shared(start));
    REQUIRE(crowding.resting());
    const double share = shared(crowding, start, 20ms);
    REQUIRE(share > 0.2);
    REQUIRE(share < 0.3);
    REQUIRE(shared(crowding, start + 20ms, 20ms) == 1);
    REQUIRE(!crowding.resting());
  }
}

TEST_CASE("Helpers take part in a fourth of the time for longer where they are stopped again soon, but not for ever") {
  Crowding crowding;
  auto now = start;
  for (auto time = Crowding::shortest; time < 2 * Crowding::longest; time *= 2) {
    crowding.report(now, 20us, 4ms);
    const auto crowded = std::min(time, Crowding::longest);
    REQUIRE(!crowding.shared(now));
    REQUIRE(shared(crowding, now + crowded / 2, std::chrono::duration_cast<std::chrono::microseconds>(crowded / 2)) < 0.35);
    now += crowded;
    REQUIRE(crowding.shared(now));
  }
  now += 1s;
  crowding.report(now, 20us, 4ms);
  REQUIRE(shared(crowding, now + Crowding::shortest, 20ms) == 1);
}
