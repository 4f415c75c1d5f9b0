#include "tsdb/codec/integer_codec.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>
#include <optional>
#include <vector>

#include "base/io/varint.h"
#include "base/status_macros.h"
#include "tsdb/codec/mini_blocks.h"
#include "tsdb/codec/scaled_integer.h"
#include "tsdb/codec/shortest.h"
#include "tsdb/codec/slope_codec.h"
#include "tsdb/codec/vector_loops.h"

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
std::span<uint64_t> Wrapped(std::span<int64_t> values) {
  return {reinterpret_cast<uint64_t*>(values.data()), values.size()};
}

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
  switch (prediction) {
    case Prediction::kLowest:
      return AddLine(values, p.base, 0);
    case Prediction::kLine:
      return AddLine(values, p.base, p.step);
    case Prediction::kDelta:
      values[0] = p.first;
      return PrefixSum(values.subspan(1), p.first, p.base);
    case Prediction::kDeltaOfDelta:
      values[0] = p.first;
      values[1] = p.step;
      PrefixSum(values.subspan(2), p.step, p.base);
      return PrefixSum(values.subspan(1), p.first, 0);
    case Prediction::kSlope:
      return;  // never here
  }
}

// In front of a column that holds (value - offset) / factor.
constexpr uint8_t kScaled = 0x80;
// What the factor and the offset may take; less is not worth the division.
constexpr size_t kMinBitsSaved = 32;
// Differences of smaller numbers do not overflow.
constexpr int64_t kMaxScalable = int64_t{1} << 61;

// The greatest common divisor of all differences; 1 where there is none worth a scale.
int64_t CommonFactor(std::span<const int64_t> values) {
  int64_t factor = 0;
  for (const int64_t value : values) {
    if (value > kMaxScalable || value < -kMaxScalable) return 1;
    const int64_t difference = value - values.front();
    if (factor == 0 || difference % factor != 0) factor = std::gcd(factor, difference);
    if (factor == 1) return 1;
  }
  const auto bits = static_cast<size_t>(std::bit_width(static_cast<uint64_t>(factor)));
  return factor == 0 || (bits - 1) * values.size() < kMinBitsSaved ? 1 : factor;
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
  static thread_local std::vector<int64_t> quotients;
  if (const int64_t factor = CommonFactor(values); factor > 1) {
    const int64_t offset = values.front() % factor;
    out->push_back(static_cast<char>(kScaled));
    AppendVarint(ZigZag(factor), out);
    AppendVarint(ZigZag(offset), out);
    quotients.clear();
    for (const int64_t value : values) quotients.push_back((value - offset) / factor);
    values = quotients;
  }
  Shortest shortest(out);
  for (const Prediction prediction :
       {Prediction::kLowest, Prediction::kDelta, Prediction::kDeltaOfDelta, Prediction::kLine}) {
    if (prediction == Prediction::kDeltaOfDelta && values.size() < 2) continue;
    shortest.Try([&](std::string* to) { EncodePredicted(prediction, values, to); });
  }
}

namespace {

// A column whose numbers are still what is left over the prediction.
struct Residuals {
  Prediction prediction = Prediction::kLowest;
  Prologue prologue;
  uint64_t factor = 1, offset = 0;
};

// Fills `values`, of which there is one at least, from prologue.num_known on; a slope all of them.
absl::Status ConsumeResiduals(std::string_view& bytes, std::span<int64_t> values,
                              Residuals* residuals) {
  if (!bytes.empty() && static_cast<uint8_t>(bytes.front()) == kScaled) {
    bytes.remove_prefix(1);
    if (!ConsumeSigned(bytes, &residuals->factor) || !ConsumeSigned(bytes, &residuals->offset)) {
      return Damaged();
    }
  }
  if (bytes.empty() || static_cast<uint8_t>(bytes.front()) > 4) return Damaged();
  residuals->prediction = static_cast<Prediction>(bytes.front());
  bytes.remove_prefix(1);
  if (residuals->prediction == Prediction::kSlope) {
    return residuals->factor == 1 ? SlopeCodec::Decode(bytes, values) : Damaged();
  }
  Prologue& prologue = residuals->prologue;
  if (!ConsumePrologue(residuals->prediction, bytes, &prologue)) return Damaged();
  if (prologue.num_known > values.size()) return Damaged();
  if (!ConsumeMiniBlocks(bytes, Wrapped(values).subspan(prologue.num_known))) return Damaged();
  return absl::OkStatus();
}

void Finish(const Residuals& residuals, std::span<uint64_t> values) {
  if (residuals.prediction == Prediction::kSlope) return;
  Integrate(residuals.prediction, residuals.prologue, values);
  if (residuals.factor == 1) return;
  for (uint64_t& value : values) value = value * residuals.factor + residuals.offset;
}

// Finish and FromScaledIntegers in one; false where that does not go and Finish still has to be.
bool FinishScaled(const Residuals& residuals, std::span<const uint64_t> values, int exponent,
                  std::span<double> doubles) {
  if (residuals.factor != 1) return false;
  const Prologue& p = residuals.prologue;
  switch (residuals.prediction) {
    case Prediction::kLowest:
      return ScaledLine(values, p.base, 0, exponent, doubles);
    case Prediction::kLine:
      return ScaledLine(values, p.base, p.step, exponent, doubles);
    case Prediction::kDelta:
      doubles[0] = FromScaledInteger(static_cast<int64_t>(p.first), exponent);
      return ScaledPrefixSum(values.subspan(1), p.first, p.base, exponent, doubles.subspan(1));
    default:
      return false;
  }
}

}  // namespace

absl::Status IntegerCodec::Decode(std::string_view& bytes, std::span<int64_t> values) {
  if (values.empty()) return absl::OkStatus();
  Residuals residuals;
  RETURN_IF_ERROR(ConsumeResiduals(bytes, values, &residuals));
  Finish(residuals, Wrapped(values));
  return absl::OkStatus();
}

absl::Status IntegerCodec::DecodeScaled(std::string_view& bytes, int exponent,
                                        std::span<double> values) {
  if (values.empty()) return absl::OkStatus();
  static thread_local std::vector<int64_t> integers;
  integers.resize(values.size());
  Residuals residuals;
  RETURN_IF_ERROR(ConsumeResiduals(bytes, integers, &residuals));
  if (FinishScaled(residuals, Wrapped(integers), exponent, values)) return absl::OkStatus();
  Finish(residuals, Wrapped(integers));
  FromScaledIntegers(integers, exponent, values);
  return absl::OkStatus();
}

}  // namespace tidemark::tsdb
