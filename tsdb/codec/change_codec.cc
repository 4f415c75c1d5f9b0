#include "tsdb/codec/change_codec.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/io/varint.h"
#include "base/model/sample.h"
#include "base/status_macros.h"
#include "tsdb/codec/value_column.h"

namespace tidemark::tsdb {
namespace {

absl::Status Damaged() { return absl::DataLossError("damaged column of changes"); }

// Lengths of runs take a byte each, the bitmap a bit for each value.
bool UsesRunLengths(size_t num_runs, size_t num_values) { return num_runs * 8 < num_values; }

// A bit for each value but the first: whether it differs from the one before it.
constexpr size_t BitmapBytes(size_t num_values) { return (num_values + 6) / 8; }

void AppendRunLengths(std::span<const double> values, std::string* out) {
  size_t start = 0;
  for (size_t i = 1; i < values.size(); ++i) {
    if (SameBits(values[i], values[i - 1])) continue;
    AppendVarint(i - start, out);
    start = i;
  }
}

void AppendBitmap(std::span<const double> values, std::string* out) {
  const size_t start = out->size();
  out->resize(start + BitmapBytes(values.size()));
  for (size_t i = 1; i < values.size(); ++i) {
    if (!SameBits(values[i], values[i - 1])) (*out)[start + (i - 1) / 8] |= 1 << ((i - 1) % 8);
  }
}

absl::Status FillRuns(std::string_view lengths, std::span<const double> runs,
                      std::span<double> values) {
  for (const double value : runs.first(runs.size() - 1)) {
    const std::optional<uint64_t> length = ConsumeVarint(lengths);
    if (!length || *length == 0 || *length >= values.size()) return Damaged();
    std::fill_n(values.begin(), *length, value);
    values = values.subspan(*length);
  }
  std::fill(values.begin(), values.end(), runs.back());
  return absl::OkStatus();
}

absl::Status FillByBitmap(std::string_view bitmap, std::span<const double> runs,
                          std::span<double> values) {
  size_t run = 0;
  values[0] = runs[0];
  for (size_t i = 1; i < values.size(); ++i) {
    run += static_cast<uint8_t>(bitmap[(i - 1) / 8]) >> ((i - 1) % 8) & 1;
    if (run >= runs.size()) return Damaged();
    values[i] = runs[run];
  }
  return run + 1 == runs.size() ? absl::OkStatus() : Damaged();
}

// Drops the lengths of all runs but the last from `bytes` and returns them.
std::optional<std::string_view> ConsumeRunLengths(std::string_view& bytes, size_t num_runs) {
  const std::string_view lengths = bytes;
  for (size_t i = 1; i < num_runs; ++i) {
    if (!ConsumeVarint(bytes)) return std::nullopt;
  }
  return lengths.substr(0, lengths.size() - bytes.size());
}

}  // namespace

size_t ChangeCodec::CountRuns(std::span<const double> values) {
  size_t num_runs = values.empty() ? 0 : 1;
  for (size_t i = 1; i < values.size(); ++i) num_runs += !SameBits(values[i], values[i - 1]);
  return num_runs;
}

void ChangeCodec::Encode(std::span<const double> values, std::string* out) {
  std::vector<double> runs = {values[0]};
  for (size_t i = 1; i < values.size(); ++i) {
    if (!SameBits(values[i], values[i - 1])) runs.push_back(values[i]);
  }
  AppendVarint(runs.size(), out);
  if (UsesRunLengths(runs.size(), values.size())) {
    AppendRunLengths(values, out);
  } else {
    AppendBitmap(values, out);
  }
  AppendValueColumn(runs, Nesting::kInner, out);
}

absl::Status ChangeCodec::Decode(std::string_view& bytes, std::span<double> values) {
  const std::optional<uint64_t> num_runs = ConsumeVarint(bytes);
  if (!num_runs || *num_runs == 0 || *num_runs > values.size()) return Damaged();
  const bool lengths = UsesRunLengths(*num_runs, values.size());
  std::optional<std::string_view> places;
  if (lengths) {
    places = ConsumeRunLengths(bytes, *num_runs);
  } else if (bytes.size() >= BitmapBytes(values.size())) {
    places = bytes.substr(0, BitmapBytes(values.size()));
    bytes.remove_prefix(places->size());
  }
  if (!places) return Damaged();
  static thread_local std::vector<double> runs;
  runs.resize(*num_runs);
  RETURN_IF_ERROR(ConsumeValueColumn(bytes, Nesting::kInner, runs));
  return lengths ? FillRuns(*places, runs, values) : FillByBitmap(*places, runs, values);
}

}  // namespace tidemark::tsdb
