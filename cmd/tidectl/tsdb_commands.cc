#include "cmd/tidectl/tsdb_commands.h"

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <span>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"

#include "base/labels/label_set.h"
#include "base/labels/label_text.h"
#include "base/model/duration.h"
#include "base/model/float_format.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "cmd/tidectl/tsdb_text.h"
#include "promql/histogram_text.h"
#include "promql/selector.h"
#include "scrape/openmetrics_backfill.h"
#include "tsdb/block_factory.h"
#include "tsdb/block_inspection.h"
#include "tsdb/head_inspection.h"
#include "tsdb/prometheus_import.h"
#include "tsdb/storage_format.h"

namespace tidemark::tidectl {
namespace {

using tsdb::BlockMeta;
using tsdb::StoredBlock;

bool Failed(const absl::Status& status, const Output& output) {
  if (!status.ok()) output.err << "error: " << ToStd(status.message()) << "\n";
  return !status.ok();
}

bool PrintDamages(const std::vector<std::string>& damages, const Output& output) {
  for (const std::string& damage : damages) output.err << "damaged: " << damage << "\n";
  return damages.empty();
}

std::string FormatTimeCell(TimestampMs timestamp, bool human_readable) {
  return human_readable ? GoTime(timestamp) : StrCat(timestamp);
}

std::string FormatBlocks(const std::vector<StoredBlock>& blocks, bool human_readable) {
  std::vector<std::vector<std::string>> rows = {{"BLOCK ULID", "MIN TIME", "MAX TIME", "DURATION",
                                                 "NUM SAMPLES", "NUM CHUNKS", "NUM SERIES",
                                                 "SIZE"}};
  for (const StoredBlock& block : blocks) {
    const BlockMeta& meta = block.meta;
    rows.push_back({meta.ulid, FormatTimeCell(meta.min_time, human_readable),
                    FormatTimeCell(meta.max_time, human_readable),
                    GoDuration(meta.max_time - meta.min_time), StrCat(meta.stats.num_samples),
                    StrCat(meta.stats.num_chunks), StrCat(meta.stats.num_series),
                    human_readable ? GoByteSize(block.disk_bytes) : StrCat(block.disk_bytes)});
  }
  return FormatTable(rows);
}

// The blocks of `directory`; those that are damaged are printed, and `whole` says whether there are
// any.
absl::StatusOr<std::vector<StoredBlock>> OpenBlocks(const std::string& directory,
                                                    const Output& output, bool* whole) {
  std::vector<std::string> damages;
  ASSIGN_OR_RETURN(std::vector<StoredBlock> blocks, tsdb::ListBlocks(directory, &damages));
  *whole = PrintDamages(damages, output);
  return blocks;
}

void PrintReport(const tsdb::ImportReport& report, const Output& output) {
  uint64_t num_samples = 0;
  for (const BlockMeta& block : report.blocks) num_samples += block.stats.num_samples;
  output.out << num_samples << " samples in " << report.blocks.size() << " blocks, from "
             << report.num_source_blocks << " blocks and a head of " << report.num_head_series
             << " series\n";
  const std::pair<uint64_t, std::string_view> kCounts[] = {
      {report.num_duplicate_samples, "samples left out: another one has their time"},
      {report.num_exemplar_records, "log records of exemplars left out: not supported yet"},
      {report.num_metadata_records, "log records of metadata left out: not supported yet"},
      {report.num_orphaned_samples, "samples left out: the log does not name their series"},
      {report.num_orphaned_chunks, "head chunks left out: the log does not name their series"},
  };
  for (const auto& [count, what] : kCounts) {
    if (count != 0) output.out << count << " " << what << "\n";
  }
  for (const std::string& note : report.notes) output.out << note << "\n";
  PrintDamages(report.damages, output);
  if (report.num_damages > report.damages.size()) {
    output.err << "damaged: and " << report.num_damages - report.damages.size() << " more\n";
  }
}

absl::Status CheckHoldsNoBlocks(const std::string& output) {
  std::error_code error;
  const std::string blocks = StrCat(output, "/", tsdb::kBlocksDirectory);
  if (!std::filesystem::exists(blocks, error) || std::filesystem::is_empty(blocks, error)) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      StrCat(blocks, " is not empty: import into a new directory, and move its blocks"));
}

absl::StatusOr<tsdb::BlockFactory> FactoryFor(const ImportFlags& flags, Clock& clock) {
  if (flags.dry_run) return tsdb::NewBlocksNowhere();
  RETURN_IF_ERROR(CheckHoldsNoBlocks(flags.output));
  return tsdb::NewBlocksIn(flags.output, clock);
}

const StoredBlock* FindBlock(const std::vector<StoredBlock>& blocks, const std::string& ulid) {
  if (ulid.empty()) return blocks.empty() ? nullptr : &blocks.back();
  for (const StoredBlock& block : blocks) {
    if (block.meta.ulid == ulid) return &block;
  }
  return nullptr;
}

void PrintRanking(std::string_view title, const tsdb::BlockAnalysis::Ranking& ranking,
                  const Output& output) {
  output.out << "\n" << title << ":\n";
  for (const auto& [name, count] : ranking) output.out << count << " " << name << "\n";
}

absl::StatusOr<std::vector<std::vector<LabelMatcher>>> ParseSelectors(
    const std::vector<std::string>& texts) {
  std::vector<std::vector<LabelMatcher>> selectors;
  for (const std::string& text : texts) {
    ASSIGN_OR_RETURN(std::vector<LabelMatcher> selector, promql::ParseSeriesSelector(text));
    selectors.push_back(std::move(selector));
  }
  if (selectors.empty()) selectors.emplace_back();
  return selectors;
}

// The samples in order of time, a line each.
void AppendSamples(std::string_view series, const SampleColumns& samples, std::string* lines) {
  const auto append = [&](std::string_view value, TimestampMs t) {
    StrAppend(lines, series, " ", value, " ", t, "\n");
  };
  const std::span<const TimestampMs> times = samples.histograms.timestamps();
  for (size_t i = 0, h = 0; i < samples.size() || h < times.size();) {
    if (h == times.size() || (i < samples.size() && samples.timestamps[i] < times[h])) {
      append(FormatFloatG(samples.values[i]), samples.timestamps[i]);
      ++i;
    } else {
      append(promql::ToString(samples.histograms[h]), times[h]);
      ++h;
    }
  }
}

// A line for each block that was written, of those that the directory has by now.
bool PrintWritten(const std::vector<BlockMeta>& written, const BackfillFlags& flags,
                  const Output& output) {
  bool whole = true;
  auto blocks = OpenBlocks(flags.output, output, &whole);
  if (Failed(blocks.status(), output)) return false;
  std::erase_if(*blocks, [&](const StoredBlock& block) {
    return std::none_of(written.begin(), written.end(),
                        [&](const BlockMeta& meta) { return meta.ulid == block.meta.ulid; });
  });
  output.out << FormatBlocks(*blocks, flags.human_readable);
  return whole;
}

}  // namespace

bool ImportPrometheus(const ImportFlags& flags, Clock& clock, const Output& output) {
  absl::StatusOr<tsdb::BlockFactory> new_block = FactoryFor(flags, clock);
  if (Failed(new_block.status(), output)) return false;
  tsdb::ImportReport report;
  const absl::Status status =
      tsdb::ImportPrometheus({.source = flags.source, .new_block = *std::move(new_block)}, report);
  PrintReport(report, output);
  return !Failed(status, output) && report.num_damages == 0;
}

bool ListBlocks(const std::string& directory, bool human_readable, const Output& output) {
  bool whole = true;
  const auto blocks = OpenBlocks(directory, output, &whole);
  if (Failed(blocks.status(), output)) return false;
  output.out << FormatBlocks(*blocks, human_readable);
  return whole;
}

bool AnalyzeBlock(const std::string& directory, const std::string& ulid, size_t limit,
                  const Output& output) {
  bool whole = true;
  const auto blocks = OpenBlocks(directory, output, &whole);
  if (Failed(blocks.status(), output)) return false;
  const StoredBlock* const block = FindBlock(*blocks, ulid);
  if (block == nullptr) {
    output.err << "error: block " << ulid << " not found\n";
    return false;
  }
  const absl::StatusOr<tsdb::BlockAnalysis> analysis = tsdb::AnalyzeBlock(*block, limit);
  if (Failed(analysis.status(), output)) return false;
  const BlockMeta& meta = block->meta;
  output.out << "Block ID: " << meta.ulid << "\n"
             << "Duration: " << GoDuration(meta.max_time - meta.min_time) << "\n"
             << "Total Series: " << meta.stats.num_series << "\n"
             << "Label names: " << analysis->num_label_names << "\n"
             << "Postings (unique label pairs): " << analysis->num_label_pairs << "\n"
             << "Postings entries (total label pairs): " << analysis->num_label_entries << "\n";
  PrintRanking("Label pairs most involved in churning", analysis->churning_pairs, output);
  PrintRanking("Label names most involved in churning", analysis->churning_names, output);
  PrintRanking("Most common label pairs", analysis->common_pairs, output);
  PrintRanking("Label names with highest cumulative label value length", analysis->value_bytes,
               output);
  PrintRanking("Highest cardinality labels", analysis->label_cardinality, output);
  PrintRanking("Highest cardinality metric names", analysis->metric_cardinality, output);
  return true;
}

bool DumpSamples(const DumpFlags& flags, const Output& output) {
  const auto selectors = ParseSelectors(flags.selectors);
  if (Failed(selectors.status(), output)) return false;
  const auto head = tsdb::StoredHead::Open(flags.directory);
  if (Failed(head.status(), output)) return false;
  bool whole = true;
  const auto blocks = OpenBlocks(flags.directory, output, &whole);
  if (Failed(blocks.status(), output)) return false;
  whole &= PrintDamages((*head)->damages(), output);
  std::string lines;
  const absl::Status status = tsdb::VisitSeries(
      *blocks, head->get(), flags.range, *selectors,
      [&](const LabelSet& labels, const SampleColumns& samples) {
        lines.clear();
        AppendSamples(FormatLabels(labels), samples, &lines);
        output.out << lines;
        return output.out.good() ? absl::OkStatus() : absl::UnavailableError("cannot write");
      });
  return !Failed(status, output) && whole;
}

bool VerifyStore(const std::string& directory, const Output& output) {
  const auto head = tsdb::StoredHead::Open(directory);
  if (Failed(head.status(), output)) return false;
  bool whole = true;
  const auto blocks = OpenBlocks(directory, output, &whole);
  if (Failed(blocks.status(), output)) return false;
  for (const StoredBlock& block : *blocks) {
    const absl::Status status = tsdb::VerifyBlock(block);
    if (status.ok()) {
      output.out << "ok: " << block.directory << "\n";
    } else {
      whole &= PrintDamages({std::string(status.message())}, output);
    }
  }
  if (!PrintDamages((*head)->damages(), output)) return false;
  for (const std::string& part : (*head)->parts()) output.out << "ok: " << part << "\n";
  return whole;
}

bool CreateBlocksFromOpenMetrics(const BackfillFlags& flags, Clock& clock, const Output& output) {
  absl::StatusOr<tsdb::BlockFactory> new_block = tsdb::NewBlocksIn(flags.output, clock);
  if (Failed(new_block.status(), output)) return false;
  const absl::StatusOr<scrape::BackfillOptions> options =
      scrape::MakeBackfillOptions(flags.input, flags.labels, flags.max_block_duration);
  if (Failed(options.status(), output)) return false;
  tsdb::BackfillReport report;
  const absl::Status status = scrape::BackfillOpenMetrics(*options, *std::move(new_block), report);
  if (!flags.quiet && !PrintWritten(report.blocks, flags, output)) return false;
  if (report.num_duplicates != 0) {
    output.err << report.num_duplicates << " samples left out: another one has their time\n";
  }
  return !Failed(status, output);
}

}  // namespace tidemark::tidectl
