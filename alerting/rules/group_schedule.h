#pragma once

#include <cstdint>
#include <string_view>

#include "base/model/timestamp.h"

namespace tidemark::alerting {

// When a rule group is evaluated: at the times k * interval + hash mod interval of the clock.
// Groups are thus spread over the interval, and a restart keeps their grid.
class GroupSchedule {
 public:
  // `interval` > 0.
  GroupSchedule(std::string_view file, std::string_view name, DurationMs interval);

  // The last of the times that is not after `t`.
  TimestampMs SlotAtOrBefore(TimestampMs t) const;
  TimestampMs SlotAfter(TimestampMs t) const { return SlotAtOrBefore(t) + interval_; }

  struct Next {
    TimestampMs slot;
    int64_t missed;  // slots passed over: the evaluation before took too long
  };
  // What follows the evaluation for `slot`, which ended at `now`. A slot that is overdue by less
  // than an interval is not missed but begins at once.
  Next After(TimestampMs slot, TimestampMs now) const;

 private:
  DurationMs interval_, offset_;
};

}  // namespace tidemark::alerting
