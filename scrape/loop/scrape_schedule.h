#pragma once

#include <cstdint>
#include <string_view>

#include "base/labels/label_set.h"
#include "base/model/timestamp.h"
#include "scrape/target.h"

namespace tidemark::scrape {

// When a target is due: at `phase + k * interval` of the wall clock, so that the moments are the
// same after a restart, targets spread evenly over the interval, and two servers that scrape the
// same targets do so at different moments.
class ScrapeSchedule {
 public:
  // `interval` > 0. `target_hash` and `seed` are those below.
  ScrapeSchedule(DurationMs interval, uint64_t target_hash, uint64_t seed,
                 const ScrapeOptions& options = {});

  DurationMs interval() const { return interval_; }
  // The first moment later than `t`.
  TimestampMs NextAfter(TimestampMs t) const;
  // The moment that `t` was meant to be, where it is late by at most the tolerance (2 ms where
  // nothing else is said) and 1 % of the interval; else `t`. Regular timestamps compress much
  // better, and a delay this small means nothing.
  TimestampMs Snap(TimestampMs t) const;

  // Whether a moment has passed unused by a server that did nothing since `last_alive`, which is
  // less than an interval ago: a scrape at once then leaves no gap.
  bool IsMissed(TimestampMs last_alive, TimestampMs now) const {
    return SaturatingSubtract(now, last_alive) < interval_ && LastUntil(now) > last_alive;
  }

  friend bool operator==(const ScrapeSchedule&, const ScrapeSchedule&) = default;

 private:
  TimestampMs LastUntil(TimestampMs t) const;

  DurationMs interval_;
  DurationMs phase_;     // in [0, interval_)
  DurationMs max_snap_;  // 0: timestamps stay
};

// FNV-1a 64 of a target's labels and URL.
uint64_t TargetHash(const LabelSet& labels, std::string_view url);
// FNV-1a 64 of the machine's name and the external labels: what parts the servers of a pair.
uint64_t ServerSeed(std::string_view host_name, const LabelSet& external_labels);

}  // namespace tidemark::scrape
