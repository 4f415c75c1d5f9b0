#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/labels/label_set.h"
#include "base/model/native_histogram.h"
#include "base/model/timestamp.h"
#include "http/otlp/delta_sums.h"
#include "http/otlp/otlp_points.h"
#include "http/otlp_options.h"
#include "tsdb/appender.h"

namespace tidemark::http {

// What a translator works with; all of it outlives it.
struct OtlpTarget {
  const OtlpOptions& options;
  const LabelSet& external_labels;  // added where a series has none of the name
  OtlpDeltas deltas = OtlpDeltas::kRefuse;
  DurationMs lookback_delta = 5 * kMinute;
  tsdb::Appender& appender;
  DeltaSums::Batch* sums = nullptr;  // not null with OtlpDeltas::kAccumulate
};

// Makes samples of points and adds them to a batch, as Prometheus does: the attributes of a point
// become labels, `service.name` and `service.instance.id` of its resource `job` and `instance`, and
// the rest of the resource's attributes those of `target_info`, which has a sample every half of
// the lookback between the oldest and the newest point of the resource. What cannot be stored is
// left out and told by first_error(). One thread.
//   errors of what it visits are those of Appender
class OtlpTranslator : public OtlpVisitor {
 public:
  explicit OtlpTranslator(const OtlpTarget& target) : target_(target) {}

  void BeginResource(const OtlpAttributes& attributes) override;
  void BeginScope(const OtlpScope& scope) override;
  bool BeginMetric(const OtlpMetric& metric) override;
  absl::Status Visit(const OtlpNumber& point) override;
  absl::Status Visit(const OtlpHistogram& point) override;
  absl::Status Visit(const OtlpExponentialHistogram& point) override;
  absl::Status Visit(const OtlpSummary& point) override;
  absl::Status EndResource() override;

  // Points that were left out, and those of metrics that were, a metric counting as one.
  size_t num_left_out() const { return num_left_out_; }
  const std::string& first_error() const { return first_error_; }

 private:
  using Labels = std::vector<std::pair<std::string, std::string>>;
  struct Extra {
    std::string_view name, value;
  };

  // What all series of a point have in common, made once for all of them.
  void BeginPoint(const OtlpPoint& point);
  void SetBaseLabels(const OtlpAttributes& attributes);
  // The labels of one of its series; `suffix` goes behind the metric's name.
  LabelSet LabelsOf(std::string_view suffix, const Extra* extra = nullptr);
  bool CheckText(const LabelSet& labels);
  absl::Status AddFloat(const OtlpPoint& point, std::string_view suffix, double value,
                        bool is_counter, const Extra* extra = nullptr);
  absl::Status AddHistogram(const OtlpPoint& point, HistogramSample histogram);
  absl::Status AddCustomBuckets(const OtlpHistogram& point);
  absl::Status Append(const LabelSet& labels, TimestampMs time, double value);
  void LeaveOut(std::string_view why);
  bool IsDelta() const { return metric_.temporality == OtlpTemporality::kDelta; }

  const OtlpTarget target_;
  OtlpAttributes resource_;
  Labels promoted_, scope_labels_, identity_;  // of the resource and scope in hand
  OtlpMetric metric_;
  std::string metric_name_;
  TimestampMs oldest_ = kMaxTimestamp, newest_ = kMinTimestamp;  // of the resource
  LabelSetBuilder builder_;                                      // of the point in hand
  size_t num_left_out_ = 0;
  std::string first_error_;
};

}  // namespace tidemark::http
