#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "scrape/discovery/provider.h"

namespace tidemark::scrape {

// A provider on its thread, and what it has found. The groups are guarded by whoever owns this.
class RunningProvider {
 public:
  // Called on the provider's thread; ought to call Take.
  using Receiver = std::function<void(RunningProvider&, std::vector<SourceUpdate>)>;

  // Makes it and does not start it. The references outlive this.
  RunningProvider(std::shared_ptr<const DiscoveryConfig> config, HttpClient& http, Clock& clock,
                  MetricRegistry& metrics, const std::string& config_name, Receiver receive);
  ~RunningProvider() { Stop(); }

  // One thread calls these. Start does nothing where it runs already, and both Stops are
  // idempotent.
  void Start();
  void RequestStop() { run_.Stop(); }
  void Stop();  // waits for the thread

  const DiscoveryConfig& config() const { return *config_; }

  // Stores what an update says; false where it says nothing new.
  bool Take(std::vector<SourceUpdate> updates);
  // Has what `other` has found until the first Take, where both are of one kind.
  bool Inherit(const RunningProvider& other);
  bool has_found() const { return has_found_; }  // there was a Take
  void AppendGroups(std::vector<TargetGroup>& out) const;

 private:
  const std::shared_ptr<const DiscoveryConfig> config_;
  DiscoveryRun run_;
  std::map<std::string, std::vector<TargetGroup>> groups_;  // by source
  bool inherited_ = false;                                  // groups_ are those of another
  bool has_found_ = false;
  std::thread thread_;
};

}  // namespace tidemark::scrape
