#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/labels/label_set.h"
#include "base/model/sample.h"
#include "base/strings.h"
#include "tsdb/querier.h"

namespace tidemark::promql {

// Series whose reads cost no more than a copy.
class FixedSeriesSet : public tsdb::SeriesSet {
 public:
  FixedSeriesSet(const std::vector<LabelSet>& labels, const std::vector<SampleColumns>& samples)
      : labels_(labels), samples_(samples) {}
  size_t size() const override { return labels_.size(); }
  std::string_view label_bytes(size_t i) const override { return labels_[i].bytes(); }
  absl::Status Read(size_t i, SampleColumns& out) const override {
    const SampleColumns& from = samples_[i % samples_.size()];
    out.timestamps.assign(from.timestamps.begin(), from.timestamps.end());
    out.values.assign(from.values.begin(), from.values.end());
    out.histograms = from.histograms;
    return absl::OkStatus();
  }

 private:
  const std::vector<LabelSet>& labels_;
  const std::vector<SampleColumns>& samples_;
};

// Gives the same series of one metric whatever is asked for. One after the other they have the
// samples given, from the start again behind the last.
class FixedQuerier : public tsdb::Querier {
 public:
  FixedQuerier(std::string_view metric, size_t num_series, std::vector<SampleColumns> samples)
      : samples_(std::move(samples)) {
    for (size_t i = 0; i < num_series; ++i) {
      labels_.push_back(LabelSet({{kMetricName, metric},
                                  {"instance", StrCat("host-", i / 100)},
                                  {"path", StrCat("/p", i % 100)}}));
    }
  }
  absl::StatusOr<std::unique_ptr<tsdb::SeriesSet>> Select(std::span<const LabelMatcher>,
                                                          TimeRange) const override {
    return std::make_unique<FixedSeriesSet>(labels_, samples_);
  }
  absl::StatusOr<std::vector<std::string>> LabelNames(std::span<const LabelMatcher>,
                                                      TimeRange) const override {
    return std::vector<std::string>();
  }
  absl::StatusOr<std::vector<std::string>> LabelValues(std::string_view,
                                                       std::span<const LabelMatcher>,
                                                       TimeRange) const override {
    return std::vector<std::string>();
  }
  size_t num_samples() const {
    return labels_.size() * (samples_[0].size() + samples_[0].histograms.size());
  }

 private:
  std::vector<LabelSet> labels_;
  std::vector<SampleColumns> samples_;
};

}  // namespace tidemark::promql
