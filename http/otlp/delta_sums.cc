#include "http/otlp/delta_sums.h"

namespace tidemark::http {

DeltaSums::Batch::Batch(DeltaSums& sums, TimestampMs now) ABSL_NO_THREAD_SAFETY_ANALYSIS
    : sums_(sums),
      lock_(&sums.mu_),
      now_(now) {
  sums_.ForgetIdle(now_);
}

DeltaSums::Batch::~Batch() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  for (auto it = before_.rbegin(); it != before_.rend(); ++it) {
    if (it->second.time == 0) {
      sums_.sums_.erase(it->first);
    } else {
      sums_.sums_[it->first] = it->second;
    }
  }
}

std::optional<double> DeltaSums::Batch::Add(const LabelSet& series, uint64_t time,
                                            double difference) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  const Hash128 key = SeededHash128(series.bytes());
  Sum& sum = sums_.sums_[key];
  if (time <= sum.time) {
    if (sum.time == 0) sums_.sums_.erase(key);
    return std::nullopt;
  }
  before_.emplace_back(key, sum);
  sum = {sum.value + difference, time, now_};
  return sum.value;
}

void DeltaSums::ForgetIdle(TimestampMs now) {
  if (now < SaturatingAdd(looked_at_, kMinute)) return;
  looked_at_ = now;
  absl::erase_if(sums_, [now](const auto& entry) { return entry.second.seen < now - kMaxIdle; });
}

}  // namespace tidemark::http
