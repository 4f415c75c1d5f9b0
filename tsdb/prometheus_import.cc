#include "tsdb/prometheus_import.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/import/block_output.h"
#include "tsdb/import/head_samples.h"
#include "tsdb/import/prometheus_block.h"
#include "tsdb/import/prometheus_meta.h"

namespace tidemark::tsdb {
namespace {

// Blocks that are open for writing at one time: each takes some memory and some files.
constexpr size_t kMaxOpenOutputs = 16;

struct SourceBlock {
  std::string directory;
  PrometheusMeta meta;
};

// A block to write: [min_time, max_time) and what goes into it.
struct PlannedBlock {
  TimestampMs min_time = 0, max_time = 0;
  std::vector<SourceBlock> sources = {};
  bool has_head = false;

  TimeRange range() const { return {min_time, max_time - 1}; }
};

absl::StatusOr<std::vector<std::string>> ListBlockDirectories(const std::string& source) {
  std::vector<std::string> directories;
  std::error_code error;
  bool is_prometheus = false;
  for (std::filesystem::directory_iterator it(source, error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    is_prometheus |= name == "wal" || name == "chunks_head";
    if (!IsUlid(name)) continue;
    is_prometheus = true;
    directories.push_back(it->path().string());
  }
  if (error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory) {
    return absl::NotFoundError(StrCat("there is no directory ", source));
  }
  if (error) return absl::PermissionDeniedError(StrCat(source, ": ", error.message()));
  if (!is_prometheus) {
    return absl::FailedPreconditionError(
        StrCat(source, " is no data directory of Prometheus: it has neither blocks nor a log"));
  }
  std::sort(directories.begin(), directories.end());
  return directories;
}

// The blocks that are whole enough to read, less those that others were made of.
absl::StatusOr<std::vector<SourceBlock>> FindBlocks(const std::string& source,
                                                    ImportReport& report) {
  ASSIGN_OR_RETURN(const std::vector<std::string> directories, ListBlockDirectories(source));
  std::vector<SourceBlock> blocks;
  std::set<std::string> replaced;
  for (const std::string& directory : directories) {
    absl::StatusOr<PrometheusMeta> meta = ReadPrometheusMeta(StrCat(directory, "/meta.json"));
    const absl::Status status =
        meta.ok() ? PrometheusBlock::Open(directory, *meta, report).status() : meta.status();
    if (!status.ok()) {
      report.AddDamage(status);
      continue;
    }
    replaced.insert(meta->parents.begin(), meta->parents.end());
    blocks.push_back({directory, *std::move(meta)});
  }
  std::erase_if(blocks, [&](const SourceBlock& block) {
    if (!replaced.contains(block.meta.ulid)) return false;
    report.notes.push_back(StrCat("left out, another block replaces it: ", block.directory));
    return true;
  });
  report.num_source_blocks = blocks.size();
  return blocks;
}

// Where the head begins: in-order samples before it are in blocks.
TimestampMs BeginOfHead(const std::vector<SourceBlock>& blocks) {
  TimestampMs begin = kMinTimestamp;
  for (const SourceBlock& block : blocks) {
    if (!block.meta.out_of_order) begin = std::max(begin, block.meta.max_time);
  }
  return begin;
}

// One block for each source and each partition of the head, but one for those that overlap.
std::vector<PlannedBlock> Plan(std::vector<SourceBlock> sources, const HeadSamples& head) {
  std::vector<PlannedBlock> parts;
  for (SourceBlock& source : sources) {
    const PrometheusMeta meta = source.meta;
    parts.push_back({.min_time = meta.min_time, .max_time = meta.max_time, .sources = {source}});
  }
  for (const int64_t partition : head.partitions()) {
    const TimestampMs begin =
        partition < 0
            ? SaturatingAdd((partition + 1) * HeadSamples::kPartition, -HeadSamples::kPartition)
            : partition * HeadSamples::kPartition;
    parts.push_back({.min_time = begin,
                     .max_time = SaturatingAdd(begin, HeadSamples::kPartition),
                     .has_head = true});
  }
  std::stable_sort(parts.begin(), parts.end(), [](const PlannedBlock& a, const PlannedBlock& b) {
    return a.min_time < b.min_time;
  });
  std::vector<PlannedBlock> plan;
  for (PlannedBlock& part : parts) {
    if (plan.empty() || plan.back().max_time <= part.min_time) {
      plan.push_back(std::move(part));
      continue;
    }
    PlannedBlock& last = plan.back();
    last.max_time = std::max(last.max_time, part.max_time);
    last.has_head |= part.has_head;
    std::move(part.sources.begin(), part.sources.end(), std::back_inserter(last.sources));
  }
  return plan;
}

class Importer {
 public:
  Importer(const PrometheusImportOptions& options, ImportReport& report)
      : options_(options), report_(report) {}

  absl::Status Write(const std::vector<PlannedBlock>& plan, const HeadSamples& head) {
    std::vector<PlannedBlock> with_head;
    for (const PlannedBlock& block : plan) {
      if (block.has_head) {
        with_head.push_back(block);
        if (with_head.size() == kMaxOpenOutputs) RETURN_IF_ERROR(WriteWithHead(with_head, head));
        continue;
      }
      ASSIGN_OR_RETURN(const std::unique_ptr<BlockOutput> output, Open(block));
      RETURN_IF_ERROR(output->Finish());
    }
    return WriteWithHead(with_head, head);
  }

 private:
  absl::StatusOr<std::unique_ptr<BlockOutput>> Open(const PlannedBlock& block) {
    std::vector<std::unique_ptr<PrometheusBlock>> sources;
    for (const SourceBlock& source : block.sources) {
      ASSIGN_OR_RETURN(std::unique_ptr<PrometheusBlock> opened,
                       PrometheusBlock::Open(source.directory, source.meta, report_));
      sources.push_back(std::move(opened));
    }
    ASSIGN_OR_RETURN(std::unique_ptr<BlockWriter> writer,
                     options_.new_block(block.min_time, block.max_time));
    return std::make_unique<BlockOutput>(std::move(writer), std::move(sources), report_);
  }

  // Writes `blocks`, which ascend, in one go through the head, and empties it.
  absl::Status WriteWithHead(std::vector<PlannedBlock>& blocks, const HeadSamples& head) {
    if (blocks.empty()) return absl::OkStatus();
    std::vector<std::unique_ptr<BlockOutput>> outputs;
    for (const PlannedBlock& block : blocks) {
      ASSIGN_OR_RETURN(std::unique_ptr<BlockOutput> output, Open(block));
      outputs.push_back(std::move(output));
    }
    SampleColumns part;
    RETURN_IF_ERROR(
        head.Visit({blocks.front().min_time, blocks.back().max_time - 1},
                   [&](const LabelSet& labels, const SampleColumns& samples) -> absl::Status {
                     for (size_t i = 0; i < blocks.size(); ++i) {
                       part = samples;
                       KeepRange(blocks[i].range(), part);
                       if (part.has_samples()) RETURN_IF_ERROR(outputs[i]->Add(labels, part));
                     }
                     return absl::OkStatus();
                   }));
    for (const std::unique_ptr<BlockOutput>& output : outputs) RETURN_IF_ERROR(output->Finish());
    blocks.clear();
    return absl::OkStatus();
  }

  const PrometheusImportOptions& options_;
  ImportReport& report_;
};

}  // namespace

void ImportReport::AddDamage(const absl::Status& damage) {
  ++num_damages;
  if (damages.size() < kMaxDamages) damages.emplace_back(ToStd(damage.message()));
}

absl::Status ImportPrometheus(const PrometheusImportOptions& options, ImportReport& report) {
  ASSIGN_OR_RETURN(std::vector<SourceBlock> blocks, FindBlocks(options.source, report));
  const HeadSamples head(options.source, BeginOfHead(blocks), options.head_samples_bytes, report);
  return Importer(options, report).Write(Plan(std::move(blocks), head), head);
}

}  // namespace tidemark::tsdb
