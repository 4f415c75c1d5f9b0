#include "tsdb/prometheus_chunk.h"

#include <optional>
#include <span>

#include "base/model/histogram_reset.h"
#include "tsdb/import/histogram_chunk_writer.h"
#include "tsdb/import/xor_chunk_writer.h"

namespace tidemark::tsdb {

class PrometheusChunkEncoder::Impl {
 public:
  void Add(const SampleColumns& samples, std::vector<PrometheusChunk>* out) {
    const std::span<const TimestampMs> histogram_times = samples.histograms.timestamps();
    size_t f = 0, h = 0;
    while (f < samples.size() || h < histogram_times.size()) {
      if (h == histogram_times.size() ||
          (f < samples.size() && samples.timestamps[f] < histogram_times[h])) {
        AddFloat(samples.timestamps[f], samples.values[f], out);
        ++f;
      } else {
        AddHistogram(samples.histograms, h, out);
        ++h;
      }
    }
  }

  void Finish(std::vector<PrometheusChunk>* out) {
    if (floats_) out->push_back(std::move(*floats_).Finish());
    if (histograms_) out->push_back(std::move(*histograms_).Finish());
    floats_.reset();
    histograms_.reset();
  }

 private:
  void AddFloat(TimestampMs timestamp, double value, std::vector<PrometheusChunk>* out) {
    if (!floats_ || floats_->size() == kPrometheusChunkSamples) {
      Finish(out);
      floats_.emplace();
    }
    floats_->Append(timestamp, value);
  }

  void AddHistogram(const HistogramColumns& histograms, size_t i,
                    std::vector<PrometheusChunk>* out) {
    const HistogramView histogram = histograms[i];
    // What was added by an earlier call is no longer there to be compared with.
    const bool reset = i > 0 ? IsCounterReset(histogram, histograms[i - 1])
                             : histogram.counter_reset_hint != CounterResetHint::kNotCounterReset;
    if (!histograms_ || histograms_->size() == kPrometheusChunkSamples ||
        !histograms_->Takes(histogram, reset)) {
      Finish(out);
      histograms_.emplace(histogram);
    }
    histograms_->Append(histograms.timestamps()[i], histogram);
  }

  // At most one of them: the chunk that is being made.
  std::optional<XorChunkWriter> floats_;
  std::optional<HistogramChunkWriter> histograms_;
};

PrometheusChunkEncoder::PrometheusChunkEncoder() : impl_(std::make_unique<Impl>()) {}
PrometheusChunkEncoder::~PrometheusChunkEncoder() = default;

void PrometheusChunkEncoder::Add(const SampleColumns& samples, std::vector<PrometheusChunk>* out) {
  impl_->Add(samples, out);
}
void PrometheusChunkEncoder::Finish(std::vector<PrometheusChunk>* out) { impl_->Finish(out); }

}  // namespace tidemark::tsdb
