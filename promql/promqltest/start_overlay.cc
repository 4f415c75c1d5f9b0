#include "promql/promqltest/start_overlay.h"

#include <utility>

#include "base/status_macros.h"

namespace tidemark::promql {

class OverlaidSeriesSet : public tsdb::SeriesSet {
 public:
  OverlaidSeriesSet(const StartOverlay& overlay, std::unique_ptr<tsdb::SeriesSet> series)
      : overlay_(overlay), series_(std::move(series)) {}

  size_t size() const override { return series_->size(); }
  std::string_view label_bytes(size_t i) const override { return series_->label_bytes(i); }
  absl::Status Read(size_t i, SampleColumns& out) const override {
    RETURN_IF_ERROR(series_->Read(i, out));
    const auto found = overlay_.starts_.find(labels(i));
    if (found == overlay_.starts_.end()) return absl::OkStatus();
    const auto start_of = [&starts = found->second](TimestampMs time) {
      const auto start = starts.find(time);
      return start == starts.end() ? 0 : start->second;
    };
    for (const TimestampMs time : out.timestamps) out.start_timestamps.push_back(start_of(time));
    for (size_t i = 0; i < out.histograms.size(); ++i) {
      out.histograms.SetStart(i, start_of(out.histograms.timestamps()[i]));
    }
    return absl::OkStatus();
  }

 private:
  const StartOverlay& overlay_;
  const std::unique_ptr<tsdb::SeriesSet> series_;
};

class OverlaidQuerier : public tsdb::Querier {
 public:
  OverlaidQuerier(const StartOverlay& overlay, std::unique_ptr<tsdb::Querier> querier)
      : overlay_(overlay), querier_(std::move(querier)) {}

  absl::StatusOr<std::unique_ptr<tsdb::SeriesSet>> Select(std::span<const LabelMatcher> matchers,
                                                          TimeRange range) const override {
    ASSIGN_OR_RETURN(auto series, querier_->Select(matchers, range));
    return std::make_unique<OverlaidSeriesSet>(overlay_, std::move(series));
  }
  absl::StatusOr<std::vector<std::string>> LabelNames(std::span<const LabelMatcher> matchers,
                                                      TimeRange range) const override {
    return querier_->LabelNames(matchers, range);
  }
  absl::StatusOr<std::vector<std::string>> LabelValues(std::string_view name,
                                                       std::span<const LabelMatcher> matchers,
                                                       TimeRange range) const override {
    return querier_->LabelValues(name, matchers, range);
  }

 private:
  const StartOverlay& overlay_;
  const std::unique_ptr<tsdb::Querier> querier_;
};

void StartOverlay::Add(const LoadCommand& load) {
  for (const SeriesLine& line : load.series) {
    for (size_t i = 0; i < line.starts.size(); ++i) {
      const TimestampMs time = static_cast<TimestampMs>(i) * load.interval;
      if (line.starts[i]) starts_[line.labels][time] = time + *line.starts[i];
    }
  }
}

std::unique_ptr<tsdb::Querier> StartOverlay::Over(std::unique_ptr<tsdb::Querier> querier) const {
  if (starts_.empty()) return querier;
  return std::make_unique<OverlaidQuerier>(*this, std::move(querier));
}

}  // namespace tidemark::promql
