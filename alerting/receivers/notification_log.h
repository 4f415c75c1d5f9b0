#pragma once

#include "absl/container/flat_hash_map.h"

#include "alerting/notifier.h"
#include "base/labels/label_set.h"
#include "base/model/timestamp.h"

namespace tidemark::alerting {

// What a receiver has been told of each alert, so that the rules' constant repeating does not reach
// it. One thread.
class NotificationLog {
 public:
  // What Alertmanager calls repeat_interval, with its default: an alert that still fires is told
  // again after so long.
  static constexpr DurationMs kRepeatInterval = 4 * kHour;

  // Whether telling `alert` at `now` says anything new: it fires and that was not told of this
  // start of it within kRepeatInterval, or it is resolved and that was not told.
  bool IsNews(const Notification& alert, TimestampMs now) const;
  void Add(const Notification& alert, TimestampMs now);

 private:
  struct Entry {
    TimestampMs starts_at, told_at;
    bool resolved;
  };
  absl::flat_hash_map<LabelSet, Entry> entries_;
  TimestampMs swept_at_ = 0;
};

}  // namespace tidemark::alerting
