#include "scrape/discovery/refresh_loop.h"

#include <string>

#include "base/log.h"
#include "base/strings.h"

namespace tidemark::scrape {

void RefreshLoop(DiscoveryRun& run, std::string_view mechanism, DurationMs interval,
                 const std::function<absl::StatusOr<std::vector<SourceUpdate>>()>& refresh) {
  const MetricLabels labels = {{"mechanism", std::string(mechanism)},
                               {"config", run.config_name()}};
  Counter& failures = run.metrics().AddCounter("prometheus_sd_refresh_failures_total",
                                               "Total number of refreshes that failed.", labels);
  // A summary in Prometheus; `_sum` and `_count` mean the same.
  Histogram& duration = run.metrics().AddHistogram("prometheus_sd_refresh_duration_seconds",
                                                   "How long refreshes took.", {}, labels);
  Histogram& duration_histogram =
      run.metrics().AddHistogram("prometheus_sd_refresh_duration_histogram_seconds",
                                 "How long refreshes took.", {0.01, 0.1, 1, 10}, labels);
  TimestampMs next = run.clock().Now();
  do {
    const TimestampMs begin = run.clock().Now();
    absl::StatusOr<std::vector<SourceUpdate>> updates = refresh();
    if (run.stopped()) return;
    const TimestampMs end = run.clock().Now();
    const double seconds = static_cast<double>(end - begin) / kSecond;
    duration.Observe(seconds);
    duration_histogram.Observe(seconds);
    if (updates.ok()) {
      run.Publish(*std::move(updates));
    } else {
      failures.Increment();
      log::Error("Unable to refresh target groups",
                 {{"discovery", std::string(mechanism)},
                  {"config", run.config_name()},
                  {"err", std::string(updates.status().message())}});
    }
    // What took longer than the interval, or a clock that was set, does not pile up refreshes.
    next = next + interval > end ? next + interval : end + interval;
    if (next > end + interval) next = end + interval;
  } while (run.WaitUntil(next) != DiscoveryRun::Wait::kStopped);
}

}  // namespace tidemark::scrape
