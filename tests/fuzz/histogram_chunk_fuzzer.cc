// Any bytes decode to samples or give an error, never a crash; what decodes encodes and decodes to
// the same bits, and open histograms take it too.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tsdb/codec/chunk.h"
#include "tsdb/codec/open_histograms.h"

namespace {

using tidemark::HistogramColumns;
using tidemark::SampleColumns;
using tidemark::tsdb::ConsumeHistogram;
using tidemark::tsdb::DecodeChunk;
using tidemark::tsdb::HistogramRow;
using tidemark::tsdb::OpenHistograms;

void Check(bool law) {
  if (!law) __builtin_trap();
}

void CheckChunk(std::string_view chunk) {
  SampleColumns samples, again;
  if (!DecodeChunk(chunk, samples).ok()) {
    Check(!samples.has_samples());
    return;
  }
  const HistogramColumns& histograms = samples.histograms;
  std::string encoded;
  Check(tidemark::tsdb::EncodeChunk(histograms, 0, histograms.size(), &encoded).ok());
  Check(DecodeChunk(encoded, again).ok() && SameBits(again.histograms, histograms));
}

void CheckOpenHistograms(std::string_view image) {
  const absl::StatusOr<OpenHistograms> open = OpenHistograms::Load(image);
  if (!open.ok()) return;
  std::string saved;
  open->Save(&saved);
  std::string_view rest = saved;
  const absl::StatusOr<OpenHistograms> again = OpenHistograms::Load(rest);
  HistogramColumns before, after;
  open->Decode(before);
  Check(again.ok() && rest.empty());
  again->Decode(after);
  Check(SameBits(before, after));
}

void CheckHistogram(std::string_view bytes) {
  HistogramRow row, again;
  if (!ConsumeHistogram(bytes, &row)) return;
  std::string encoded;
  tidemark::tsdb::AppendHistogram(row.view(), &encoded);
  std::string_view rest = encoded;
  Check(ConsumeHistogram(rest, &again) && rest.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  CheckChunk(bytes);
  CheckOpenHistograms(bytes);
  CheckHistogram(bytes);
  return 0;
}
