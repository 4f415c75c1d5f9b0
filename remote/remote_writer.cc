#include "remote/remote_writer.h"

#include <algorithm>
#include <filesystem>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"

#include "base/io/hash.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "remote/write/send_cursor.h"
#include "remote/write/write_queue.h"

namespace tidemark::remote {
namespace {

constexpr std::string_view kCursorSuffix = ".cursor";
constexpr size_t kDefaultNameSize = 6;

std::string Hex(uint64_t number) { return StrCat(absl::Hex(number, absl::kZeroPad16)); }

// What stays the same while settings of an entry change.
std::string IdentityOf(const RemoteWriteConfig& config) {
  if (!config.name.empty()) return Hex(StableHash64(StrCat("name ", config.name)));
  std::string text = StrCat("url ", config.url);
  for (const auto& [name, value] : config.http.headers) StrAppend(&text, "\n", name, ": ", value);
  return Hex(StableHash64(text));
}

}  // namespace

struct RemoteWriter::Queue {
  std::string identity;  // unique
  LabelSet external_labels;
  std::string settings;
  std::unique_ptr<WriteQueue> queue;  // null where it could not be started

  bool IsSame(const Queue& other) const {
    return identity == other.identity && settings == other.settings &&
           external_labels == other.external_labels;
  }
};

RemoteWriter::RemoteWriter(std::string directory, HttpClient& client, MetadataSource metadata,
                           Clock& clock, MetricRegistry& metrics)
    : directory_(std::move(directory)),
      client_(client),
      metadata_(std::move(metadata)),
      clock_(clock),
      metrics_(metrics) {}

RemoteWriter::~RemoteWriter() { Stop(0); }

absl::Status RemoteWriter::ApplyConfig(std::vector<RemoteWriteConfig> configs,
                                       const LabelSet& external_labels, tsdb::JournalFeed& feed,
                                       DurationMs stop_within) {
  absl::MutexLock lock(&mu_);
  if (stopped_) return absl::OkStatus();
  std::vector<Queue> wanted;
  StringSet identities;
  for (const RemoteWriteConfig& config : configs) {
    std::string identity = IdentityOf(config);
    while (!identities.insert(identity).second) identity += "-2";
    wanted.push_back({std::move(identity), external_labels, config.settings, nullptr});
  }
  for (Queue& queue : wanted) {
    const auto same = std::find_if(queues_.begin(), queues_.end(), [&](const Queue& running) {
      return running.queue != nullptr && queue.IsSame(running);
    });
    if (same != queues_.end()) queue.queue = std::move(same->queue);
  }
  StopQueues(queues_, stop_within, /*flush=*/false);
  for (const Queue& queue : queues_) {
    if (!identities.contains(queue.identity)) feed.Release(queue.identity);
  }
  queues_.clear();

  absl::Status status;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].queue != nullptr) continue;
    const absl::Status started = StartQueue(wanted[i], std::move(configs[i]), feed);
    if (status.ok()) status = started;
  }
  queues_ = std::move(wanted);
  RemoveOtherCursors();
  return status;
}

absl::Status RemoteWriter::StartQueue(Queue& queue, RemoteWriteConfig config,
                                      tsdb::JournalFeed& feed) {
  std::error_code error;
  std::filesystem::create_directories(directory_, error);
  ASSIGN_OR_RETURN(std::unique_ptr<SendCursor> cursor,
                   SendCursor::Open(StrCat(directory_, "/", queue.identity, kCursorSuffix)));
  // A receiver that is new gets what is stored from now on. One that is further than the journal
  // has sent what a power cut took.
  const JournalPlace end{feed.LastNumber() + 1, 0};
  ShardPlaces places =
      cursor->places().value_or(ShardPlaces(std::max<size_t>(1, config.queue.min_shards), end));
  for (JournalPlace& place : places) place = std::min(place, end);
  RETURN_IF_ERROR(cursor->Write(places));
  const std::string name = !config.name.empty()
                               ? config.name
                               : Hex(StableHash64(config.settings)).substr(0, kDefaultNameSize);
  const auto post = [this](HttpRequest request, const HttpClientOptions& options,
                           HttpClient::Callback done) {
    client_.Send(std::move(request), options, std::move(done));
  };
  queue.queue = std::make_unique<WriteQueue>(std::move(config), queue.external_labels, name,
                                             queue.identity, std::move(cursor),
                                             QueueContext{feed, post, clock_, metrics_, metadata_});
  return absl::OkStatus();
}

// All at once: each may take its time.
void RemoteWriter::StopQueues(const std::vector<Queue>& queues, DurationMs within, bool flush) {
  const TimestampMs deadline = SaturatingAdd(clock_.Now(), within);
  std::vector<std::thread> threads;
  for (const Queue& queue : queues) {
    if (queue.queue == nullptr) continue;
    threads.emplace_back([&queue, deadline, flush] { queue.queue->Stop(deadline, flush); });
  }
  for (std::thread& thread : threads) thread.join();
}

// What a receiver that is gone has not been sent need not be kept for it.
void RemoteWriter::RemoveOtherCursors() {
  StringSet names;
  for (const Queue& queue : queues_) names.insert(StrCat(queue.identity, kCursorSuffix));
  std::error_code error;
  for (auto it = std::filesystem::directory_iterator(directory_, error);
       !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    const std::string name = it->path().filename().string();
    std::error_code ignored;
    if (name.ends_with(kCursorSuffix) && !names.contains(name)) {
      std::filesystem::remove(it->path(), ignored);
    }
  }
}

void RemoteWriter::Stop(DurationMs flush_deadline) {
  absl::MutexLock lock(&mu_);
  if (std::exchange(stopped_, true)) return;
  StopQueues(queues_, flush_deadline, /*flush=*/true);
  queues_.clear();
}

}  // namespace tidemark::remote
