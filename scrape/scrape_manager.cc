#include "scrape/scrape_manager.h"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "base/io/line_file.h"
#include "base/log.h"
#include "base/run/timer_queue.h"
#include "scrape/discovery_manager.h"
#include "scrape/loop/scrape_loop.h"
#include "scrape/loop/scrape_metrics.h"
#include "scrape/loop/scrape_pool.h"
#include "scrape/loop/scrape_schedule.h"

namespace tidemark::scrape {
namespace {

std::string HostName() {
  char name[256] = {};
  return gethostname(name, sizeof(name) - 1) == 0 ? name : "";
}

std::vector<DiscoverySet> DiscoverySets(const std::vector<ScrapeConfig>& configs) {
  std::vector<DiscoverySet> sets;
  for (const ScrapeConfig& config : configs) {
    sets.push_back({config.job_name, config.static_configs, config.discovery});
  }
  return sets;
}

}  // namespace

class ScrapeManager::Impl {
 public:
  Impl(tsdb::Appendable& store, HttpClient& client, ThreadPool& pool, Clock& clock,
       MetricRegistry& metrics, const ScrapeOptions& options)
      : metrics_(metrics),
        timers_(clock),
        context_{store,    client,  pool,      clock,   timers_,
                 metrics_, active_, metadata_, options, std::make_shared<StopGate>(),
                 buffers_, 0},
        discovery_(
            "scrape", client, clock, metrics,
            [this](const std::vector<std::string>& jobs) { SyncTargets(jobs); },
            options.discovery_reload_interval) {}
  ~Impl() { Stop(); }

  void ResumeAfter(TimestampMs last_alive) ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    context_.last_alive = last_alive;
  }

  void ApplyConfigs(std::vector<ScrapeConfig> configs, const LabelSet& external_labels)
      ABSL_LOCKS_EXCLUDED(mu_) {
    const uint64_t seed = ServerSeed(HostName(), external_labels);
    absl::MutexLock lock(&mu_);
    if (stopped_) return;
    discovery_.Apply(DiscoverySets(configs));
    OpenFailureLogs(configs);
    std::vector<std::unique_ptr<ScrapePool>> before = std::exchange(pools_, {});
    for (ScrapeConfig& config : configs) {
      std::unique_ptr<ScrapePool> pool = TakePool(config.job_name, before);
      const std::vector<TargetGroup> groups = discovery_.Groups(config.job_name);
      const auto log = failure_logs_.find(config.failure_log_file);
      pool->Apply(std::move(config), groups, seed,
                  log == failure_logs_.end() ? nullptr : log->second);
      pools_.push_back(std::move(pool));
    }
    for (const auto& pool : before) {
      if (pool != nullptr) pool->End();
    }
  }

  std::vector<TargetStatus> ActiveTargets() const ABSL_LOCKS_EXCLUDED(mu_) {
    std::vector<TargetStatus> out;
    absl::MutexLock lock(&mu_);
    for (const auto& pool : pools_) {
      for (const auto& loop : pool->loops()) out.push_back(loop->Status());
    }
    return out;
  }

  std::vector<ActiveMetadata> Metadata() const ABSL_LOCKS_EXCLUDED(mu_) {
    std::vector<ActiveMetadata> out;
    absl::MutexLock lock(&mu_);
    for (const auto& pool : pools_) {
      for (const auto& loop : pool->loops()) out.push_back(loop->Metadata());
    }
    return out;
  }

  std::vector<DroppedTarget> DroppedTargets() const ABSL_LOCKS_EXCLUDED(mu_) {
    std::vector<DroppedTarget> out;
    absl::MutexLock lock(&mu_);
    for (const auto& pool : pools_) {
      out.insert(out.end(), pool->dropped().begin(), pool->dropped().end());
    }
    return out;
  }

  std::vector<std::pair<std::string, size_t>> DroppedTargetCounts() const ABSL_LOCKS_EXCLUDED(mu_) {
    std::vector<std::pair<std::string, size_t>> out;
    absl::MutexLock lock(&mu_);
    for (const auto& pool : pools_) out.emplace_back(pool->job_name(), pool->num_dropped());
    return out;
  }

  void Stop() ABSL_LOCKS_EXCLUDED(mu_) {
    {
      absl::MutexLock lock(&mu_);
      stopped_ = true;
    }
    discovery_.Stop();
    timers_.Stop();
    context_.gate->Close();
  }

 private:
  // One for each file that a configuration names; those of before are opened again.
  void OpenFailureLogs(const std::vector<ScrapeConfig>& configs)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    const auto before = std::exchange(failure_logs_, {});
    for (const ScrapeConfig& config : configs) {
      const std::string& path = config.failure_log_file;
      if (path.empty() || failure_logs_.contains(path)) continue;
      const auto known = before.find(path);
      auto log =
          known != before.end() ? known->second : std::make_shared<LineFile>("scrape failure log");
      if (const absl::Status status = log->Open(path); !status.ok()) {
        log::Error("The scrape failure log cannot be opened",
                   {{"file", path}, {"err", std::string(status.message())}});
      }
      failure_logs_.emplace(path, std::move(log));
    }
  }

  // Gives pools the targets that discovery has found for them by now.
  void SyncTargets(const std::vector<std::string>& jobs) ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    if (stopped_) return;
    for (const auto& pool : pools_) {
      if (std::find(jobs.begin(), jobs.end(), pool->job_name()) == jobs.end()) continue;
      pool->Sync(discovery_.Groups(pool->job_name()));
    }
  }

  // The pool of this job out of `pools`, which leaves a null there, or a new one.
  std::unique_ptr<ScrapePool> TakePool(const std::string& job_name,
                                       std::vector<std::unique_ptr<ScrapePool>>& pools) {
    for (auto& pool : pools) {
      if (pool == nullptr || pool->job_name() != job_name) continue;
      metrics_.pool_reloads.Increment();
      return std::move(pool);
    }
    return std::make_unique<ScrapePool>(context_, job_name);
  }

  ScrapeMetrics metrics_;
  ActiveLabels active_;
  PageBuffers buffers_;
  MetadataPool metadata_;
  TimerQueue timers_;
  ScrapeContext context_;

  mutable absl::Mutex mu_;  // taken before the discovery's and a loop's mutex
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::unique_ptr<ScrapePool>> pools_ ABSL_GUARDED_BY(mu_);  // as configured
  std::map<std::string, std::shared_ptr<LineFile>> failure_logs_ ABSL_GUARDED_BY(mu_);  // by path
  DiscoveryManager discovery_;  // last: calls SyncTargets
};

ScrapeManager::ScrapeManager(tsdb::Appendable& store, HttpClient& client, ThreadPool& pool,
                             Clock& clock, MetricRegistry& metrics, const ScrapeOptions& options)
    : impl_(std::make_unique<Impl>(store, client, pool, clock, metrics, options)) {}

ScrapeManager::~ScrapeManager() = default;

void ScrapeManager::ResumeAfter(TimestampMs last_alive) { impl_->ResumeAfter(last_alive); }

void ScrapeManager::ApplyConfigs(std::vector<ScrapeConfig> configs,
                                 const LabelSet& external_labels) {
  impl_->ApplyConfigs(std::move(configs), external_labels);
}

std::vector<TargetStatus> ScrapeManager::ActiveTargets() const { return impl_->ActiveTargets(); }

std::vector<DroppedTarget> ScrapeManager::DroppedTargets() const { return impl_->DroppedTargets(); }

std::vector<ActiveMetadata> ScrapeManager::Metadata() const { return impl_->Metadata(); }
std::vector<std::pair<std::string, size_t>> ScrapeManager::DroppedTargetCounts() const {
  return impl_->DroppedTargetCounts();
}

void ScrapeManager::Stop() { impl_->Stop(); }

}  // namespace tidemark::scrape
