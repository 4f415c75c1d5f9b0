#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

#include "base/io/line_file.h"
#include "scrape/loop/scrape_loop.h"
#include "scrape/loop/target_labels.h"
#include "scrape/target.h"

namespace tidemark::scrape {

// The targets of one scrape configuration. One thread at a time.
class ScrapePool {
 public:
  // `context` outlives the pool.
  ScrapePool(ScrapeContext& context, std::string job_name);

  // Takes over a configuration of the same job and the groups of its targets: starts loops for new
  // targets, ends those of targets that are gone, and lets the others go on. A target that cannot
  // be made of its labels is logged and left out.
  // `failure_log` gets a line for each request that fails; may be null.
  void Apply(ScrapeConfig config, const std::vector<TargetGroup>& groups, uint64_t server_seed,
             std::shared_ptr<LineFile> failure_log);
  // Takes over other groups, after an Apply.
  void Sync(const std::vector<TargetGroup>& groups);
  // Ends all loops.
  void End();

  const std::string& job_name() const { return job_name_; }
  // In configured order; two targets that relabeling makes the same are one.
  const std::vector<std::shared_ptr<ScrapeLoop>>& loops() const { return loops_; }
  // Those that relabeling drops, as many of them as are to be kept; and how many there are.
  const std::vector<DroppedTarget>& dropped() const { return dropped_; }
  size_t num_dropped() const { return num_dropped_; }

 private:
  using Key = std::pair<LabelSet, std::string>;  // labels and URL of a target
  using LoopMap = absl::flat_hash_map<Key, std::shared_ptr<ScrapeLoop>>;

  void ApplyTarget(Target target, LoopMap& before);
  std::vector<Target> Targets(const std::vector<TargetGroup>& groups);
  void EnforceTargetLimit();

  ScrapeContext& context_;
  const std::string job_name_;
  std::shared_ptr<const ScrapeConfig> config_;  // set by Apply
  std::shared_ptr<LineFile> failure_log_;
  uint64_t server_seed_ = 0;
  LoopMap by_key_;
  std::vector<std::shared_ptr<ScrapeLoop>> loops_;
  std::vector<DroppedTarget> dropped_;
  size_t num_dropped_ = 0;
};

}  // namespace tidemark::scrape
