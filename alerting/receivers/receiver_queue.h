#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

#include "alerting/notifier.h"
#include "alerting/receivers/receiver_protocol.h"
#include "base/metrics.h"
#include "base/net/http_client.h"
#include "base/run/clock.h"
#include "base/run/timer_queue.h"

namespace tidemark::alerting {

struct ReceiverOptions {
  HttpClientOptions http;
  size_t capacity = 10'000;  // of alerts that wait
  size_t max_batch = 256;    // alerts of one message
};

// The alerts that wait for one receiver, and their way there: one message at a time, the oldest
// alerts first. Never blocks its callers. Thread-safe.
//
// - An alert that is queued again before it went out replaces itself and keeps its place.
// - Past the capacity the oldest are dropped and counted.
// - A message that finds nobody, or is answered by 5xx or 429, is tried again after a pause of 1 s,
//   2 s, 4 s and so on up to 30 s, as long as its alerts matter: one that fires until receivers
//   would take it for resolved, one that is resolved for 15 minutes. Any other answer but 2xx would
//   not get better: the alerts are dropped, counted and logged.
class ReceiverQueue : public std::enable_shared_from_this<ReceiverQueue> {
 public:
  // HttpClient::Send.
  using Post = std::function<void(HttpRequest, const HttpClientOptions&, HttpClient::Callback)>;

  // `name` stands for the receiver in logs and metrics. References outlive Close.
  static std::shared_ptr<ReceiverQueue> Create(std::string name, Post post, TimerQueue& timers,
                                               Clock& clock, MetricRegistry& metrics);

  // Before the first Push, and whenever the configuration changes; what is queued stays.
  void Configure(std::unique_ptr<ReceiverProtocol> protocol, ReceiverOptions options)
      ABSL_LOCKS_EXCLUDED(mu_);
  void Push(std::span<const Notification> alerts) ABSL_LOCKS_EXCLUDED(mu_);
  // Waits until all is delivered or dropped; false where the clock reached `deadline` before.
  bool WaitUntilEmpty(TimestampMs deadline) ABSL_LOCKS_EXCLUDED(mu_);
  // Drops what is queued. Nothing is sent any more, and an answer that still comes is ignored.
  void Close() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  using Key = std::tuple<LabelSet, TimestampMs, bool>;  // labels, start, resolved
  struct Batch {
    std::vector<uint64_t> places;
    std::vector<Notification> alerts;  // of one message, parallel to `places`
    std::chrono::steady_clock::time_point sent_at;
  };
  struct Metrics {
    Metrics(MetricRegistry& registry, const std::string& receiver);
    Counter &sent, &errors, &dropped;
    Gauge &queue_length, &queue_capacity;
    Histogram& latency;
  };

  ReceiverQueue(std::string name, Post post, TimerQueue& timers, Clock& clock,
                MetricRegistry& metrics);
  static Key KeyOf(const Notification& alert);
  void Insert(uint64_t place, const Notification& alert) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  std::map<uint64_t, Notification>::iterator Erase(std::map<uint64_t, Notification>::iterator it)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void DropBeyondCapacity() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Takes the alerts of the next message out of the queue, and those that need not be told.
  Batch TakeBatch() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Sends the next message unless one is under way, a pause lasts or there is none.
  void SendNext() ABSL_LOCKS_EXCLUDED(mu_);
  void OnAnswer(const Batch& batch, const absl::StatusOr<HttpResponse>& answer)
      ABSL_LOCKS_EXCLUDED(mu_);
  void Retry(const Batch& batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void EndPause() ABSL_LOCKS_EXCLUDED(mu_);
  bool Empty() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return closed_ || (queue_.empty() && !in_flight_);
  }

  const std::string name_;
  const Post post_;
  TimerQueue& timers_;
  Clock& clock_;
  Metrics metrics_;

  absl::Mutex mu_;  // taken before that of the timers
  std::unique_ptr<ReceiverProtocol> protocol_ ABSL_GUARDED_BY(mu_);
  ReceiverOptions options_ ABSL_GUARDED_BY(mu_);
  std::map<uint64_t, Notification> queue_ ABSL_GUARDED_BY(mu_);  // by place, the oldest first
  absl::flat_hash_map<Key, uint64_t> places_ ABSL_GUARDED_BY(mu_);
  uint64_t next_place_ ABSL_GUARDED_BY(mu_) = 0;
  int failures_ ABSL_GUARDED_BY(mu_) = 0;  // in a row
  bool in_flight_ ABSL_GUARDED_BY(mu_) = false;
  bool paused_ ABSL_GUARDED_BY(mu_) = false;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace tidemark::alerting
