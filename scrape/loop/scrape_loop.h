#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

#include "base/io/line_file.h"
#include "base/net/http_client.h"
#include "base/run/clock.h"
#include "base/run/thread_pool.h"
#include "base/run/timer_queue.h"
#include "scrape/loop/active_labels.h"
#include "scrape/loop/page_buffers.h"
#include "scrape/loop/scrape_metrics.h"
#include "scrape/loop/scrape_schedule.h"
#include "scrape/loop/stop_gate.h"
#include "scrape/loop/target_appender.h"
#include "scrape/loop/target_labels.h"
#include "scrape/target.h"
#include "tsdb/appender.h"

namespace tidemark::scrape {

// What all loops of a manager work with. It outlives the gate: loops look at it only inside.
struct ScrapeContext {
  tsdb::Appendable& store;
  HttpClient& client;
  ThreadPool& pool;  // for pages
  Clock& clock;
  TimerQueue& timers;
  ScrapeMetrics& metrics;
  ActiveLabels& active;
  MetadataPool& metadata;
  const ScrapeOptions options;
  std::shared_ptr<StopGate> gate;
  PageBuffers& buffers;
  TimestampMs last_alive = 0;  // see ScrapeManager::ResumeAfter; set before there are loops
};

// Scrapes one target on its schedule. No thread waits for it: a timer begins a scrape, the client's
// callback hands the page to the pool. At most one scrape is under way; a moment that comes up
// meanwhile is passed over. Thread-safe; kept alive by its timer until that has fired.
class ScrapeLoop : public std::enable_shared_from_this<ScrapeLoop> {
 public:
  ScrapeLoop(ScrapeContext& context, Target target, const ScrapeSchedule& schedule,
             std::shared_ptr<const ScrapeConfig> config, std::shared_ptr<LineFile> failure_log);

  // The first scrape is at the target's next moment; at once where one was missed by a restart.
  void Start() ABSL_LOCKS_EXCLUDED(mu_);
  // Goes on with another configuration for the same target.
  void Update(Target target, const ScrapeSchedule& schedule,
              std::shared_ptr<const ScrapeConfig> config, std::shared_ptr<LineFile> failure_log)
      ABSL_LOCKS_EXCLUDED(mu_);
  // While not Ok, scrapes fetch nothing and fail with this.
  void SetForcedError(absl::Status error) ABSL_LOCKS_EXCLUDED(mu_);
  // The target is gone: no further scrape begins, and if by two intervals after the next scrape
  // would have been no other target has these labels, markers end the series, as of that scrape.
  void End() ABSL_LOCKS_EXCLUDED(mu_);

  ActiveMetadata Metadata() const { return {appender_.labels(), appender_.metadata()}; }
  TargetStatus Status() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void ScheduleAt(TimestampMs time) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void ScheduleNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void ScheduleEnd() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Begin(uint64_t generation) ABSL_LOCKS_EXCLUDED(mu_);
  void Fetch(HttpRequest request, const std::shared_ptr<Scrape>& scrape);
  void Deliver(const std::shared_ptr<Scrape>& scrape);
  void LogFailure(const absl::Status& status) ABSL_LOCKS_EXCLUDED(mu_);
  void Decompress(Scrape& scrape);
  void Finish(Scrape& scrape) ABSL_LOCKS_EXCLUDED(mu_);
  void WriteEnd(TimestampMs time);

  ScrapeContext& context_;
  TargetAppender appender_;  // used by the scrape under way, and at the end

  mutable absl::Mutex mu_;  // the timer queue's mutex may be taken under it
  Target target_ ABSL_GUARDED_BY(mu_);
  ScrapeSchedule schedule_ ABSL_GUARDED_BY(mu_);
  std::shared_ptr<const ScrapeConfig> config_ ABSL_GUARDED_BY(mu_);
  std::shared_ptr<LineFile> failure_log_ ABSL_GUARDED_BY(mu_);  // may be null
  absl::Status forced_error_ ABSL_GUARDED_BY(mu_);
  uint64_t generation_ ABSL_GUARDED_BY(mu_) = 0;  // timers of an older one do nothing
  bool ended_ ABSL_GUARDED_BY(mu_) = false;
  bool under_way_ ABSL_GUARDED_BY(mu_) = false;
  bool labels_changed_ ABSL_GUARDED_BY(mu_) = false;  // since the scrape before
  Histogram* interval_length_ ABSL_GUARDED_BY(mu_);
  TargetHealth health_ ABSL_GUARDED_BY(mu_) = TargetHealth::kUnknown;
  std::string last_error_ ABSL_GUARDED_BY(mu_);
  TimestampMs last_scrape_ ABSL_GUARDED_BY(mu_) = 0;
  double last_duration_seconds_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace tidemark::scrape
