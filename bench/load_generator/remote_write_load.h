#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "bench/load_generator/page_capture.h"
#include "bench/load_generator/sample_source.h"
#include "bench/load_generator/workload.h"

namespace tidemark::bench {

struct RemoteWriteOptions {
  std::string url;
  WorkloadOptions workload;
  std::shared_ptr<const PageCapture> capture;  // where set, replayed in place of the workload
  bool histograms = false;                     // HistogramWorkload in place of it
  ScrapeTiming timing;
  DurationMs duration = 4 * kHour;
  size_t samples_per_request = 2000;
  size_t connections = 2;
};

struct LoadReport {
  uint64_t samples = 0;   // acknowledged
  uint64_t requests = 0;  // acknowledged
  uint64_t failed_requests = 0;
  std::string first_error;
  double wall_seconds = 0;
  double cpu_seconds = 0;                     // of the generator itself
  double p50_ms = 0, p99_ms = 0, max_ms = 0;  // of a request
  TimestampMs last_timestamp = 0;
};

// Posts the load as remote write 1.0, one sample of each series a request as Prometheus does, as
// fast as the server answers. Every connection has a part of the series to itself, so samples of a
// series come in order. A request that fails is counted and not repeated.
LoadReport RunRemoteWriteLoad(const RemoteWriteOptions& options);

}  // namespace tidemark::bench
