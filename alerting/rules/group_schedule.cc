#include "alerting/rules/group_schedule.h"

#include <algorithm>

#include "base/io/hash.h"
#include "base/strings.h"

namespace tidemark::alerting {

GroupSchedule::GroupSchedule(std::string_view file, std::string_view name, DurationMs interval)
    : interval_(interval),
      offset_(static_cast<DurationMs>(StableHash64(StrCat(file, ";", name)) %
                                      static_cast<uint64_t>(interval))) {}

TimestampMs GroupSchedule::SlotAtOrBefore(TimestampMs t) const {
  const TimestampMs shifted = t - offset_;
  const DurationMs past = ((shifted % interval_) + interval_) % interval_;
  return t - past;
}

GroupSchedule::Next GroupSchedule::After(TimestampMs slot, TimestampMs now) const {
  const int64_t missed = std::max<int64_t>(0, (now - slot) / interval_ - 1);
  return {slot + (missed + 1) * interval_, missed};
}

}  // namespace tidemark::alerting
