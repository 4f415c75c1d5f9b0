#include "scrape/openmetrics_backfill.h"

#include <algorithm>
#include <memory>

#include "absl/container/flat_hash_map.h"

#include "base/io/mapped_file.h"
#include "base/labels/label_set.h"
#include "base/model/duration.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "scrape/expfmt/openmetrics_parser.h"

namespace tidemark::scrape {
namespace {

constexpr DurationMs kShortestBlock = 2 * kHour;
constexpr DurationMs kLongestBlock = 31 * kDay;
constexpr int kBlockGrowth = 3;

// A page as samples. Series are told apart by their bytes in the page, so that their labels are
// read once.
class PageSource : public tsdb::SampleSource {
 public:
  PageSource(const BackfillOptions& options, std::unique_ptr<MappedFile> file)
      : options_(options), file_(std::move(file)) {}

  absl::Status Read(const Sink& sink) override {
    OpenMetricsParser parser(file_->bytes());
    for (ExpositionEntry entry; parser.Next(entry);) {
      if (entry.kind != ExpositionEntry::Kind::kSample) continue;
      if (!entry.timestamp) return NoTimestamp(entry);
      const auto [number, is_new] =
          numbers_.try_emplace(entry.series, static_cast<uint32_t>(numbers_.size()));
      if (is_new) RETURN_IF_ERROR(ReadLabels(parser));
      sink(number->second, *entry.timestamp, entry.value);
    }
    return InFile(parser.status());
  }

  std::vector<LabelSet> TakeLabels() override { return std::move(labels_); }

 private:
  absl::Status ReadLabels(OpenMetricsParser& parser) {
    RETURN_IF_ERROR(InFile(parser.Labels(pairs_)));
    LabelSetBuilder builder;
    for (const auto& [name, value] : pairs_) builder.Set(name, value);
    for (const auto& [name, value] : options_.labels) builder.Set(name, value);
    labels_.push_back(builder.Build());
    return absl::OkStatus();
  }

  absl::Status NoTimestamp(const ExpositionEntry& entry) const {
    const char* const begin = file_->bytes().data();
    const auto line = 1 + std::count(begin, entry.series.data(), '\n');
    return InFile(absl::InvalidArgumentError(
        StrCat("line ", line, ": expected timestamp for series ", entry.series, ", got none")));
  }

  absl::Status InFile(const absl::Status& status) const {
    if (status.ok()) return status;
    return {status.code(), ToAbsl(StrCat(file_->path(), ": ", ToStd(status.message())))};
  }

  const BackfillOptions& options_;
  const std::unique_ptr<MappedFile> file_;
  absl::flat_hash_map<std::string_view, uint32_t> numbers_;  // keys are in the page
  std::vector<LabelSet> labels_;
  ExpositionLabels pairs_;
};

}  // namespace

absl::StatusOr<BackfillOptions> MakeBackfillOptions(std::string path,
                                                    const std::vector<std::string>& labels,
                                                    std::string_view max_block_duration) {
  BackfillOptions options;
  options.path = std::move(path);
  for (const std::string& label : labels) {
    const size_t equal = label.find('=');
    if (equal == std::string::npos || !IsLegacyLabelName(label.substr(0, equal))) {
      return absl::InvalidArgumentError(StrCat("\"", label, "\" is no label: expected name=value"));
    }
    options.labels.emplace_back(label.substr(0, equal), label.substr(equal + 1));
  }
  if (max_block_duration.empty()) return options;
  ASSIGN_OR_RETURN(const DurationMs longest, ParseDuration(max_block_duration));
  if (longest < kShortestBlock) {
    return absl::InvalidArgumentError(
        StrCat("a block is at least two hours long, not ", max_block_duration));
  }
  while (options.block_duration * kBlockGrowth <= std::min(longest, kLongestBlock)) {
    options.block_duration *= kBlockGrowth;
  }
  return options;
}

absl::Status BackfillOpenMetrics(const BackfillOptions& options,
                                 const tsdb::BlockFactory& new_block,
                                 tsdb::BackfillReport& report) {
  ASSIGN_OR_RETURN(std::unique_ptr<MappedFile> file, MappedFile::Open(options.path));
  PageSource source(options, std::move(file));
  return tsdb::BackfillSamples(source, options.block_duration, options.samples_bytes, new_block,
                               report);
}

}  // namespace tidemark::scrape
