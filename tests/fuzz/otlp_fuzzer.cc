// Any bytes as an OTLP request, in both encodings, are answered or refused, never a crash; what is
// refused stores nothing.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/metrics.h"
#include "base/run/fake_clock.h"
#include "http/otlp/otlp_receiver.h"
#include "tests/testing/memory_store.h"

namespace tidemark::http {
namespace {

void Post(std::string_view body, std::string_view type, OtlpDeltas deltas, bool to_nhcb) {
  static MetricRegistry metrics;
  static FakeClock clock(0);
  testing::MemoryStore store;
  OtlpOptions options;
  options.histograms_to_nhcb = options.promote_scope = options.promote_all_attributes = to_nhcb;
  const Handler handler = OtlpHandler({.enabled = true,
                                       .options = [&] { return options; },
                                       .external_labels = [] { return LabelSet(); },
                                       .deltas = deltas,
                                       .clock = clock},
                                      store, metrics);
  Request request;
  request.headers = {{"Content-Type", std::string(type)}};
  request.body = std::string(body);
  const Response response = handler(request);
  if (response.status == 200) return;
  if (response.status != 400 || !store.SeriesLabels().empty()) __builtin_trap();
}

}  // namespace
}  // namespace tidemark::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using tidemark::http::OtlpDeltas;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  for (const std::string_view type : {"application/x-protobuf", "application/json"}) {
    tidemark::http::Post(body, type, OtlpDeltas::kRefuse, false);
    tidemark::http::Post(body, type, OtlpDeltas::kAccumulate, true);
  }
  return 0;
}
