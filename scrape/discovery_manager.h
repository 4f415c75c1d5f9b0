#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "base/model/timestamp.h"
#include "base/net/http_client.h"
#include "base/run/clock.h"
#include "scrape/discovery_config.h"
#include "scrape/target_group.h"

namespace tidemark::scrape {

// What one job, or one entry of `alertmanagers`, finds its targets by.
struct DiscoverySet {
  std::string name;
  std::vector<TargetGroup> static_groups;
  DiscoveryConfigs discovery;
};

// Runs the providers of a list of sets and knows the groups that each set has at the moment.
// Thread-safe.
class DiscoveryManager {
 public:
  static constexpr DurationMs kMinUpdateInterval = 5 * kSecond;
  // Called with the names of sets whose groups are others than at the last call or Apply, on a
  // thread of the manager and with no lock held. May call Groups, not Apply or Stop.
  using Listener = std::function<void(const std::vector<std::string>& names)>;

  // `name` tells managers apart in metrics: "scrape", "notify". The listener hears of changes at
  // most every `min_update_interval`; what comes in between is one change. The references outlive
  // this.
  DiscoveryManager(std::string name, HttpClient& http, Clock& clock, MetricRegistry& metrics,
                   Listener changed, DurationMs min_update_interval = kMinUpdateInterval);
  ~DiscoveryManager();

  // Replaces the sets, names of which are unique. A provider with the settings of one that runs
  // goes on with what it found; one that is new starts with what the provider of the same kind that
  // it replaces in its set had found, until it has found something itself.
  void Apply(std::vector<DiscoverySet> sets);

  // The groups of a set, static ones first, then as configured; empty for a set that is unknown.
  std::vector<TargetGroup> Groups(const std::string& set) const;

  // Waits until every provider has found something, if only that there is nothing; false where the
  // time comes first.
  bool WaitForAll(TimestampMs deadline);

  // Ends all providers and waits for them and for the listener. Idempotent.
  void Stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::scrape
