#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "base/labels/label_set.h"
#include "base/metrics.h"
#include "base/net/http_client.h"
#include "base/run/clock.h"
#include "remote/remote_write_config.h"
#include "remote/write/send_cursor.h"
#include "remote/write/send_outcome.h"
#include "remote/write/series_labels.h"
#include "remote/write/shard_count.h"
#include "remote/write/write_encoder.h"
#include "remote/write/write_metrics.h"
#include "tsdb/journal_feed.h"

namespace tidemark::remote {

// What a queue needs of its surroundings; all of it outlives the queue.
struct QueueContext {
  tsdb::JournalFeed& feed;
  // HttpClient::Send; may still be called when the queue is gone, and what it calls then does
  // nothing.
  std::function<void(HttpRequest, const HttpClientOptions&, HttpClient::Callback)> post;
  Clock& clock;
  MetricRegistry& metrics;
  MetadataSource metadata;
};

// Sends the journal to one receiver, from where the cursor stands.
//
// One thread reads batches, spreads their samples over shards by series, and encodes and compresses
// the requests; what waits in memory is compressed. A shard has one request under way at a time, so
// the samples of a series arrive in order. A request that fails is sent again, ever more seldom and
// without end; while shards are full nothing is read, and the journal keeps what is not read. After
// each acknowledgement the cursor says how far every shard is, so that a restart sends again only
// what was under way.
class WriteQueue {
 public:
  // Starts at once. `name` is that of logs and metrics; `cursor` holds places, from which it goes
  // on. Holds what it has not sent in the journal, under `reader`.
  WriteQueue(RemoteWriteConfig config, const LabelSet& external_labels, const std::string& name,
             std::string reader, std::unique_ptr<SendCursor> cursor, QueueContext context);
  // Stop, at once.
  ~WriteQueue();
  WriteQueue(const WriteQueue&) = delete;
  WriteQueue& operator=(const WriteQueue&) = delete;

  // Sends what the journal has at this moment, where `flush`; awaits the answers that are under
  // way; and ends, at `deadline` in any case. A receiver that fails is not tried again: nothing is
  // lost, the next start goes on. Waits for the end; what was not sent stays held. Idempotent.
  void Stop(TimestampMs deadline, bool flush) ABSL_LOCKS_EXCLUDED(mailbox_->mu);

  const RemoteWriteConfig& config() const { return config_; }

 private:
  // A request that waits.
  struct Batch {
    std::string body;  // compressed
    size_t num_samples = 0, num_histograms = 0;
    JournalPlace end;  // after its last sample
    TimestampMs oldest = kMaxTimestamp, newest = kMinTimestamp;
    // Only where samples may get too old: to leave them out.
    EncodedRequest request;
    std::vector<OutgoingSample> samples;
    int attempts = 0;

    size_t size() const { return num_samples + num_histograms; }
  };
  struct Shard {
    JournalPlace done;         // see ShardPlaces; current while something waits
    JournalPlace resume_from;  // what comes before was acknowledged in an earlier life
    // The request that is being filled, and since when.
    std::vector<OutgoingSample> open;
    std::string open_histograms;
    TimestampMs open_since = 0;

    std::deque<Batch> ready;
    size_t num_ready = 0;  // samples of these
    bool in_flight = false;
    DurationMs backoff = 0;  // of the next failure
    TimestampMs retry_at = kMinTimestamp;
    bool failing = false;

    bool empty() const { return open.empty() && ready.empty(); }
  };
  // Metadata that waits, of 1.0.
  struct MetadataBatch {
    std::string body;  // compressed
    size_t num_families = 0;
    int attempts = 0;
  };
  static constexpr size_t kMetadata = SIZE_MAX;  // in place of the number of a shard
  struct Answer {
    size_t shard = 0;
    absl::StatusOr<HttpResponse> response;
    double seconds = 0;
  };
  // Shared with the callbacks of requests, which may outlive the queue.
  struct Mailbox {
    absl::Mutex mu;
    std::vector<Answer> answers ABSL_GUARDED_BY(mu);
    bool closed ABSL_GUARDED_BY(mu) = false;
    bool stop_asked ABSL_GUARDED_BY(mu) = false, flush ABSL_GUARDED_BY(mu) = false;
    TimestampMs stop_deadline ABSL_GUARDED_BY(mu) = kMaxTimestamp;
    bool news ABSL_GUARDED_BY(mu) = false;
  };

  void Run();
  // Whether there is more to be read at once.
  bool ReadJournal();
  void TakeBatch(const tsdb::FeedBatch& batch);
  void NoteLost(uint64_t number);
  // The shard that is to have the sample with its series; null where it is not to be sent.
  Shard* Place(SeriesRef ref, TimestampMs timestamp, uint64_t index, WriteMetrics::OfType& metrics,
               OutgoingSample* sample);
  void Add(Shard& shard, const OutgoingSample& sample, uint64_t index);
  bool HasRoom() const;

  void CloseOpen(Shard& shard, const JournalPlace& end);
  void CloseDue(TimestampMs now, bool all);
  void StartRequests(TimestampMs now);
  void Send(size_t shard);
  void Post(const std::string& body, int attempts, size_t shard);
  // All metadata at its interval; what of the round before is not sent then never will be.
  void CollectMetadata(TimestampMs now);
  void SendMetadata(TimestampMs now);
  void TakeMetadataAnswer(const SendOutcome& outcome, TimestampMs now);
  // Leaves out what has got too old; false where nothing is left.
  bool DropAged(Batch& batch, TimestampMs now);

  void TakeAnswers() ABSL_LOCKS_EXCLUDED(mailbox_->mu);
  void TakeAnswer(const Answer& answer);
  void Retry(Shard& shard, const SendOutcome& outcome, TimestampMs now);
  void RemoveFront(Shard& shard);

  bool AllEmpty() const;
  bool IsDone(TimestampMs now) const;
  void Reshard();
  void UpdateShardCount(TimestampMs now);
  void ForgetSeries(TimestampMs now);
  void SetShards(const ShardPlaces& places);
  JournalPlace DoneOf(const Shard& shard) const {
    return shard.empty() ? std::max(read_, shard.resume_from) : shard.done;
  }
  void SaveCursor(TimestampMs now);
  void AwaitNews(TimestampMs now, bool more_to_read) ABSL_LOCKS_EXCLUDED(mailbox_->mu);

  const RemoteWriteConfig config_;
  const std::string name_, reader_, shown_url_;
  const QueueContext context_;
  const std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>();

  // Of the queue's thread.
  WriteMetrics metrics_;
  std::unique_ptr<SendCursor> cursor_;
  std::unique_ptr<WriteEncoder> encoder_;
  FamilyLookup families_;
  SeriesLabels series_;
  std::vector<Shard> shards_;
  JournalPlace read_;          // what comes before was read
  uint64_t resume_until_ = 0;  // batches before it may have samples that are done already
  double samples_per_batch_ = 0;
  TimestampMs now_ = 0;  // of this turn
  TimestampMs newest_read_ = kMinTimestamp, newest_sent_ = kMinTimestamp;
  std::string histogram_scratch_;
  EncodedRequest request_;
  std::string compressed_;

  std::deque<MetadataBatch> metadata_;
  bool metadata_in_flight_ = false;
  TimestampMs next_metadata_, metadata_retry_at_ = kMinTimestamp;
  DurationMs metadata_backoff_ = 0;

  bool cursor_changed_ = false, acknowledged_ = false;
  TimestampMs next_sync_ = kMinTimestamp;
  bool cursor_failing_ = false;

  ShardCount shard_count_;
  ShardCount::Round round_;
  TimestampMs next_round_;
  size_t wanted_shards_ = 0;  // other than there are: what is read is sent first, then it is so
  TimestampMs next_forget_;

  bool stopping_ = false, flush_ = false;
  TimestampMs stop_deadline_ = kMaxTimestamp;
  uint64_t flush_until_ = 0;  // the batch

  std::thread thread_;  // last: reads all of the above
};

}  // namespace tidemark::remote
