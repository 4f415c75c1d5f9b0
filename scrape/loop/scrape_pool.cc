#include "scrape/loop/scrape_pool.h"

#include <optional>

#include "base/log.h"
#include "base/strings.h"

namespace tidemark::scrape {

ScrapePool::ScrapePool(ScrapeContext& context, std::string job_name)
    : context_(context), job_name_(std::move(job_name)) {
  context_.metrics.pools.Increment();
}

void ScrapePool::Apply(ScrapeConfig config, uint64_t server_seed) {
  const auto shared = std::make_shared<const ScrapeConfig>(std::move(config));
  LoopMap before = std::exchange(by_key_, {});
  loops_.clear();
  for (Target& target : Targets(*shared)) {
    ApplyTarget(std::move(target), shared, server_seed, before);
  }
  for (const auto& [key, loop] : before) loop->End();
  EnforceTargetLimit(*shared);
  context_.metrics.PoolSyncs(job_name_).Increment();
  context_.metrics.PoolTargets(job_name_).Set(static_cast<double>(loops_.size()));
  context_.metrics.PoolTargetLimit(job_name_).Set(static_cast<double>(shared->target_limit));
}

// Moves the loop of `target` from `before`, or makes it.
void ScrapePool::ApplyTarget(Target target, const std::shared_ptr<const ScrapeConfig>& config,
                             uint64_t server_seed, LoopMap& before) {
  const ScrapeSchedule schedule(target.interval, TargetHash(target.labels, target.url),
                                server_seed);
  Key key(target.labels, target.url);
  if (by_key_.contains(key)) return;
  std::shared_ptr<ScrapeLoop> loop;
  if (auto known = before.extract(key); !known.empty()) {
    loop = std::move(known.mapped());
    loop->Update(std::move(target), schedule, config);
  } else {
    loop = std::make_shared<ScrapeLoop>(context_, std::move(target), schedule, config);
    loop->Start();
  }
  loops_.push_back(loop);
  by_key_.emplace(std::move(key), std::move(loop));
}

// The targets of the configuration; sets dropped_ to what relabeling drops.
std::vector<Target> ScrapePool::Targets(const ScrapeConfig& config) {
  std::vector<Target> targets;
  dropped_.clear();
  for (const TargetGroup& group : config.static_configs) {
    for (const std::string& address : group.addresses) {
      LabelSet discovered = DiscoveredLabels(config, address, group.labels);
      absl::StatusOr<std::optional<Target>> target = RelabelTarget(config, discovered);
      if (!target.ok()) {
        context_.metrics.failed_targets.Increment();
        log::Error("target left out", {{"scrape_pool", job_name_},
                                       {"target", discovered.ToString()},
                                       {"err", std::string(ToStd(target.status().message()))}});
      } else if (target->has_value()) {
        targets.push_back(*std::move(*target));
      } else {
        dropped_.push_back({std::move(discovered), job_name_});
      }
    }
  }
  return targets;
}

void ScrapePool::EnforceTargetLimit(const ScrapeConfig& config) {
  absl::Status error;
  if (config.target_limit > 0 && loops_.size() > config.target_limit) {
    context_.metrics.exceeded_target_limit.Increment();
    error = absl::ResourceExhaustedError(
        StrCat("target_limit exceeded (number of targets: ", loops_.size(),
               ", limit: ", config.target_limit, ")"));
  }
  for (const auto& loop : loops_) loop->SetForcedError(error);
}

void ScrapePool::End() {
  for (const auto& loop : loops_) loop->End();
  loops_.clear();
  by_key_.clear();
  dropped_.clear();
  context_.metrics.PoolTargets(job_name_).Set(0);
}

}  // namespace tidemark::scrape
