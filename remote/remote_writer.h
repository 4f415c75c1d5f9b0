#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

#include "base/labels/label_set.h"
#include "base/metrics.h"
#include "base/net/http_client.h"
#include "base/run/clock.h"
#include "remote/family_metadata.h"
#include "remote/remote_write_config.h"
#include "tsdb/journal_feed.h"

namespace tidemark::remote {

// Sends what the store takes in to all receivers of the configuration: a WriteQueue each. A
// receiver is told apart by its `name`, or else by its URL and headers; while it stays in the
// configuration it gets everything from its first appearance on, over restarts and outages, as far
// as the journal keeps it: docs/decisions/0007. Thread-safe.
class RemoteWriter {
 public:
  // `directory` is where the queues remember how far they are; made where it is absent. All
  // references outlive the writer.
  RemoteWriter(std::string directory, HttpClient& client, MetadataSource metadata, Clock& clock,
               MetricRegistry& metrics);
  ~RemoteWriter();

  // Replaces the configuration. Queues that stay as they are run on; others finish the requests
  // that are under way, for up to `stop_within`. `feed` is always the same and outlives Stop.
  //   Internal, PermissionDenied, ...  the directory cannot be used; queues concerned do not run
  absl::Status ApplyConfig(std::vector<RemoteWriteConfig> configs, const LabelSet& external_labels,
                           tsdb::JournalFeed& feed, DurationMs stop_within)
      ABSL_LOCKS_EXCLUDED(mu_);

  // Tries for up to `flush_deadline` to send what was stored before the call, and stops.
  // Idempotent.
  void Stop(DurationMs flush_deadline) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Queue;

  void StopQueues(const std::vector<Queue>& queues, DurationMs within, bool flush);
  absl::Status StartQueue(Queue& queue, RemoteWriteConfig config, tsdb::JournalFeed& feed);
  void RemoveOtherCursors() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const std::string directory_;
  HttpClient& client_;
  const MetadataSource metadata_;
  Clock& clock_;
  MetricRegistry& metrics_;

  absl::Mutex mu_;
  std::vector<Queue> queues_ ABSL_GUARDED_BY(mu_);
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace tidemark::remote
