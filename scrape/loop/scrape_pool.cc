#include "scrape/loop/scrape_pool.h"

#include <optional>

#include "base/log.h"
#include "base/strings.h"

namespace tidemark::scrape {

ScrapePool::ScrapePool(ScrapeContext& context, std::string job_name)
    : context_(context), job_name_(std::move(job_name)) {
  context_.metrics.pools.Increment();
}

void ScrapePool::Apply(ScrapeConfig config, const std::vector<TargetGroup>& groups,
                       uint64_t server_seed, std::shared_ptr<LineFile> failure_log) {
  failure_log_ = std::move(failure_log);
  config_ = std::make_shared<const ScrapeConfig>(std::move(config));
  server_seed_ = server_seed;
  Sync(groups);
}

void ScrapePool::Sync(const std::vector<TargetGroup>& groups) {
  LoopMap before = std::exchange(by_key_, {});
  loops_.clear();
  for (Target& target : Targets(groups)) ApplyTarget(std::move(target), before);
  for (const auto& [key, loop] : before) loop->End();
  EnforceTargetLimit();
  context_.metrics.PoolSyncs(job_name_).Increment();
  context_.metrics.PoolTargets(job_name_).Set(static_cast<double>(loops_.size()));
  context_.metrics.PoolTargetLimit(job_name_).Set(static_cast<double>(config_->target_limit));
}

// Moves the loop of `target` from `before`, or makes it.
void ScrapePool::ApplyTarget(Target target, LoopMap& before) {
  const ScrapeSchedule schedule(target.interval, TargetHash(target.labels, target.url),
                                server_seed_, context_.options);
  Key key(target.labels, target.url);
  if (by_key_.contains(key)) return;
  std::shared_ptr<ScrapeLoop> loop;
  if (auto known = before.extract(key); !known.empty()) {
    loop = std::move(known.mapped());
    loop->Update(std::move(target), schedule, config_, failure_log_);
  } else {
    loop =
        std::make_shared<ScrapeLoop>(context_, std::move(target), schedule, config_, failure_log_);
    loop->Start();
  }
  loops_.push_back(loop);
  by_key_.emplace(std::move(key), std::move(loop));
}

// The targets of the groups; takes note of what relabeling drops.
std::vector<Target> ScrapePool::Targets(const std::vector<TargetGroup>& groups) {
  std::vector<Target> targets;
  dropped_.clear();
  num_dropped_ = 0;
  for (const TargetGroup& group : groups) {
    for (const std::string& address : group.addresses) {
      LabelSet discovered = DiscoveredLabels(*config_, address, group.labels);
      absl::StatusOr<std::optional<Target>> target = RelabelTarget(*config_, discovered);
      if (!target.ok()) {
        context_.metrics.failed_targets.Increment();
        log::Error("target left out", {{"scrape_pool", job_name_},
                                       {"target", discovered.ToString()},
                                       {"err", std::string(ToStd(target.status().message()))}});
      } else if (target->has_value()) {
        targets.push_back(*std::move(*target));
      } else {
        const size_t kept = config_->keep_dropped_targets;
        if (kept == 0 || num_dropped_ < kept) {
          dropped_.push_back({std::move(discovered), job_name_});
        }
        ++num_dropped_;
      }
    }
  }
  return targets;
}

void ScrapePool::EnforceTargetLimit() {
  absl::Status error;
  if (config_->target_limit > 0 && loops_.size() > config_->target_limit) {
    context_.metrics.exceeded_target_limit.Increment();
    error = absl::ResourceExhaustedError(
        StrCat("target_limit exceeded (number of targets: ", loops_.size(),
               ", limit: ", config_->target_limit, ")"));
  }
  for (const auto& loop : loops_) loop->SetForcedError(error);
}

void ScrapePool::End() {
  for (const auto& loop : loops_) loop->End();
  loops_.clear();
  by_key_.clear();
  dropped_.clear();
  num_dropped_ = 0;
  context_.metrics.PoolTargets(job_name_).Set(0);
}

}  // namespace tidemark::scrape
