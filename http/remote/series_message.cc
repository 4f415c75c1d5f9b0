#include "http/remote/series_message.h"

#include <cstdint>

#include "base/io/protobuf_fields.h"
#include "base/model/wire_histogram.h"

namespace tidemark::http {
namespace {

// Fields of the messages.
constexpr uint32_t kSeriesLabel = 1, kSeriesSample = 2, kSeriesHistogram = 4;
constexpr uint32_t kLabelName = 1, kLabelValue = 2;
constexpr uint32_t kSampleValue = 1, kSampleTimestamp = 2;

void AppendLabel(const LabelView& label, std::string& scratch, std::string* out) {
  scratch.clear();
  AppendBytesField(kLabelName, label.name, &scratch);
  AppendBytesField(kLabelValue, label.value, &scratch);
  AppendBytesField(kSeriesLabel, scratch, out);
}

}  // namespace

void AppendLabelFields(std::string_view labels, const LabelSet& more, std::string* out) {
  std::string scratch;
  LabelSet::Iterator other = more.begin();
  for (const LabelView& label : EncodedLabels(labels)) {
    for (; other != more.end() && other->name < label.name; ++other) {
      AppendLabel(*other, scratch, out);
    }
    if (other != more.end() && other->name == label.name) ++other;
    AppendLabel(label, scratch, out);
  }
  for (; other != more.end(); ++other) AppendLabel(*other, scratch, out);
}

void AppendSampleFields(const SampleColumns& samples, std::string* out) {
  std::string scratch;
  for (size_t i = 0; i < samples.size(); ++i) {
    scratch.clear();
    AppendDoubleField(kSampleValue, samples.values[i], &scratch);
    AppendVarintField(kSampleTimestamp, static_cast<uint64_t>(samples.timestamps[i]), &scratch);
    AppendBytesField(kSeriesSample, scratch, out);
  }
}

void AppendHistogramFields(const HistogramColumns& histograms, std::string* out) {
  std::string message, scratch;
  for (size_t i = 0; i < histograms.size(); ++i) {
    message.clear();
    AppendWireHistogram(histograms.timestamps()[i], histograms[i], scratch, &message);
    AppendBytesField(kSeriesHistogram, message, out);
  }
}

}  // namespace tidemark::http
