#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

// What an OTLP metrics request says, in whichever encoding.
// Source: github.com/open-telemetry/opentelemetry-proto, metrics/v1/metrics.proto.
namespace tidemark::http {

struct OtlpAttribute {
  std::string key;
  std::string value;  // as text: that of a string, "true", digits, or else JSON
};
using OtlpAttributes = std::vector<OtlpAttribute>;

struct OtlpScope {
  std::string name, version, schema_url;
  OtlpAttributes attributes;
};

enum class OtlpKind { kNone, kGauge, kSum, kHistogram, kExponentialHistogram, kSummary };
// The numbers of the protocol.
enum class OtlpTemporality { kUnspecified = 0, kDelta = 1, kCumulative = 2 };

struct OtlpMetric {
  std::string name, unit;
  OtlpKind kind = OtlpKind::kNone;
  OtlpTemporality temporality = OtlpTemporality::kUnspecified;  // of sums and histograms
  bool is_monotonic = false;                                    // a sum
};

struct OtlpPoint {
  OtlpAttributes attributes;
  uint64_t start_time = 0, time = 0;  // nanoseconds since the epoch
  bool no_recorded_value = false;     // the series ends here
};
struct OtlpNumber : OtlpPoint {
  double value = 0;
};
struct OtlpHistogram : OtlpPoint {
  uint64_t count = 0;
  std::optional<double> sum;
  std::vector<double> bounds;
  std::vector<uint64_t> counts;  // one more than bounds, or none of both
};
struct OtlpExponentialHistogram : OtlpPoint {
  struct Buckets {
    int32_t offset = 0;
    std::vector<uint64_t> counts;
  };
  uint64_t count = 0, zero_count = 0;
  std::optional<double> sum;
  int32_t scale = 0;
  double zero_threshold = 0;
  Buckets positive, negative;
};
struct OtlpSummary : OtlpPoint {
  uint64_t count = 0;
  double sum = 0;
  std::vector<std::pair<double, double>> quantiles;  // quantile, value
};

// More buckets in one histogram are refused, before there is memory for them.
inline constexpr size_t kMaxOtlpBuckets = 1 << 16;
// Attribute values that lie deeper in lists are refused.
inline constexpr int kMaxOtlpDepth = 16;

// Takes what a request says, one point after the other. An error ends the reading.
class OtlpVisitor {
 public:
  virtual ~OtlpVisitor() = default;
  virtual void BeginResource(const OtlpAttributes& attributes) = 0;
  virtual void BeginScope(const OtlpScope& scope) = 0;
  // Whether its points are wanted.
  virtual bool BeginMetric(const OtlpMetric& metric) = 0;
  virtual absl::Status Visit(const OtlpNumber& point) = 0;
  virtual absl::Status Visit(const OtlpHistogram& point) = 0;
  virtual absl::Status Visit(const OtlpExponentialHistogram& point) = 0;
  virtual absl::Status Visit(const OtlpSummary& point) = 0;
  virtual absl::Status EndResource() = 0;
};

}  // namespace tidemark::http
