#pragma once

#include <cstddef>

#include "base/model/timestamp.h"

namespace tidemark::remote {

// How many shards a queue needs: so many requests must be under way at any time to keep up with
// what comes in and to catch up with what waits. All rates are means that follow a change within a
// few rounds. One thread.
class ShardCount {
 public:
  // How often Update is called.
  static constexpr DurationMs kInterval = 10 * kSecond;
  // What waits is to be sent within so long.
  static constexpr DurationMs kCatchUp = 20 * kSecond;

  // What happened since the round before.
  struct Round {
    double samples_read = 0;     // from the journal, and to be sent
    double samples_sent = 0;     // acknowledged
    double request_seconds = 0;  // that their requests took, side by side or not
    double backlog = 0;          // samples that wait now, in memory and in the journal
  };
  // The number that would do, not rounded: seconds of requests per second.
  double Update(const Round& round);
  double wanted() const { return wanted_; }

  // `current`, or another number within the bounds where it is off by more than a third.
  size_t Choose(size_t current, size_t min_shards, size_t max_shards) const;

 private:
  bool has_rates_ = false;
  double read_ = 0, sent_ = 0, busy_ = 0;  // a second
  double wanted_ = 0;
};

}  // namespace tidemark::remote
