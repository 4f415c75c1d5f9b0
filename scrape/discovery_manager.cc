#include "scrape/discovery_manager.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "base/run/timer_queue.h"
#include "scrape/discovery/provider.h"
#include "scrape/discovery/running_provider.h"

namespace tidemark::scrape {
namespace {

// The manager's own metrics, under Prometheus's names. Thread-safe.
struct ManagerMetrics {
  ManagerMetrics(MetricRegistry& registry, const std::string& manager)
      : name(manager),
        registry(registry),
        failed_configs(registry.AddGauge("prometheus_sd_failed_configs",
                                         "Current number of discoveries that could not be started.",
                                         {{"name", manager}})),
        received_updates(registry.AddCounter("prometheus_sd_received_updates_total",
                                             "Total number of updates received from providers.",
                                             {{"name", manager}})),
        updates(registry.AddCounter("prometheus_sd_updates_total",
                                    "Total number of updates handed on to those who use targets.",
                                    {{"name", manager}})),
        delayed_updates(registry.AddCounter(
            "prometheus_sd_updates_delayed_total",
            "Total number of updates that could not be handed on at once.", {{"name", manager}})),
        last_update(registry.AddGauge("prometheus_sd_last_update_timestamp_seconds",
                                      "When the last update was received from a provider.",
                                      {{"name", manager}})) {}

  Gauge& DiscoveredTargets(const std::string& set) {
    return registry.AddGauge("prometheus_sd_discovered_targets",
                             "Current number of discovered targets.",
                             {{"name", name}, {"config", set}});
  }

  const std::string name;
  MetricRegistry& registry;
  Gauge& failed_configs;
  Counter& received_updates;
  Counter& updates;
  Counter& delayed_updates;
  Gauge& last_update;
};

// A set with the providers that it has, one for each entry of `set.discovery`.
struct ActiveSet {
  DiscoverySet set;
  std::vector<std::shared_ptr<RunningProvider>> providers;

  std::vector<TargetGroup> Groups() const {
    std::vector<TargetGroup> groups = set.static_groups;
    for (const auto& provider : providers) provider->AppendGroups(groups);
    return groups;
  }
};

double NumTargets(const std::vector<TargetGroup>& groups) {
  size_t count = 0;
  for (const TargetGroup& group : groups) count += group.addresses.size();
  return static_cast<double>(count);
}

}  // namespace

class DiscoveryManager::Impl {
 public:
  Impl(std::string name, HttpClient& http, Clock& clock, MetricRegistry& metrics, Listener changed,
       DurationMs min_update_interval)
      : http_(http),
        clock_(clock),
        metrics_(metrics, name),
        changed_(std::move(changed)),
        min_update_interval_(min_update_interval),
        timers_(clock) {}
  ~Impl() { Stop(); }

  void Apply(std::vector<DiscoverySet> sets) ABSL_LOCKS_EXCLUDED(apply_mu_, mu_) {
    absl::MutexLock apply_lock(&apply_mu_);
    std::vector<ActiveSet> next = Connect(std::move(sets));
    std::vector<std::shared_ptr<RunningProvider>> running = ProvidersOf(next), before;
    {
      absl::MutexLock lock(&mu_);
      if (stopped_) return;
      before = ProvidersOf(sets_);
      sets_.swap(next);
      changed_names_.clear();
      CountTargets(next);
    }
    // Those that end do so side by side.
    std::erase_if(before,
                  [&](const auto& p) { return std::count(running.begin(), running.end(), p); });
    for (const auto& provider : before) provider->RequestStop();
    for (const auto& provider : before) provider->Stop();
    for (const auto& provider : running) provider->Start();
  }

  std::vector<TargetGroup> Groups(const std::string& name) const ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    for (const ActiveSet& set : sets_) {
      if (set.set.name == name) return set.Groups();
    }
    return {};
  }

  bool WaitForAll(TimestampMs deadline) ABSL_LOCKS_EXCLUDED(mu_) {
    const auto all_found = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
      const Providers providers = ProvidersOf(sets_);
      return std::all_of(providers.begin(), providers.end(),
                         [](const auto& provider) { return provider->has_found(); });
    };
    absl::MutexLock lock(&mu_);
    return clock_.WaitUntil(mu_, absl::Condition(&all_found), deadline);
  }

  void Stop() ABSL_LOCKS_EXCLUDED(apply_mu_, mu_) {
    absl::MutexLock apply_lock(&apply_mu_);
    std::vector<std::shared_ptr<RunningProvider>> running;
    {
      absl::MutexLock lock(&mu_);
      stopped_ = true;
      running = ProvidersOf(sets_);
    }
    for (const auto& provider : running) provider->RequestStop();
    for (const auto& provider : running) provider->Stop();
    timers_.Stop();
  }

 private:
  using Providers = std::vector<std::shared_ptr<RunningProvider>>;

  // Each provider once, in order.
  static Providers ProvidersOf(const std::vector<ActiveSet>& sets) {
    Providers providers;
    for (const ActiveSet& set : sets) {
      for (const auto& provider : set.providers) {
        if (std::count(providers.begin(), providers.end(), provider) == 0) {
          providers.push_back(provider);
        }
      }
    }
    return providers;
  }

  // Gives each entry the provider that runs with its settings, or a new one that is not started.
  std::vector<ActiveSet> Connect(std::vector<DiscoverySet> sets)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(apply_mu_) ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    Providers known = ProvidersOf(sets_);
    std::vector<ActiveSet> next;
    for (DiscoverySet& set : sets) {
      ActiveSet active{std::move(set), {}};
      for (const auto& config : active.set.discovery) {
        const auto same = std::find_if(known.begin(), known.end(), [&](const auto& provider) {
          return provider->config().SameAs(*config);
        });
        if (same != known.end()) {
          active.providers.push_back(*same);
          continue;
        }
        known.push_back(NewProvider(active.set.name, config));
        active.providers.push_back(known.back());
      }
      next.push_back(std::move(active));
    }
    InheritGroups(next);
    return next;
  }

  std::shared_ptr<RunningProvider> NewProvider(const std::string& set,
                                               std::shared_ptr<const DiscoveryConfig> config) {
    return std::make_shared<RunningProvider>(
        std::move(config), http_, clock_, metrics_.registry, set,
        [this](RunningProvider& provider, std::vector<SourceUpdate> updates) {
          Receive(provider, std::move(updates));
        });
  }

  // Lets new providers of `next` start with what those that they replace have found.
  void InheritGroups(const std::vector<ActiveSet>& next) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    const Providers kept = ProvidersOf(next), before = ProvidersOf(sets_);
    const auto has = [](const Providers& providers, const auto& provider) {
      return std::count(providers.begin(), providers.end(), provider) > 0;
    };
    for (const ActiveSet& old_set : sets_) {
      const auto set = std::find_if(next.begin(), next.end(), [&](const ActiveSet& s) {
        return s.set.name == old_set.set.name;
      });
      if (set == next.end()) continue;
      for (const auto& old : old_set.providers) {
        if (has(kept, old)) continue;
        for (const auto& provider : set->providers) {
          if (!has(before, provider) && provider->Inherit(*old)) break;
        }
      }
    }
  }

  void Receive(RunningProvider& provider, std::vector<SourceUpdate> updates)
      ABSL_LOCKS_EXCLUDED(mu_) {
    metrics_.received_updates.Increment();
    metrics_.last_update.Set(static_cast<double>(clock_.Now()) / kSecond);
    absl::MutexLock lock(&mu_);
    if (stopped_ || !provider.Take(std::move(updates))) return;
    for (const ActiveSet& set : sets_) {
      for (const auto& p : set.providers) {
        if (p.get() != &provider) continue;
        changed_names_.insert(set.set.name);
        metrics_.DiscoveredTargets(set.set.name).Set(NumTargets(set.Groups()));
      }
    }
    if (changed_names_.empty() || notice_due_) return;
    notice_due_ = true;
    if (next_notice_ > clock_.Now()) metrics_.delayed_updates.Increment();
    timers_.At(next_notice_, [this] { Notify(); });
  }

  void Notify() ABSL_LOCKS_EXCLUDED(mu_) {
    std::vector<std::string> names;
    {
      absl::MutexLock lock(&mu_);
      notice_due_ = false;
      next_notice_ = clock_.Now() + min_update_interval_;
      names.assign(changed_names_.begin(), changed_names_.end());
      changed_names_.clear();
    }
    if (names.empty()) return;  // an Apply came before
    metrics_.updates.Increment();
    changed_(names);
  }

  // Sets the metrics of the sets there are, and those of `before` that are gone to none.
  void CountTargets(const std::vector<ActiveSet>& before) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    std::set<std::string> present;
    for (const ActiveSet& set : sets_) {
      present.insert(set.set.name);
      metrics_.DiscoveredTargets(set.set.name).Set(NumTargets(set.Groups()));
    }
    for (const ActiveSet& set : before) {
      if (!present.contains(set.set.name)) metrics_.DiscoveredTargets(set.set.name).Set(0);
    }
  }

  HttpClient& http_;
  Clock& clock_;
  ManagerMetrics metrics_;
  const Listener changed_;
  const DurationMs min_update_interval_;

  absl::Mutex apply_mu_;    // one Apply or Stop at a time; taken before mu_
  mutable absl::Mutex mu_;  // also guards the groups of providers
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<ActiveSet> sets_ ABSL_GUARDED_BY(mu_);
  std::set<std::string> changed_names_ ABSL_GUARDED_BY(mu_);  // since the last notice
  bool notice_due_ ABSL_GUARDED_BY(mu_) = false;
  TimestampMs next_notice_ ABSL_GUARDED_BY(mu_) = 0;
  TimerQueue timers_;  // last: calls Notify
};

DiscoveryManager::DiscoveryManager(std::string name, HttpClient& http, Clock& clock,
                                   MetricRegistry& metrics, Listener changed,
                                   DurationMs min_update_interval)
    : impl_(std::make_unique<Impl>(std::move(name), http, clock, metrics, std::move(changed),
                                   min_update_interval)) {}

DiscoveryManager::~DiscoveryManager() = default;

void DiscoveryManager::Apply(std::vector<DiscoverySet> sets) { impl_->Apply(std::move(sets)); }

std::vector<TargetGroup> DiscoveryManager::Groups(const std::string& set) const {
  return impl_->Groups(set);
}

bool DiscoveryManager::WaitForAll(TimestampMs deadline) { return impl_->WaitForAll(deadline); }

void DiscoveryManager::Stop() { impl_->Stop(); }

}  // namespace tidemark::scrape
