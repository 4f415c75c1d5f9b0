#include "alerting/receivers/notification_log.h"

namespace tidemark::alerting {

bool NotificationLog::IsNews(const Notification& alert, TimestampMs now) const {
  const auto it = entries_.find(alert.labels);
  if (it == entries_.end()) return true;
  const Entry& told = it->second;
  // An earlier start is a message that was overtaken.
  if (alert.starts_at != told.starts_at) return alert.starts_at > told.starts_at;
  if (alert.resolved || told.resolved) return !told.resolved;
  return now - told.told_at >= kRepeatInterval;
}

void NotificationLog::Add(const Notification& alert, TimestampMs now) {
  entries_[alert.labels] = {alert.starts_at, now, alert.resolved};
  if (now - swept_at_ < kMinute) return;
  swept_at_ = now;
  // Rules repeat what is resolved for 15 minutes and what fires every few: an entry as old as that
  // has no more to keep back.
  absl::erase_if(entries_, [now](const auto& entry) {
    return now - entry.second.told_at > 2 * kRepeatInterval;
  });
}

}  // namespace tidemark::alerting
