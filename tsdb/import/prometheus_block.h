#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

#include "base/labels/label_set.h"
#include "base/model/sample.h"
#include "tsdb/import/prometheus_chunks.h"
#include "tsdb/import/prometheus_index.h"
#include "tsdb/import/prometheus_meta.h"
#include "tsdb/prometheus_import.h"

namespace tidemark::tsdb {

// One block of Prometheus, series after series. Damage inside is passed over and reported. One
// thread. Memory: the symbols of its index, its tombstones and one series.
class PrometheusBlock {
 public:
  // `report` outlives the block.
  //   DataLoss, NotFound   the index or the tombstones cannot be read at all
  //   FailedPrecondition   a newer version wrote them
  static absl::StatusOr<std::unique_ptr<PrometheusBlock>> Open(const std::string& directory,
                                                               const PrometheusMeta& meta,
                                                               ImportReport& report);

  // The next series that has samples, ascending by label set; false at the end. Deleted
  // samples are left out.
  bool Next(LabelSet& labels, SampleColumns& samples);

 private:
  PrometheusBlock(const std::string& directory, const PrometheusMeta& meta, ImportReport& report)
      : directory_(directory),
        range_(meta.range()),
        report_(report),
        chunks_(directory + "/chunks") {}

  void ReadSamples(SampleColumns& samples);
  void ReadChunk(uint64_t ref, SampleColumns& samples);

  const std::string directory_;
  const TimeRange range_;
  ImportReport& report_;
  std::unique_ptr<PrometheusIndex> index_;
  PrometheusChunks chunks_;
  std::map<uint64_t, IntervalSet> tombstones_;
  IndexedSeries series_;
  LabelSet last_labels_;
  SampleColumns chunk_;
};

}  // namespace tidemark::tsdb
