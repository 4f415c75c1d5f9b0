#include "scrape/loop/scrape_schedule.h"

#include <algorithm>

namespace tidemark::scrape {
namespace {

constexpr uint64_t kFnvOffset = 0xcbf29ce484222325;
constexpr uint64_t kFnvPrime = 0x100000001b3;

uint64_t Fnv64a(std::string_view bytes, uint64_t hash = kFnvOffset) {
  for (const char c : bytes) hash = (hash ^ static_cast<uint8_t>(c)) * kFnvPrime;
  return hash;
}

}  // namespace

ScrapeSchedule::ScrapeSchedule(DurationMs interval, uint64_t target_hash, uint64_t seed,
                               const ScrapeOptions& options)
    : interval_(interval),
      phase_(static_cast<DurationMs>((target_hash ^ seed) % static_cast<uint64_t>(interval))),
      max_snap_(options.adjust_timestamps ? std::min(options.timestamp_tolerance, interval / 100)
                                          : 0) {}

TimestampMs ScrapeSchedule::LastUntil(TimestampMs t) const {
  const DurationMs since = (t - phase_) % interval_;
  return t - (since >= 0 ? since : since + interval_);
}

TimestampMs ScrapeSchedule::NextAfter(TimestampMs t) const { return LastUntil(t) + interval_; }

TimestampMs ScrapeSchedule::Snap(TimestampMs t) const {
  const TimestampMs meant = LastUntil(t);
  return t - meant <= max_snap_ ? meant : t;
}

uint64_t TargetHash(const LabelSet& labels, std::string_view url) {
  return Fnv64a(url, Fnv64a(labels.bytes()));
}

uint64_t ServerSeed(std::string_view host_name, const LabelSet& external_labels) {
  return Fnv64a(external_labels.bytes(), Fnv64a(host_name));
}

}  // namespace tidemark::scrape
