#include "remote/write/shard_count.h"

#include <algorithm>
#include <cmath>

namespace tidemark::remote {
namespace {

// How much the newest round counts.
constexpr double kWeight = 0.2;
// By how much the number may be off.
constexpr double kTolerance = 0.3;

}  // namespace

double ShardCount::Update(const Round& round) {
  constexpr double kSeconds = static_cast<double>(kInterval) / kSecond;
  const auto follow = [this](double& mean, double value) {
    mean = has_rates_ ? mean + kWeight * (value / kSeconds - mean) : value / kSeconds;
  };
  follow(read_, round.samples_read);
  follow(sent_, round.samples_sent);
  follow(busy_, round.request_seconds);
  has_rates_ = true;
  if (sent_ <= 0) return wanted_ = 0;
  const double seconds_per_sample = busy_ / sent_;
  const double catch_up = round.backlog * kSecond / kCatchUp;
  return wanted_ = seconds_per_sample * (read_ + catch_up);
}

size_t ShardCount::Choose(size_t current, size_t min_shards, size_t max_shards) const {
  const auto now = static_cast<double>(current);
  const bool fits = wanted_ > now * (1 - kTolerance) && wanted_ < now * (1 + kTolerance);
  const double wanted = fits ? now : std::ceil(wanted_);
  return static_cast<size_t>(std::clamp(wanted, static_cast<double>(min_shards),
                                        static_cast<double>(std::max(min_shards, max_shards))));
}

}  // namespace tidemark::remote
