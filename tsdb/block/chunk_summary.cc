#include "tsdb/block/chunk_summary.h"

#include <bit>
#include <cmath>

#include "base/io/varint.h"
#include "base/model/sample.h"
#include "tsdb/codec/exact_double.h"
#include "tsdb/codec/scaled_integer.h"

namespace tidemark::tsdb {
namespace {

// The first byte says how first and last are told and what stands as 8 raw bytes.
enum Place : uint8_t { kIsMin = 0, kIsMax = 1, kStated = 2 };
constexpr int kLastShift = 2;
constexpr uint8_t kPlaceMask = 3, kIncreaseStated = 1 << 4, kRawSum = 1 << 5, kRawIncrease = 1 << 6;
// The second byte where the values are no short decimals: all is raw.
constexpr uint8_t kRawValues = 31;

// How far, in units of the last place, a sum of roundings may lie from the decimal it would be.
constexpr int64_t kMaxSteps = 1 << 20;

uint64_t Wrap(int64_t value) { return static_cast<uint64_t>(value); }

// The values of a summary as whole numbers over a power of ten.
struct Scaled {
  int exponent = 0;
  int64_t min = 0, max = 0, first = 0, last = 0;
};

std::optional<Scaled> Scale(const ChunkSummary& s) {
  for (int e = 0; e <= kMaxDecimalExponent; ++e) {
    Scaled scaled{.exponent = e};
    if (ToScaledInteger(s.min, e, &scaled.min) && ToScaledInteger(s.max, e, &scaled.max) &&
        ToScaledInteger(s.first, e, &scaled.first) && ToScaledInteger(s.last, e, &scaled.last)) {
      return scaled;
    }
  }
  return std::nullopt;
}

Place PlaceOf(double value, const ChunkSummary& s) {
  if (SameBits(value, s.min)) return kIsMin;
  return SameBits(value, s.max) ? kIsMax : kStated;
}

// What the sum is counted from: as if the values lay evenly between the ends.
int64_t ExpectedSum(const Scaled& v, uint32_t count) {
  return static_cast<int64_t>((Wrap(v.first) + Wrap(v.last)) * count) / 2;
}
int64_t ExpectedIncrease(const Scaled& v) {
  return static_cast<int64_t>(Wrap(v.last) - Wrap(v.first));
}

// A result of additions as the nearest decimal, counted from `expected`, and, unless it is a whole
// number, the steps from that decimal to it. False where it is too far off.
bool AppendRounded(double value, int exponent, int64_t expected, std::string* out) {
  const double product = value * kPowersOfTen[static_cast<size_t>(exponent)];
  if (!(std::abs(product) < kMaxWholeNumber)) return false;
  const int64_t nearest = std::llround(product);
  const auto steps =
      static_cast<int64_t>(std::bit_cast<uint64_t>(value) -
                           std::bit_cast<uint64_t>(FromScaledInteger(nearest, exponent)));
  if (steps < -kMaxSteps || steps > kMaxSteps) return false;
  if (exponent == 0 && steps != 0) return false;
  AppendVarint(ZigZag(static_cast<int64_t>(Wrap(nearest) - Wrap(expected))), out);
  if (exponent != 0) AppendVarint(ZigZag(steps), out);
  return true;
}

bool ConsumeRounded(std::string_view& bytes, int exponent, int64_t expected, double* value) {
  const std::optional<uint64_t> nearest = ConsumeVarint(bytes);
  if (!nearest) return false;
  const std::optional<uint64_t> steps = exponent != 0 ? ConsumeVarint(bytes) : 0;
  if (!steps) return false;
  const auto scaled = static_cast<int64_t>(Wrap(expected) + Wrap(UnZigZag(*nearest)));
  *value = std::bit_cast<double>(std::bit_cast<uint64_t>(FromScaledInteger(scaled, exponent)) +
                                 Wrap(UnZigZag(*steps)));
  return true;
}

bool ConsumeRaw(std::string_view& bytes, double* value) {
  const std::optional<double> raw = ConsumeRawDouble(bytes);
  if (raw) *value = *raw;
  return raw.has_value();
}

void AppendScaledValues(const Scaled& v, Place first, Place last, std::string* out) {
  AppendVarint(ZigZag(v.min), out);
  AppendVarint(Wrap(v.max) - Wrap(v.min), out);
  if (first == kStated) AppendVarint(Wrap(v.first) - Wrap(v.min), out);
  if (last == kStated) AppendVarint(Wrap(v.last) - Wrap(v.min), out);
}

void AppendRawValues(const ChunkSummary& s, Place first, Place last, std::string* out) {
  AppendRawDouble(s.min, out);
  AppendRawDouble(s.max, out);
  if (first == kStated) AppendRawDouble(s.first, out);
  if (last == kStated) AppendRawDouble(s.last, out);
}

bool ConsumeScaledValues(std::string_view& bytes, uint8_t first, uint8_t last, Scaled* v) {
  const std::optional<uint64_t> min = ConsumeVarint(bytes);
  if (!min) return false;
  v->min = UnZigZag(*min);
  const auto consume = [&](int64_t* value) {
    const std::optional<uint64_t> above = ConsumeVarint(bytes);
    if (above) *value = static_cast<int64_t>(Wrap(v->min) + *above);
    return above.has_value();
  };
  if (!consume(&v->max)) return false;
  v->first = first == kIsMin ? v->min : v->max;
  v->last = last == kIsMin ? v->min : v->max;
  return (first != kStated || consume(&v->first)) && (last != kStated || consume(&v->last));
}

bool ConsumeRawValues(std::string_view& bytes, uint8_t first, uint8_t last, ChunkSummary* s) {
  if (!ConsumeRaw(bytes, &s->min) || !ConsumeRaw(bytes, &s->max)) return false;
  s->first = first == kIsMin ? s->min : s->max;
  s->last = last == kIsMin ? s->min : s->max;
  return (first != kStated || ConsumeRaw(bytes, &s->first)) &&
         (last != kStated || ConsumeRaw(bytes, &s->last));
}

}  // namespace

std::optional<ChunkSummary> Summarise(std::span<const TimestampMs> timestamps,
                                      std::span<const double> values) {
  ChunkSummary s;
  s.range = {timestamps.front(), timestamps.back()};
  s.num_samples = static_cast<uint32_t>(values.size());
  s.first = s.min = s.max = values.front();
  s.last = values.back();
  s.increase = s.last - s.first;
  double before = s.first;
  for (const double value : values) {
    s.sum += value;
    if (value < s.min) s.min = value;
    if (value > s.max) s.max = value;
    if (value < before) s.increase += before;
    before = value;
  }
  // A value that is not finite leaves a sum that is not.
  if (!std::isfinite(s.sum) || !std::isfinite(s.increase)) return std::nullopt;
  return s;
}

std::optional<ChunkSummary> SummariseConstant(TimeRange range, uint32_t count, double value) {
  ChunkSummary s{.range = range,
                 .num_samples = count,
                 .first = value,
                 .last = value,
                 .min = value,
                 .max = value};
  if (std::abs(value) * count < kMaxWholeNumber && value == std::trunc(value)) {
    s.sum = value * count + 0.0;
  } else {
    for (uint32_t i = 0; i < count; ++i) s.sum += value;
  }
  if (!std::isfinite(s.sum)) return std::nullopt;
  return s;
}

bool SameSummary(const ChunkSummary& a, const ChunkSummary& b) {
  return a.range == b.range && a.num_samples == b.num_samples && SameBits(a.first, b.first) &&
         SameBits(a.last, b.last) && SameBits(a.min, b.min) && SameBits(a.max, b.max) &&
         SameBits(a.sum, b.sum) && SameBits(a.increase, b.increase);
}

void AppendSummary(const ChunkSummary& s, std::string* out) {
  const Place first = PlaceOf(s.first, s), last = PlaceOf(s.last, s);
  const std::optional<Scaled> scaled = Scale(s);
  const bool increase_stated = !SameBits(s.increase, s.last - s.first);
  auto flags = static_cast<uint8_t>(first | last << kLastShift);
  if (increase_stated) flags |= kIncreaseStated;
  const size_t flags_at = out->size();
  out->push_back(0);
  out->push_back(static_cast<char>(scaled ? scaled->exponent : kRawValues));
  if (scaled) {
    AppendScaledValues(*scaled, first, last, out);
  } else {
    AppendRawValues(s, first, last, out);
  }
  const auto append_result = [&](double value, int64_t expected, uint8_t raw) {
    if (scaled && AppendRounded(value, scaled->exponent, expected, out)) return;
    flags |= raw;
    AppendRawDouble(value, out);
  };
  append_result(s.sum, scaled ? ExpectedSum(*scaled, s.num_samples) : 0, kRawSum);
  if (increase_stated) {
    append_result(s.increase, scaled ? ExpectedIncrease(*scaled) : 0, kRawIncrease);
  }
  (*out)[flags_at] = static_cast<char>(flags);
}

bool ConsumeSummary(std::string_view& bytes, ChunkSummary* s) {
  if (bytes.size() < 2) return false;
  const auto flags = static_cast<uint8_t>(bytes[0]), exponent = static_cast<uint8_t>(bytes[1]);
  bytes.remove_prefix(2);
  const uint8_t first = flags & kPlaceMask, last = flags >> kLastShift & kPlaceMask;
  if (first > kStated || last > kStated) return false;
  Scaled scaled{.exponent = exponent};
  if (exponent == kRawValues) {
    if (!ConsumeRawValues(bytes, first, last, s)) return false;
  } else {
    if (exponent > kMaxDecimalExponent) return false;
    if (!ConsumeScaledValues(bytes, first, last, &scaled)) return false;
    s->min = FromScaledInteger(scaled.min, exponent);
    s->max = FromScaledInteger(scaled.max, exponent);
    s->first = FromScaledInteger(scaled.first, exponent);
    s->last = FromScaledInteger(scaled.last, exponent);
  }
  const auto consume_result = [&](double* value, int64_t expected, uint8_t raw) {
    if ((flags & raw) != 0) return ConsumeRaw(bytes, value);
    return exponent != kRawValues && ConsumeRounded(bytes, exponent, expected, value);
  };
  if (!consume_result(&s->sum, ExpectedSum(scaled, s->num_samples), kRawSum)) return false;
  s->increase = s->last - s->first;
  return (flags & kIncreaseStated) == 0 ||
         consume_result(&s->increase, ExpectedIncrease(scaled), kRawIncrease);
}

}  // namespace tidemark::tsdb
