#include "tsdb/head/sample_identity.h"

#include <string>

#include "base/io/hash.h"
#include "base/model/staleness.h"
#include "tsdb/codec/histogram_row.h"

namespace tidemark::tsdb {

SampleIdentity IdentityOf(const HistogramView& histogram) {
  static thread_local std::string bytes;
  bytes.clear();
  AppendHistogram(histogram, &bytes);
  return IdentityOfHistogram(bytes);
}

SampleIdentity IdentityOfHistogram(std::string_view bytes) {
  if (IsStaleHistogram(bytes)) return {kStaleMarkerBits, false};
  return {StableHash64(bytes.substr(1)), true};  // the hint is in front
}

SampleIdentity IdentityOf(const SampleColumns& samples) {
  return samples.empty() ? IdentityOf(samples.histograms[0]) : IdentityOf(samples.values[0]);
}

}  // namespace tidemark::tsdb
