// Any bytes as the message of a remote-write request, 1.0 and 2.0, and as its compressed body, are
// stored or refused, never a crash; what 1.0 refuses leaves no sample behind, and 2.0 stores no
// more than it says; labels are read alike from the same bytes.

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

Response Write(std::string body, std::string_view content_type, testing::MemoryStore& store) {
  static MetricRegistry metrics;
  Request request;
  request.headers = {{"Content-Type", std::string(content_type)}};
  request.body = std::move(body);
  Response response = RemoteWriteHandler({}, store, metrics)(request);
  const int status = response.status;
  if (status != 204 && status != 400 && status != 413) __builtin_trap();
  return response;
}

size_t NumFloats(const testing::MemoryStore& store) {
  size_t num_floats = 0;
  for (const LabelSet& labels : store.SeriesLabels()) num_floats += store.Samples(labels).size();
  return num_floats;
}

void WriteV1(std::string body) {
  testing::MemoryStore store;
  const Response response = Write(std::move(body), "application/x-protobuf", store);
  if (response.status != 204 && !store.SeriesLabels().empty()) __builtin_trap();
}

void WriteV2(std::string body) {
  testing::MemoryStore store;
  const Response response =
      Write(std::move(body), "application/x-protobuf;proto=io.prometheus.write.v2.Request", store);
  for (const auto& [name, value] : response.headers) {
    if (name != "X-Prometheus-Remote-Write-Samples-Written") continue;
    if (NumFloats(store) > std::stoull(value)) __builtin_trap();
    return;
  }
  // Not even looked at: it could not be uncompressed.
  if (response.status == 204 || !store.SeriesLabels().empty()) __builtin_trap();
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
  tidemark::http::WriteV1(body);
  tidemark::http::WriteV1(message);
  tidemark::http::WriteV2(std::move(body));
  tidemark::http::WriteV2(message);
  return 0;
}
