#include "scrape/discovery/running_provider.h"

#include <utility>

namespace tidemark::scrape {

RunningProvider::RunningProvider(std::shared_ptr<const DiscoveryConfig> config, HttpClient& http,
                                 Clock& clock, MetricRegistry& metrics,
                                 const std::string& config_name, Receiver receive)
    : config_(std::move(config)),
      run_(http, clock, metrics, config_name,
           [this, receive = std::move(receive)](std::vector<SourceUpdate> updates) {
             receive(*this, std::move(updates));
           }) {}

void RunningProvider::Start() {
  if (!thread_.joinable() && !run_.stopped()) thread_ = std::thread([this] { config_->Run(run_); });
}

void RunningProvider::Stop() {
  RequestStop();
  if (thread_.joinable()) thread_.join();
}

bool RunningProvider::Take(std::vector<SourceUpdate> updates) {
  has_found_ = true;
  std::map<std::string, std::vector<TargetGroup>> inherited;
  const bool first = std::exchange(inherited_, false);
  if (first) groups_.swap(inherited);
  bool changed = first;
  for (SourceUpdate& update : updates) {
    std::vector<TargetGroup>& known = groups_[update.source];
    changed |= known != update.groups;
    known = std::move(update.groups);
    if (known.empty()) groups_.erase(update.source);
  }
  return changed;
}

bool RunningProvider::Inherit(const RunningProvider& other) {
  if (inherited_ || config_->mechanism() != other.config_->mechanism()) return false;
  groups_ = other.groups_;
  inherited_ = true;
  return true;
}

void RunningProvider::AppendGroups(std::vector<TargetGroup>& out) const {
  for (const auto& [source, groups] : groups_) out.insert(out.end(), groups.begin(), groups.end());
}

}  // namespace tidemark::scrape
