#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

#include "base/metrics.h"
#include "base/model/timestamp.h"
#include "base/net/http_client.h"
#include "base/run/clock.h"
#include "scrape/target_group.h"

namespace tidemark::scrape {

// What a provider now knows of one source: a file, a URL, an object that it watches. Replaces what
// it said of that source before; without groups the source is gone.
struct SourceUpdate {
  std::string source;
  std::vector<TargetGroup> groups;
};

// What one running provider is given: where its findings go, the means to wait, and the end.
// Thread-safe.
class DiscoveryRun {
 public:
  using Publisher = std::function<void(std::vector<SourceUpdate>)>;
  enum class Wait { kStopped, kWoken, kTime };

  // `config_name` is what metrics call the job. The references outlive this.
  DiscoveryRun(HttpClient& http, Clock& clock, MetricRegistry& metrics, std::string config_name,
               Publisher publish);
  DiscoveryRun(const DiscoveryRun&) = delete;
  DiscoveryRun& operator=(const DiscoveryRun&) = delete;

  // Sources that are not named stay as they are. The first call holds all that is known by then:
  // it ends what an earlier configuration found.
  void Publish(std::vector<SourceUpdate> updates) { publish_(std::move(updates)); }

  // Waits for Stop, for a Wake since the last wait, or for the time, in this order.
  Wait WaitUntil(TimestampMs deadline);
  // Ends the wait under way or the next one: for a helper thread that watches something.
  void Wake();
  // Sends a request and waits for the response; Cancelled once stopped, however long the other side
  // takes. Other errors are those of HttpClient::Send.
  absl::StatusOr<HttpResponse> Fetch(HttpRequest request, const HttpClientOptions& options);

  void Stop();
  bool stopped() const;

  Clock& clock() { return clock_; }
  MetricRegistry& metrics() { return metrics_; }
  const std::string& config_name() const { return config_name_; }

 private:
  HttpClient& http_;
  Clock& clock_;
  MetricRegistry& metrics_;
  const std::string config_name_;
  const Publisher publish_;

  // Owned by callbacks of requests too, which may come when nobody waits for them any more.
  struct State {
    absl::Mutex mu;  // nothing else is locked under it
    bool stopped ABSL_GUARDED_BY(mu) = false;
    bool woken ABSL_GUARDED_BY(mu) = false;
  };
  const std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace tidemark::scrape
