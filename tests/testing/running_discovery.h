#pragma once

#include <algorithm>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "base/strings.h"
#include "scrape/discovery/provider.h"

namespace tidemark::testing {

// Runs a provider on a thread as the manager does, and keeps each update that it publishes as text:
// "SOURCE ADDRESS ADDRESS {labels}; OTHER_SOURCE gone; ".
class RunningDiscovery {
 public:
  // All of these outlive this.
  RunningDiscovery(const scrape::DiscoveryConfig& config, HttpClient& http, Clock& clock,
                   MetricRegistry& metrics)
      : run_(http, clock, metrics, "job",
             [this](std::vector<scrape::SourceUpdate> updates) { Keep(updates); }),
        thread_([this, &config] { config.Run(run_); }) {}
  ~RunningDiscovery() {
    run_.Stop();
    thread_.join();
  }

  // Waits for an update that is `want`, of those that have not been waited for.
  void WaitFor(const std::string& want) ABSL_LOCKS_EXCLUDED(mu_) {
    const auto position = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
      return std::find(updates_.begin(), updates_.end(), want);
    };
    const auto found = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
      return position() != updates_.end();
    };
    absl::MutexLock lock(&mu_);
    mu_.Await(absl::Condition(&found));
    updates_.erase(updates_.begin(), position() + 1);
  }

 private:
  void Keep(const std::vector<scrape::SourceUpdate>& updates) ABSL_LOCKS_EXCLUDED(mu_) {
    std::string text;
    for (const scrape::SourceUpdate& update : updates) {
      StrAppend(&text, update.source, update.groups.empty() ? " gone" : "");
      for (const scrape::TargetGroup& group : update.groups) {
        for (const std::string& address : group.addresses) StrAppend(&text, " ", address);
        StrAppend(&text, " ", group.labels.ToString());
      }
      text += "; ";
    }
    absl::MutexLock lock(&mu_);
    updates_.push_back(std::move(text));
  }

  absl::Mutex mu_;
  std::vector<std::string> updates_ ABSL_GUARDED_BY(mu_);
  scrape::DiscoveryRun run_;
  std::thread thread_;  // last: uses all of the above
};

}  // namespace tidemark::testing
