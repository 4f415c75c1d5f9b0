#include "tsdb/codec/integer_codec.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <vector>

#include "base/io/varint.h"
#include "base/status_macros.h"
#include "tsdb/codec/mini_blocks.h"
#include "tsdb/codec/shortest.h"
#include "tsdb/codec/slope_codec.h"

// All arithmetic is on uint64_t and may wrap: a sum of differences comes back right all the same.
namespace tidemark::tsdb {
namespace {

enum class Prediction : uint8_t {
  kLowest = 0,
  kDelta = 1,
  kDeltaOfDelta = 2,
  kLine = 3,
  kSlope = 4,  // the line hits every value: nothing is left over (slope_codec.h)
};

uint64_t Wrap(int64_t value) { return static_cast<uint64_t>(value); }

void AppendSigned(uint64_t value, std::string* out) {
  AppendVarint(ZigZag(static_cast<int64_t>(value)), out);
}

bool ConsumeSigned(std::string_view& bytes, uint64_t* value) {
  const std::optional<uint64_t> zigzag = ConsumeVarint(bytes);
  if (!zigzag) return false;
  *value = Wrap(UnZigZag(*zigzag));
  return true;
}

// How far up the frame of reference may start: a few outliers below it are worth a patch each.
constexpr size_t kMaxLowOutliers = 4;

// The value that `residuals` are best counted from: the lowest or one of the next few.
int64_t ChooseBase(std::span<const uint64_t> residuals) {
  std::array<int64_t, kMaxLowOutliers> lowest;
  lowest.fill(INT64_MAX);
  int64_t highest = INT64_MIN;
  for (const uint64_t wrapped : residuals) {
    int64_t value = static_cast<int64_t>(wrapped);
    highest = std::max(highest, value);
    if (value >= lowest.back()) continue;
    for (int64_t& low : lowest) {
      if (value < low) std::swap(value, low);
    }
  }
  if (residuals.empty()) return 0;
  int64_t best = lowest[0];
  if (residuals.size() <= 2 * kMaxLowOutliers) return best;
  // A later start pays only where it narrows the blocks.
  const auto width_from = [&](int64_t base) { return std::bit_width(Wrap(highest) - Wrap(base)); };
  if (width_from(lowest.back()) == width_from(best)) return best;
  static thread_local std::vector<uint64_t> shifted;
  size_t best_bytes = SIZE_MAX;
  for (size_t i = 0; i < lowest.size(); ++i) {
    if (i > 0 && width_from(lowest[i]) == width_from(lowest[i - 1])) continue;
    shifted.assign(residuals.begin(), residuals.end());
    for (uint64_t& value : shifted) value -= Wrap(lowest[i]);
    const size_t num_bytes = MiniBlocksSize(shifted);
    if (num_bytes < best_bytes) {
      best_bytes = num_bytes;
      best = lowest[i];
    }
  }
  return best;
}

void AppendResiduals(std::vector<uint64_t>& residuals, std::string* out) {
  const uint64_t base = Wrap(ChooseBase(residuals));
  AppendSigned(base, out);
  for (uint64_t& value : residuals) value -= base;
  AppendMiniBlocks(residuals, out);
}

// The step of the line from the first to the last value, rounded.
uint64_t AverageStep(std::span<const int64_t> values) {
  if (values.size() < 2) return 0;
  const auto rise = static_cast<int64_t>(Wrap(values.back()) - Wrap(values.front()));
  const auto steps = static_cast<int64_t>(values.size() - 1);
  const int64_t half = rise < 0 ? -(steps / 2) : steps / 2;
  int64_t rounded = 0;
  if (__builtin_add_overflow(rise, half, &rounded)) rounded = rise;
  return Wrap(rounded / steps);
}

void EncodePredicted(Prediction prediction, std::span<const int64_t> values, std::string* out) {
  static thread_local std::vector<uint64_t> residuals;
  residuals.clear();
  out->push_back(static_cast<char>(prediction));
  const size_t n = values.size();
  switch (prediction) {
    case Prediction::kLowest:
      for (const int64_t value : values) residuals.push_back(Wrap(value));
      break;
    case Prediction::kDelta:
      AppendSigned(Wrap(values[0]), out);
      for (size_t i = 1; i < n; ++i) residuals.push_back(Wrap(values[i]) - Wrap(values[i - 1]));
      break;
    case Prediction::kDeltaOfDelta: {
      uint64_t delta = Wrap(values[1]) - Wrap(values[0]);
      AppendSigned(Wrap(values[0]), out);
      AppendSigned(delta, out);
      for (size_t i = 2; i < n; ++i) {
        const uint64_t next = Wrap(values[i]) - Wrap(values[i - 1]);
        residuals.push_back(next - delta);
        delta = next;
      }
      break;
    }
    case Prediction::kLine: {
      const uint64_t step = AverageStep(values);
      AppendSigned(step, out);
      uint64_t line = 0;
      for (const int64_t value : values) {
        residuals.push_back(Wrap(value) - line);
        line += step;
      }
      break;
    }
    case Prediction::kSlope:
      return;  // never here
  }
  AppendResiduals(residuals, out);
}

// What stands before the residuals, and how many of the values it makes up for.
struct Prologue {
  uint64_t first = 0, step = 0, base = 0;
  size_t num_known = 0;
};

bool ConsumePrologue(Prediction prediction, std::string_view& bytes, Prologue* prologue) {
  if (prediction == Prediction::kDelta || prediction == Prediction::kDeltaOfDelta) {
    if (!ConsumeSigned(bytes, &prologue->first)) return false;
    prologue->num_known = 1;
  }
  if (prediction == Prediction::kLine || prediction == Prediction::kDeltaOfDelta) {
    if (!ConsumeSigned(bytes, &prologue->step)) return false;
    if (prediction == Prediction::kDeltaOfDelta) prologue->num_known = 2;
  }
  return ConsumeSigned(bytes, &prologue->base);
}

// Turns residuals into values, in place.
void Integrate(Prediction prediction, const Prologue& p, std::span<uint64_t> values) {
  const size_t n = values.size();
  switch (prediction) {
    case Prediction::kLowest:
      for (uint64_t& value : values) value += p.base;
      return;
    case Prediction::kLine:
      for (size_t i = 0; i < n; ++i) values[i] += p.base + i * p.step;
      return;
    case Prediction::kDelta: {
      uint64_t last = p.first;
      values[0] = last;
      for (size_t i = 1; i < n; ++i) values[i] = last += values[i] + p.base;
      return;
    }
    case Prediction::kDeltaOfDelta: {
      uint64_t delta = p.step;
      uint64_t last = p.first + delta;
      values[0] = p.first;
      values[1] = last;
      for (size_t i = 2; i < n; ++i) {
        delta += values[i] + p.base;
        values[i] = last += delta;
      }
      return;
    }
    case Prediction::kSlope:
      return;  // never here
  }
}

absl::Status Damaged() { return absl::DataLossError("damaged integer column"); }

}  // namespace

void IntegerCodec::Encode(std::span<const int64_t> values, std::string* out) {
  if (values.empty()) return;
  if (SlopeCodec::Fits(values)) {
    out->push_back(static_cast<char>(Prediction::kSlope));
    SlopeCodec::Encode(values, out);
    return;
  }
  Shortest shortest(out);
  for (const Prediction prediction :
       {Prediction::kLowest, Prediction::kDelta, Prediction::kDeltaOfDelta, Prediction::kLine}) {
    if (prediction == Prediction::kDeltaOfDelta && values.size() < 2) continue;
    shortest.Try([&](std::string* to) { EncodePredicted(prediction, values, to); });
  }
}

absl::Status IntegerCodec::Decode(std::string_view& bytes, std::span<int64_t> values) {
  if (values.empty()) return absl::OkStatus();
  if (bytes.empty() || static_cast<uint8_t>(bytes.front()) > 4) return Damaged();
  const auto prediction = static_cast<Prediction>(bytes.front());
  bytes.remove_prefix(1);
  if (prediction == Prediction::kSlope) return SlopeCodec::Decode(bytes, values);
  Prologue prologue;
  if (!ConsumePrologue(prediction, bytes, &prologue)) return Damaged();
  if (prologue.num_known > values.size()) return Damaged();
  const std::span<uint64_t> wrapped(reinterpret_cast<uint64_t*>(values.data()), values.size());
  if (!ConsumeMiniBlocks(bytes, wrapped.subspan(prologue.num_known))) return Damaged();
  Integrate(prediction, prologue, wrapped);
  return absl::OkStatus();
}

}  // namespace tidemark::tsdb
