#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

#include "base/model/classic_buckets.h"
#include "scrape/expfmt/exposition_parser.h"

namespace tidemark::scrape {

// What another parser reads, with each classic histogram turned into a native one with custom
// buckets, whose series has the family's name. The classic series are left out, unless they are to
// be kept. The samples of one histogram follow one another, as the formats demand; a histogram that
// contradicts itself gives nothing. Families that have native histograms stay as they are, and so
// do gauge histograms unless `gauges_too`: Prometheus turns only those of protobuf pages. Cost:
// that of the other parser, and the labels of each sample of a histogram. Source: Prometheus,
// `convert_classic_histograms_to_nhcb`.
class CustomBucketParser : public ExpositionParser {
 public:
  CustomBucketParser(std::unique_ptr<ExpositionParser> page, bool keep_classic, bool gauges_too);

  bool Next(ExpositionEntry& entry) override;
  absl::Status Labels(ExpositionLabels& labels) override;
  absl::StatusOr<LabelSet> ExemplarLabels(const ExpositionExemplar& exemplar) override {
    return page_->ExemplarLabels(exemplar);
  }
  const absl::Status& status() const override;

 private:
  enum class Part { kNone, kBucket, kCount, kSum };
  // A histogram whose samples are being read, or that was given last.
  struct Converted {
    std::string key;          // the bytes that name its series
    ExpositionLabels labels;  // without `le`
  };

  Part PartOf(std::string_view name) const;
  // Looks at a sample of a histogram that the page gave last. False after an error.
  bool ReadPart();
  // Adds it to the histogram that is being read.
  void AddPart(const ExpositionEntry& sample);
  // Gives the histogram read so far; false where there is none or it contradicts itself.
  bool Give(ExpositionEntry& entry);
  void BeginFamily(const ExpositionEntry& type);

  const std::unique_ptr<ExpositionParser> page_;
  const bool keep_classic_, gauges_too_;
  absl::Status status_;  // of labels; else that of the page counts

  std::string family_;  // of the last TYPE line
  bool is_histogram_ = false, is_gauge_ = false, has_native_ = false;

  ExpositionEntry held_;  // what the page gave last, where a histogram is given first
  bool holds_ = false;
  bool gave_converted_ = false;  // the entry given last is a histogram of ours

  // The sample looked at last.
  Part part_ = Part::kNone;
  double bound_ = 0;
  Converted read_;
  ExpositionLabels sample_labels_;  // with `le`; kept for its capacity

  ClassicBuckets buckets_;
  Converted current_, given_;
  std::vector<ExpositionExemplar> exemplars_;       // of the samples of the current one
  std::optional<TimestampMs> timestamp_, created_;  // of the first sample of the current one
};

}  // namespace tidemark::scrape
