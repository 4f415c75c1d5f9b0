// Any bytes as the message of a remote-read request, and as its compressed body, are answered or
// refused, never a crash; an answer with samples can be uncompressed and is no larger than what is
// stored allows, and a streamed one consists of whole frames.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/io/compression.h"
#include "base/io/crc32c.h"
#include "base/io/varint.h"
#include "base/metrics.h"
#include "http/remote/remote_read.h"
#include "tests/testing/histogram_shapes.h"
#include "tests/testing/memory_store.h"

namespace tidemark::http {
namespace {

constexpr size_t kMaxAnswerBytes = 64 << 20;

const testing::MemoryStore& Store() {
  static const auto* const kStore = [] {
    auto* store = new testing::MemoryStore();
    for (const std::string_view job : {"a", "b", "c"}) {
      for (TimestampMs t = 0; t < 5000; t += 1000) {
        store->Add({{"__name__", "up"}, {"job", job}}, t, 1);
      }
    }
    const HistogramColumns histograms = testing::MakeHistograms(1, 10, /*is_float=*/false);
    for (size_t i = 0; i < histograms.size(); ++i) {
      store->AddValue({{"__name__", "latency"}}, histograms.timestamps()[i],
                      ToIntegerHistogram(histograms[i]));
    }
    return store;
  }();
  return *kStore;
}

void CheckFrames(std::string_view body) {
  while (!body.empty()) {
    const std::optional<uint64_t> size = ConsumeVarint(body);
    if (!size || body.size() < 4 || *size > body.size() - 4) __builtin_trap();
    uint32_t checksum = 0;
    for (const char c : body.substr(0, 4)) checksum = checksum << 8 | static_cast<uint8_t>(c);
    if (Crc32c(body.substr(4, *size)) != checksum) __builtin_trap();
    body.remove_prefix(4 + *size);
  }
}

void Read(std::string body) {
  static MetricRegistry metrics;
  static const Handler kHandler = RemoteReadHandler(
      {.max_bytes_in_frame = 100}, Store(),
      [] {
        return LabelSet{{"replica", "r"}};
      },
      metrics);
  Request request;
  request.body = std::move(body);
  const Response response = kHandler(request);
  if (response.status == 400) return;
  if (response.status != 200) __builtin_trap();
  if (!response.stream) {
    std::string message;
    if (!SnappyUncompress(response.body, kMaxAnswerBytes, &message).ok()) __builtin_trap();
    return;
  }
  std::string frames;
  const absl::Status status = response.stream([&](std::string_view part) {
    frames += part;
    return true;
  });
  if (!status.ok()) __builtin_trap();
  CheckFrames(frames);
}

}  // namespace
}  // namespace tidemark::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string message(reinterpret_cast<const char*>(data), size);
  std::string body;
  tidemark::SnappyCompress(message, &body);
  tidemark::http::Read(std::move(body));
  tidemark::http::Read(message);
  return 0;
}
