#include "remote/write/write_queue.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include "base/build_info.h"
#include "base/io/compression.h"
#include "base/log.h"
#include "base/model/wire_histogram.h"
#include "base/net/url.h"
#include "base/strings.h"
#include "remote/write/metadata_request.h"

namespace tidemark::remote {
namespace {

// How often the journal is looked at where it had nothing new: much less than what samples may wait
// for their request to be full.
constexpr DurationMs kPollInterval = 200;
// How much is read before answers are looked at.
constexpr size_t kSamplesPerRound = 1 << 16;
constexpr DurationMs kCursorSyncInterval = kSecond;
// When labels are looked up anew, so that those of series that are gone do not stay.
constexpr DurationMs kForgetInterval = 2 * kHour;

bool IsRecent(TimestampMs t, DurationMs limit, TimestampMs now) {
  return limit == 0 || t >= SaturatingSubtract(now, limit);
}

// Neighbours in number, such as the series of one target, are spread.
size_t ShardOf(SeriesRef ref, size_t num_shards) {
  const uint64_t number = static_cast<uint64_t>(ref) & UINT32_MAX;
  return (number * 0x9E37'79B9'7F4A'7C15 >> 32) % num_shards;
}

HttpRequest RequestFor(const RemoteWriteConfig& config, const std::string& body, int attempts) {
  const bool is_v2 = config.message == WriteMessage::kV2;
  HttpRequest request;
  request.method = "POST";
  request.url = config.url;
  request.timeout = config.timeout;
  request.max_body_bytes = 1 << 20;  // of the answer
  request.headers = {
      {"Content-Encoding", "snappy"},
      {"Content-Type", is_v2 ? "application/x-protobuf;proto=io.prometheus.write.v2.Request"
                             : "application/x-protobuf"},
      {"X-Prometheus-Remote-Write-Version", is_v2 ? "2.0.0" : "0.1.0"}};
  if (attempts > 0) request.headers.emplace_back("Retry-Attempt", StrCat(attempts));
  request.body = body;
  return request;
}

// For logs and metrics: a password may be in it.
std::string WithoutUser(const std::string& text) {
  absl::StatusOr<Url> url = Url::Parse(text);
  if (!url.ok()) return text;
  url->user_info.clear();
  return url->ToString();
}

RemoteWriteConfig WithUserAgent(RemoteWriteConfig config) {
  config.http.user_agent = StrCat("Tidemark/", GetBuildInfo().version);
  return config;
}

}  // namespace

WriteQueue::WriteQueue(RemoteWriteConfig config, const LabelSet& external_labels,
                       const std::string& name, std::string reader,
                       std::unique_ptr<SendCursor> cursor, QueueContext context)
    : config_(WithUserAgent(std::move(config))),
      name_(name),
      reader_(std::move(reader)),
      shown_url_(WithoutUser(config_.url)),
      context_(std::move(context)),
      metrics_(context_.metrics, name_, shown_url_),
      cursor_(std::move(cursor)),
      encoder_(WriteEncoder::Create(config_.message)),
      families_(context_.metadata, context_.clock),
      series_(context_.feed, external_labels, config_.relabel_rules,
              config_.message == WriteMessage::kV2 && config_.metadata.send ? &families_ : nullptr,
              *encoder_),
      next_metadata_(config_.message == WriteMessage::kV1 && config_.metadata.send
                         ? context_.clock.Now() + config_.metadata.send_interval
                         : kMaxTimestamp),
      next_round_(context_.clock.Now() + ShardCount::kInterval),
      next_forget_(context_.clock.Now() + kForgetInterval) {
  SetShards(*cursor_->places());
  context_.feed.Hold(reader_, read_.number);
  metrics_.shards_min.Set(static_cast<double>(config_.queue.min_shards));
  metrics_.shards_max.Set(static_cast<double>(config_.queue.max_shards));
  metrics_.shard_capacity.Set(static_cast<double>(config_.queue.capacity));
  metrics_.max_samples_per_send.Set(static_cast<double>(config_.queue.max_samples_per_send));
  thread_ = std::thread([this] { Run(); });
}

WriteQueue::~WriteQueue() { Stop(kMinTimestamp, false); }

void WriteQueue::Stop(TimestampMs deadline, bool flush) {
  {
    absl::MutexLock lock(&mailbox_->mu);
    mailbox_->stop_asked = mailbox_->news = true;
    mailbox_->flush = flush;
    mailbox_->stop_deadline = std::min(deadline, mailbox_->stop_deadline);
  }
  if (thread_.joinable()) thread_.join();
}

void WriteQueue::Run() {
  while (true) {
    TakeAnswers();
    const TimestampMs now = now_ = context_.clock.Now();
    const bool more_to_read = (!stopping_ || flush_) && wanted_shards_ == 0 && ReadJournal();
    CloseDue(now, stopping_ || wanted_shards_ > 0);
    if (wanted_shards_ > 0 && AllEmpty()) Reshard();
    StartRequests(now);
    CollectMetadata(now);
    SendMetadata(now);
    SaveCursor(now);
    UpdateShardCount(now);
    ForgetSeries(now);
    if (stopping_ && IsDone(now)) break;
    AwaitNews(now, more_to_read);
  }
  absl::MutexLock lock(&mailbox_->mu);
  mailbox_->closed = true;
  for (WriteMetrics::OfType* type : {&metrics_.samples, &metrics_.histograms}) type->pending.Set(0);
  metrics_.shards.Set(0);
}

void WriteQueue::SetShards(const ShardPlaces& places) {
  shards_.clear();
  shards_.resize(places.size());
  read_ = *std::min_element(places.begin(), places.end());
  read_.index = 0;  // the batch is read again
  for (size_t i = 0; i < places.size(); ++i) {
    shards_[i].done = shards_[i].resume_from = places[i];
    resume_until_ = std::max(resume_until_, places[i].number + 1);
  }
  metrics_.shards.Set(static_cast<double>(shards_.size()));
}

bool WriteQueue::HasRoom() const {
  return std::all_of(shards_.begin(), shards_.end(), [this](const Shard& shard) {
    return shard.num_ready + shard.open.size() < config_.queue.capacity;
  });
}

bool WriteQueue::ReadJournal() {
  if (!HasRoom()) return false;
  size_t num_samples = 0;
  bool has_room = true;
  const auto visit = [&](const tsdb::FeedBatch& batch) {
    TakeBatch(batch);
    num_samples += batch.samples.size() + batch.histograms.size();
    has_room = HasRoom();
    return has_room && num_samples < kSamplesPerRound;
  };
  const uint64_t before = read_.number;
  const absl::StatusOr<uint64_t> next = context_.feed.Read(read_.number, visit);
  if (!next.ok()) {
    log::Warn("the journal cannot be read for remote write, to be tried again",
              {{"remote_name", name_}, {"err", std::string(next.status().message())}});
    return false;
  }
  NoteLost(*next);
  if (newest_read_ > kMinTimestamp) {
    metrics_.highest_timestamp.Set(static_cast<double>(newest_read_) / kSecond);
  }
  if (read_.number == before) return false;
  cursor_changed_ = true;
  return has_room && num_samples >= kSamplesPerRound;
}

// All batches before `number` were read, or will never be.
void WriteQueue::NoteLost(uint64_t number) {
  if (number <= read_.number) return;
  metrics_.batches_lost.Increment(static_cast<double>(number - read_.number));
  log::Error(
      "batches are not in the journal any more, remote write goes on after them",
      {{"remote_name", name_}, {"first", StrCat(read_.number)}, {"last", StrCat(number - 1)}});
  read_ = {number, 0};
}

void WriteQueue::TakeBatch(const tsdb::FeedBatch& batch) {
  NoteLost(batch.number);
  if (!config_.send_native_histograms && !batch.histograms.empty()) {
    metrics_.histograms_not_sent.Increment(static_cast<double>(batch.histograms.size()));
  }
  const double before = round_.samples_read;
  size_t num_histograms = 0;
  OutgoingSample sample;
  uint64_t index = 0;
  for (const tsdb::SeriesSample& s : batch.samples) {
    if (Shard* const shard = Place(s.series, s.timestamp, index, metrics_.samples, &sample)) {
      sample.histogram_size = 0;
      sample.value = s.value;
      Add(*shard, sample, index);
    }
    ++index;
  }
  for (const tsdb::FeedHistogram& h : batch.histograms) {
    if (!config_.send_native_histograms) break;
    if (Shard* const shard = Place(h.series, h.timestamp, index, metrics_.histograms, &sample)) {
      std::string& messages = shard->open_histograms;
      sample.histogram_begin = static_cast<uint32_t>(messages.size());
      AppendWireHistogram(h.timestamp, h.histogram, histogram_scratch_, &messages);
      sample.histogram_size = static_cast<uint32_t>(messages.size()) - sample.histogram_begin;
      ++num_histograms;
      Add(*shard, sample, index);
    }
    ++index;
  }
  read_ = {batch.number + 1, 0};
  const double num_taken = round_.samples_read - before;
  samples_per_batch_ += 0.1 * (num_taken - samples_per_batch_);
  metrics_.histograms.pending.Add(static_cast<double>(num_histograms));
  metrics_.samples.pending.Add(num_taken - static_cast<double>(num_histograms));
}

WriteQueue::Shard* WriteQueue::Place(SeriesRef ref, TimestampMs timestamp, uint64_t index,
                                     WriteMetrics::OfType& metrics, OutgoingSample* sample) {
  Shard& shard = shards_[shards_.size() == 1 ? 0 : ShardOf(ref, shards_.size())];
  if (read_.number < resume_until_ && JournalPlace{read_.number, index} < shard.resume_from) {
    return nullptr;
  }
  sample->series = series_.Find(ref);
  sample->timestamp = timestamp;
  if (sample->series == SeriesLabels::kDropped) {
    metrics.dropped_series.Increment();
    return nullptr;
  }
  if (sample->series == SeriesLabels::kUnknown) {
    metrics.unknown_series.Increment();
    return nullptr;
  }
  if (!IsRecent(timestamp, config_.queue.sample_age_limit, now_)) {
    metrics.too_old.Increment();
    return nullptr;
  }
  return &shard;
}

void WriteQueue::Add(Shard& shard, const OutgoingSample& sample, uint64_t index) {
  if (shard.empty()) shard.done = {read_.number, index};
  if (shard.open.empty()) shard.open_since = now_;
  shard.open.push_back(sample);
  ++round_.samples_read;
  newest_read_ = std::max(newest_read_, sample.timestamp);
  if (shard.open.size() >= config_.queue.max_samples_per_send) {
    CloseOpen(shard, {read_.number, index + 1});
  }
}

// Makes a request of what is open.
void WriteQueue::CloseOpen(Shard& shard, const JournalPlace& end) {
  Batch batch;
  batch.end = end;
  for (const OutgoingSample& s : shard.open) {
    ++(s.histogram_size > 0 ? batch.num_histograms : batch.num_samples);
    batch.oldest = std::min(batch.oldest, s.timestamp);
    batch.newest = std::max(batch.newest, s.timestamp);
  }
  encoder_->Encode(shard.open, shard.open_histograms, &request_);
  // It makes room for what does not get shorter: the body that waits has what it needs.
  SnappyCompress(request_.bytes, &compressed_);
  batch.body = std::string(compressed_);
  if (config_.queue.sample_age_limit > 0) {
    batch.request = request_;
    batch.samples = shard.open;
  }
  shard.num_ready += batch.size();
  shard.ready.push_back(std::move(batch));
  shard.open.clear();
  shard.open_histograms.clear();
}

void WriteQueue::CloseDue(TimestampMs now, bool all) {
  for (Shard& shard : shards_) {
    if (shard.open.empty()) continue;
    if (all || now - shard.open_since >= config_.queue.batch_send_deadline) CloseOpen(shard, read_);
  }
}

void WriteQueue::StartRequests(TimestampMs now) {
  for (size_t i = 0; i < shards_.size(); ++i) {
    Shard& shard = shards_[i];
    if (shard.in_flight || now < shard.retry_at) continue;
    if (stopping_ && (!flush_ || shard.failing)) continue;
    while (!shard.ready.empty() && !DropAged(shard.ready.front(), now)) RemoveFront(shard);
    if (!shard.ready.empty()) Send(i);
  }
}

void WriteQueue::Send(size_t index) {
  Shard& shard = shards_[index];
  Batch& batch = shard.ready.front();
  shard.in_flight = true;
  Post(batch.body, batch.attempts++, index);
}

void WriteQueue::Post(const std::string& body, int attempts, size_t shard) {
  const auto begin = std::chrono::steady_clock::now();
  context_.post(RequestFor(config_, body, attempts), config_.http,
                [mailbox = mailbox_, shard, begin](absl::StatusOr<HttpResponse> response) {
                  const std::chrono::duration<double> took =
                      std::chrono::steady_clock::now() - begin;
                  absl::MutexLock lock(&mailbox->mu);
                  if (mailbox->closed) return;
                  mailbox->answers.push_back({shard, std::move(response), took.count()});
                  mailbox->news = true;
                });
}

bool WriteQueue::DropAged(Batch& batch, TimestampMs now) {
  const DurationMs limit = config_.queue.sample_age_limit;
  if (IsRecent(batch.oldest, limit, now)) return true;
  EncodedRequest kept;
  std::vector<OutgoingSample> samples;
  kept.head = batch.request.head;
  kept.bytes = batch.request.bytes.substr(0, kept.head);
  batch.oldest = kMaxTimestamp;
  for (size_t i = 0; i < batch.samples.size(); ++i) {
    const OutgoingSample& s = batch.samples[i];
    const bool is_histogram = s.histogram_size > 0;
    if (!IsRecent(s.timestamp, limit, now)) {
      WriteMetrics::OfType& metrics = is_histogram ? metrics_.histograms : metrics_.samples;
      metrics.too_old.Increment();
      metrics.pending.Add(-1);
      --(is_histogram ? batch.num_histograms : batch.num_samples);
      continue;
    }
    const size_t begin = i == 0 ? batch.request.head : batch.request.ends[i - 1];
    kept.bytes.append(batch.request.bytes, begin, batch.request.ends[i] - begin);
    kept.ends.push_back(static_cast<uint32_t>(kept.bytes.size()));
    samples.push_back(s);
    batch.oldest = std::min(batch.oldest, s.timestamp);
  }
  SnappyCompress(kept.bytes, &batch.body);
  batch.request = std::move(kept);
  batch.samples = std::move(samples);
  return batch.size() > 0;
}

void WriteQueue::TakeAnswers() {
  std::vector<Answer> answers;
  {
    absl::MutexLock lock(&mailbox_->mu);
    answers.swap(mailbox_->answers);
    mailbox_->news = false;
    if (mailbox_->stop_asked && !stopping_) {
      stopping_ = true;
      flush_ = mailbox_->flush;
      flush_until_ = context_.feed.LastNumber();
    }
    stop_deadline_ = mailbox_->stop_deadline;
  }
  for (const Answer& answer : answers) TakeAnswer(answer);
}

void WriteQueue::TakeAnswer(const Answer& answer) {
  const TimestampMs now = context_.clock.Now();
  const SendOutcome outcome = JudgeAnswer(answer.response, config_.queue.retry_on_http_429, now);
  if (answer.shard == kMetadata) return TakeMetadataAnswer(outcome, now);
  Shard& shard = shards_[answer.shard];
  Batch& batch = shard.ready.front();
  shard.in_flight = false;
  metrics_.batch_seconds.Observe(answer.seconds);
  if (outcome.kind == SendOutcome::Kind::kRetry) return Retry(shard, outcome, now);
  const auto num_samples = static_cast<double>(batch.num_samples);
  const auto num_histograms = static_cast<double>(batch.num_histograms);
  if (outcome.kind == SendOutcome::Kind::kDelivered) {
    metrics_.samples.sent.Increment(num_samples);
    metrics_.histograms.sent.Increment(num_histograms);
    metrics_.bytes.Increment(static_cast<double>(batch.body.size()));
    round_.samples_sent += num_samples + num_histograms;
    round_.request_seconds += answer.seconds;
  } else {
    const double samples = std::min(num_samples, static_cast<double>(outcome.samples_written));
    const double histograms =
        std::min(num_histograms, static_cast<double>(outcome.histograms_written));
    metrics_.samples.sent.Increment(samples);
    metrics_.histograms.sent.Increment(histograms);
    metrics_.samples.failed.Increment(num_samples - samples);
    metrics_.histograms.failed.Increment(num_histograms - histograms);
    log::Error("remote storage refused samples, dropping them", {{"remote_name", name_},
                                                                 {"url", shown_url_},
                                                                 {"count", StrCat(batch.size())},
                                                                 {"err", outcome.reason}});
  }
  newest_sent_ = std::max(newest_sent_, batch.newest);
  metrics_.highest_sent_timestamp.Set(static_cast<double>(newest_sent_) / kSecond);
  shard.failing = false;
  shard.backoff = 0;
  shard.retry_at = kMinTimestamp;
  RemoveFront(shard);
}

void WriteQueue::Retry(Shard& shard, const SendOutcome& outcome, TimestampMs now) {
  const Batch& batch = shard.ready.front();
  metrics_.samples.retried.Increment(static_cast<double>(batch.num_samples));
  metrics_.histograms.retried.Increment(static_cast<double>(batch.num_histograms));
  const DurationMs backoff = std::max(shard.backoff, config_.queue.min_backoff);
  const DurationMs pause = outcome.retry_after > 0 ? outcome.retry_after : backoff;
  if (!shard.failing) {
    log::Warn("remote storage cannot be reached, to be tried again",
              {{"remote_name", name_}, {"url", shown_url_}, {"err", outcome.reason}});
  }
  shard.failing = true;
  shard.retry_at = SaturatingAdd(now, pause);
  shard.backoff = std::min(2 * backoff, std::max(backoff, config_.queue.max_backoff));
}

// The first request of a shard was taken, or never will be.
void WriteQueue::RemoveFront(Shard& shard) {
  const Batch& batch = shard.ready.front();
  metrics_.samples.pending.Add(-static_cast<double>(batch.num_samples));
  metrics_.histograms.pending.Add(-static_cast<double>(batch.num_histograms));
  shard.done = batch.end;
  shard.ready.pop_front();
  shard.num_ready = 0;
  for (const Batch& left : shard.ready) shard.num_ready += left.size();
  cursor_changed_ = acknowledged_ = true;
}

void WriteQueue::CollectMetadata(TimestampMs now) {
  if (now < next_metadata_ || metadata_in_flight_ || stopping_) return;
  next_metadata_ = now + config_.metadata.send_interval;
  metadata_.clear();
  metadata_retry_at_ = kMinTimestamp;
  metadata_backoff_ = 0;
  const std::vector<FamilyMetadata> all = context_.metadata();
  for (std::span<const FamilyMetadata> rest(all); !rest.empty();) {
    const auto part = rest.first(std::min(rest.size(), config_.metadata.max_samples_per_send));
    rest = rest.subspan(part.size());
    MetadataBatch batch;
    batch.num_families = part.size();
    SnappyCompress(EncodeMetadataRequest(part), &batch.body);
    metadata_.push_back(std::move(batch));
  }
}

void WriteQueue::SendMetadata(TimestampMs now) {
  if (metadata_.empty() || metadata_in_flight_ || stopping_ || now < metadata_retry_at_) return;
  metadata_in_flight_ = true;
  Post(metadata_.front().body, metadata_.front().attempts++, kMetadata);
}

void WriteQueue::TakeMetadataAnswer(const SendOutcome& outcome, TimestampMs now) {
  metadata_in_flight_ = false;
  const MetadataBatch& batch = metadata_.front();
  const auto num_families = static_cast<double>(batch.num_families);
  if (outcome.kind == SendOutcome::Kind::kRetry) {
    metrics_.metadata_retried.Increment(num_families);
    metadata_backoff_ = std::clamp(2 * metadata_backoff_, config_.queue.min_backoff,
                                   std::max(config_.queue.min_backoff, config_.queue.max_backoff));
    metadata_retry_at_ = SaturatingAdd(now, std::max(metadata_backoff_, outcome.retry_after));
    return;
  }
  if (outcome.kind == SendOutcome::Kind::kDelivered) {
    metrics_.metadata.Increment(num_families);
    metrics_.metadata_bytes.Increment(static_cast<double>(batch.body.size()));
  } else {
    metrics_.metadata_failed.Increment(num_families);
    log::Error("remote storage refused metadata",
               {{"remote_name", name_}, {"url", shown_url_}, {"err", outcome.reason}});
  }
  metadata_.pop_front();
}

bool WriteQueue::AllEmpty() const {
  return std::all_of(shards_.begin(), shards_.end(), [](const Shard& s) { return s.empty(); });
}

bool WriteQueue::IsDone(TimestampMs now) const {
  if (now >= stop_deadline_) return true;
  bool in_flight = false, failing = false;
  for (const Shard& shard : shards_) {
    in_flight |= shard.in_flight;
    failing |= shard.failing;
  }
  if (in_flight) return false;
  return !flush_ || failing || (AllEmpty() && read_.number > flush_until_);
}

void WriteQueue::Reshard() {
  log::Info(
      "remote write changes its number of shards",
      {{"remote_name", name_}, {"from", StrCat(shards_.size())}, {"to", StrCat(wanted_shards_)}});
  SetShards(ShardPlaces(wanted_shards_, read_));
  wanted_shards_ = 0;
  cursor_changed_ = acknowledged_ = true;
}

void WriteQueue::UpdateShardCount(TimestampMs now) {
  if (now < next_round_) return;
  next_round_ = now + ShardCount::kInterval;
  const uint64_t last = context_.feed.LastNumber();
  round_.backlog =
      samples_per_batch_ * static_cast<double>(last + 1 - std::min(read_.number, last + 1));
  for (const Shard& shard : shards_) {
    round_.backlog += static_cast<double>(shard.num_ready + shard.open.size());
  }
  metrics_.shards_desired.Set(shard_count_.Update(round_));
  const bool sent = round_.samples_sent > 0;
  round_ = {};
  // While nothing gets through there is nothing to learn, and no way to empty the shards.
  if (!sent || wanted_shards_ > 0 || stopping_) return;
  const size_t wanted = std::min(
      shard_count_.Choose(shards_.size(), config_.queue.min_shards, config_.queue.max_shards),
      SendCursor::kMaxShards);
  if (wanted != shards_.size()) wanted_shards_ = wanted;
}

void WriteQueue::ForgetSeries(TimestampMs now) {
  if (now < next_forget_) return;
  next_forget_ = now + kForgetInterval;
  CloseDue(now, true);
  series_.Clear();
  encoder_->Clear();
}

void WriteQueue::SaveCursor(TimestampMs now) {
  const bool is_time = now >= next_sync_;
  if (!cursor_changed_ || !(acknowledged_ || is_time)) return;
  ShardPlaces places;
  for (const Shard& shard : shards_) places.push_back(DoneOf(shard));
  absl::Status written = cursor_->Write(places);
  if (written.ok() && is_time) written = cursor_->Sync();
  if (is_time) next_sync_ = now + kCursorSyncInterval;
  if (!written.ok() && !cursor_failing_) {
    log::Error("the progress of remote write cannot be saved, a restart will send samples again",
               {{"remote_name", name_}, {"err", std::string(written.message())}});
  }
  cursor_failing_ = !written.ok();
  if (!written.ok()) return;
  cursor_changed_ = acknowledged_ = false;
  context_.feed.Hold(reader_, std::min_element(places.begin(), places.end())->number);
}

void WriteQueue::AwaitNews(TimestampMs now, bool more_to_read) {
  const TimestampMs newest = context_.feed.Newest();
  if (newest > kMinTimestamp) {
    metrics_.highest_timestamp_in.Set(static_cast<double>(newest) / kSecond);
  }
  if (more_to_read) return;
  TimestampMs deadline = std::min(next_round_, stop_deadline_);
  if (HasRoom() && wanted_shards_ == 0) deadline = std::min(deadline, now + kPollInterval);
  for (const Shard& shard : shards_) {
    const bool waits = !shard.ready.empty() && !shard.in_flight && !stopping_;
    if (waits) deadline = std::min(deadline, shard.retry_at);
    if (!shard.open.empty()) {
      deadline = std::min(deadline, shard.open_since + config_.queue.batch_send_deadline);
    }
  }
  if (!stopping_ && !metadata_in_flight_) {
    deadline = std::min(deadline, metadata_.empty() ? next_metadata_ : metadata_retry_at_);
  }
  absl::MutexLock lock(&mailbox_->mu);
  context_.clock.WaitUntil(mailbox_->mu, absl::Condition(&mailbox_->news), deadline);
}

}  // namespace tidemark::remote
