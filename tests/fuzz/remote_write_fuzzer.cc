// Any bytes as the message of a remote-write request, and as its compressed body, are stored or
// refused, never a crash; what is refused leaves no sample behind; labels are read alike from the
// same bytes.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/io/compression.h"
#include "base/metrics.h"
#include "http/remote/remote_write.h"
#include "http/remote/write_request.h"
#include "tests/testing/memory_store.h"

namespace tidemark::http {
namespace {

void Write(std::string body) {
  testing::MemoryStore store;
  static MetricRegistry metrics;
  Request request;
  request.body = std::move(body);
  const Response response = RemoteWriteHandler({}, store, metrics)(request);
  if (response.status == 204) return;
  if (response.status != 400 && response.status != 413) __builtin_trap();
  for (const LabelSet& labels : store.SeriesLabels()) {
    if (!store.Samples(labels).empty()) __builtin_trap();
  }
}

void ReadTwice(std::string_view message) {
  WriteRequestReader reader(message);
  WrittenSeries series;
  for (auto more = reader.Next(series); more.ok() && *more; more = reader.Next(series)) {
    const auto labels = ParseRawLabels(series.raw_labels);
    const auto again = ParseRawLabels(series.raw_labels);
    if (labels.ok() != again.ok() || (labels.ok() && *labels != *again)) __builtin_trap();
    if (labels.ok() && *labels && !(*labels)->Has(kMetricName)) __builtin_trap();
  }
}

}  // namespace
}  // namespace tidemark::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string message(reinterpret_cast<const char*>(data), size);
  tidemark::http::ReadTwice(message);
  std::string body;
  tidemark::SnappyCompress(message, &body);
  tidemark::http::Write(std::move(body));
  tidemark::http::Write(message);
  return 0;
}
