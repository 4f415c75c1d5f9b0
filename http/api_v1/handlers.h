#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "alerting/rule_manager.h"
#include "base/metrics.h"
#include "base/run/clock.h"
#include "http/api_v1/api_handler.h"
#include "http/api_v1/query_runner.h"
#include "scrape/target.h"
#include "scrape/target_metadata.h"
#include "tsdb/db.h"
#include "tsdb/exemplar_querier.h"
#include "tsdb/querier.h"

// The handlers of /api/v1, one a file. What they are given outlives them.
namespace tidemark::http {

// query: one time; query_range: steps; format_query: the text in canonical spelling; parse_query:
// the syntax tree.
ApiFunction QueryHandler(QueryContext context);
ApiFunction QueryRangeHandler(QueryContext context);
ApiFunction FormatQueryHandler(const promql::ParserOptions& options);
ApiFunction ParseQueryHandler(const promql::ParserOptions& options);

// query_exemplars: those of the series that any selector of a query selects.
ApiFunction QueryExemplarsHandler(const tsdb::ExemplarQueryable& store,
                                  const promql::ParserOptions& options);

// series, labels and label/NAME/values of the series that any `match[]` selects.
ApiFunction SeriesHandler(const tsdb::Queryable& store);
ApiFunction LabelsHandler(const tsdb::Queryable& store);
ApiFunction LabelValuesHandler(const tsdb::Queryable& store);

struct TargetLists {
  std::vector<scrape::TargetStatus> active;
  std::vector<scrape::DroppedTarget> dropped;                  // those that are kept
  std::vector<std::pair<std::string, size_t>> dropped_counts;  // of each pool, all
};
// targets and scrape_pools. `external_url` replaces the host of targets on this machine in
// `globalUrl`.
ApiFunction TargetsHandler(std::function<TargetLists()> targets, std::string external_url);
ApiFunction ScrapePoolsHandler(std::function<TargetLists()> targets);

// metadata: what any active target says of metric families; targets/metadata: which one says it.
using MetadataFunction = std::function<std::vector<scrape::ActiveMetadata>()>;
ApiFunction MetadataHandler(MetadataFunction targets);
ApiFunction TargetMetadataHandler(MetadataFunction targets);

using RuleGroupsFunction = std::function<std::vector<alerting::RuleGroupStatus>()>;
ApiFunction RulesHandler(RuleGroupsFunction groups);
ApiFunction AlertsHandler(RuleGroupsFunction groups);
ApiFunction AlertmanagersHandler(std::function<std::vector<std::string>()> urls);

// status/...
ApiFunction BuildInfoHandler();
ApiFunction RuntimeInfoHandler(const Clock& clock, MetricRegistry& metrics, DurationMs retention);
ApiFunction FlagsHandler(std::vector<std::pair<std::string, std::string>> flags);
ApiFunction ConfigHandler(std::function<std::string()> yaml);
ApiFunction TsdbStatusHandler(std::function<tsdb::HeadStats()> head_stats,
                              std::function<std::vector<tsdb::LabelPairCount>()> label_pairs);
// admin/tsdb/...; an error unless `enabled`
ApiFunction DeleteSeriesHandler(bool enabled, tsdb::Db& db);
ApiFunction CleanTombstonesHandler(bool enabled, tsdb::Db& db);
ApiFunction SnapshotHandler(bool enabled, tsdb::Db& db);
// Zeros: how far recovery is, is not told; /-/ready says when it is over.
ApiFunction WalReplayHandler();

}  // namespace tidemark::http
