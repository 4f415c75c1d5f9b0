#include "tsdb/codec/decimal_codec.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <optional>
#include <vector>

#include "base/io/varint.h"
#include "base/status_macros.h"
#include "tsdb/codec/exact_double.h"
#include "tsdb/codec/integer_codec.h"
#include "tsdb/codec/scaled_integer.h"
#include "tsdb/codec/vector_loops.h"

namespace tidemark::tsdb {
namespace {

constexpr int kNoExponent = kMaxDecimalExponent + 1;
constexpr uint8_t kHasExceptions = 0x80;
constexpr uint8_t kHasCorrections = 0x40;

absl::Status Damaged() { return absl::DataLossError("damaged decimal column"); }

int SmallestExponent(double value) {
  int64_t scaled;
  for (int exponent = 0; exponent <= kMaxDecimalExponent; ++exponent) {
    if (ToScaledInteger(value, exponent, &scaled)) return exponent;
    if (!(std::abs(value) * kPowersOfTen[exponent] < kMaxWholeNumber)) break;
  }
  return kNoExponent;
}

// What a digit costs every value, and what an exception costs, in bits.
constexpr size_t kBitsPerDigit = 3;
constexpr size_t kBitsPerException = 80;

// The exponent under which the column should be shortest; kNoExponent where a
// quarter of the values or more would be exceptions under any.
int ChooseExponent(std::span<const double> values) {
  std::array<size_t, kNoExponent + 1> needing{};
  size_t seen = 0;
  for (const double value : values) {
    ++needing[static_cast<size_t>(SmallestExponent(value))];
    ++seen;
    // True doubles are the slowest to find out about and the rarest to change
    // their mind.
    if (seen >= 16 && needing[kNoExponent] > seen / 2) return kNoExponent;
  }
  size_t num_exceptions = values.size();
  size_t best_bits = SIZE_MAX;
  int best = kNoExponent;
  for (int exponent = 0; exponent <= kMaxDecimalExponent; ++exponent) {
    const size_t newly = needing[static_cast<size_t>(exponent)];
    num_exceptions -= newly;
    if (newly == 0 || num_exceptions * 4 >= values.size()) continue;
    const size_t bits = num_exceptions * kBitsPerException +
                        values.size() * static_cast<size_t>(exponent) * kBitsPerDigit;
    if (bits < best_bits) {
      best_bits = bits;
      best = exponent;
    }
  }
  return best;
}

// An exception's place among the integers goes on as the integers before it
// did, so that it makes no jump of its own.
int64_t Continue(std::span<const int64_t> before) {
  if (before.empty()) return 0;
  const auto last = static_cast<uint64_t>(before.back());
  if (before.size() == 1) return before.back();
  return static_cast<int64_t>(2 * last - static_cast<uint64_t>(before[before.size() - 2]));
}

// By how many units of the last place a value may miss its decimal.
constexpr int64_t kMaxCorrection = 1023;

// The whole number that FromScaledInteger makes nearly `value` of, and what to
// add to the bits of what it makes; false where that is more than
// kMaxCorrection.
bool ToNearScaledInteger(double value, int exponent, int64_t* scaled, int64_t* correction) {
  const double product = value * kPowersOfTen[static_cast<size_t>(exponent)];
  if (!(std::abs(product) < kMaxWholeNumber)) return false;
  *scaled = static_cast<int64_t>(product + std::copysign(0.5, product));
  const auto bits = std::bit_cast<uint64_t>(FromScaledInteger(*scaled, exponent));
  *correction = static_cast<int64_t>(std::bit_cast<uint64_t>(value) - bits);
  return *correction >= -kMaxCorrection && *correction <= kMaxCorrection;
}

// The smallest exponent that brings most of some values near to whole numbers.
int ChooseInexactExponent(std::span<const double> values) {
  constexpr size_t kProbes = 16;
  const size_t stride = std::max<size_t>(1, values.size() / kProbes);
  for (int exponent = 0; exponent <= kMaxDecimalExponent; ++exponent) {
    size_t misses = 0;
    for (size_t i = 0; i < values.size() && misses * 8 <= kProbes; i += stride) {
      int64_t scaled;
      int64_t correction;
      misses += !ToNearScaledInteger(values[i], exponent, &scaled, &correction);
    }
    if (misses * 8 <= kProbes) return exponent;
  }
  return kNoExponent;
}

struct ScaledColumn {
  std::vector<int64_t> integers;
  std::vector<int64_t> corrections;  // all 0 but for inexact decimals
  std::vector<size_t> exceptions;    // positions, ascending
};

enum class Exactness : uint8_t { kExact, kInexact };

void Scale(std::span<const double> values, int exponent, Exactness exactness,
           ScaledColumn* column) {
  column->integers.clear();
  column->corrections.clear();
  column->exceptions.clear();
  size_t first_regular = values.size();
  for (size_t i = 0; i < values.size(); ++i) {
    int64_t scaled;
    int64_t correction = 0;
    if (exactness == Exactness::kExact
            ? ToScaledInteger(values[i], exponent, &scaled)
            : ToNearScaledInteger(values[i], exponent, &scaled, &correction)) {
      first_regular = std::min(first_regular, i);
    } else {
      scaled = Continue(column->integers);
      correction = 0;
      column->exceptions.push_back(i);
    }
    column->integers.push_back(scaled);
    column->corrections.push_back(correction);
  }
  // Exceptions at the front have nothing to go on from.
  if (first_regular == values.size()) return;
  std::fill_n(column->integers.begin(), first_regular, column->integers[first_regular]);
}

void AppendExceptions(std::span<const double> values, std::span<const size_t> positions,
                      std::string* out) {
  if (positions.empty()) return;
  AppendVarint(positions.size(), out);
  size_t last = 0;
  for (const size_t position : positions) {
    AppendVarint(position - last, out);
    AppendRawDouble(values[position], out);
    last = position;
  }
}

absl::Status ConsumeExceptions(std::string_view& bytes, std::span<double> values) {
  const std::optional<uint64_t> count = ConsumeVarint(bytes);
  if (!count || *count > values.size()) return Damaged();
  uint64_t position = 0;
  for (uint64_t i = 0; i < *count; ++i) {
    const std::optional<uint64_t> gap = ConsumeVarint(bytes);
    if (!gap || *gap >= values.size() - position) return Damaged();
    position += *gap;
    const std::optional<double> value = ConsumeRawDouble(bytes);
    if (!value) return Damaged();
    values[position] = *value;
  }
  return absl::OkStatus();
}

}  // namespace

bool DecimalCodec::Encode(std::span<const double> values, std::string* out) {
  if (values.empty()) return true;
  const int exponent = ChooseExponent(values);
  if (exponent == kNoExponent) return false;
  static thread_local ScaledColumn column;
  Scale(values, exponent, Exactness::kExact, &column);
  out->push_back(static_cast<char>(exponent | (column.exceptions.empty() ? 0 : kHasExceptions)));
  IntegerCodec::Encode(column.integers, out);
  AppendExceptions(values, column.exceptions, out);
  return true;
}

bool DecimalCodec::EncodeInexact(std::span<const double> values, std::string* out) {
  if (values.empty()) return false;
  const int exponent = ChooseInexactExponent(values);
  if (exponent == kNoExponent) return false;
  static thread_local ScaledColumn column;
  Scale(values, exponent, Exactness::kInexact, &column);
  if (column.exceptions.size() * 4 >= values.size()) return false;
  const uint8_t exceptions = column.exceptions.empty() ? 0 : kHasExceptions;
  out->push_back(static_cast<char>(exponent | kHasCorrections | exceptions));
  IntegerCodec::Encode(column.integers, out);
  IntegerCodec::Encode(column.corrections, out);
  AppendExceptions(values, column.exceptions, out);
  return true;
}

absl::Status DecimalCodec::Decode(std::string_view& bytes, std::span<double> values) {
  if (values.empty()) return absl::OkStatus();
  if (bytes.empty()) return Damaged();
  const auto header = static_cast<uint8_t>(bytes.front());
  const int exponent = header & ~(kHasExceptions | kHasCorrections);
  if (exponent > kMaxDecimalExponent) return Damaged();
  bytes.remove_prefix(1);
  RETURN_IF_ERROR(IntegerCodec::DecodeScaled(bytes, exponent, values));
  if ((header & kHasCorrections) != 0) {
    static thread_local std::vector<int64_t> integers;
    integers.resize(values.size());
    RETURN_IF_ERROR(IntegerCodec::Decode(bytes, integers));
    for (size_t i = 0; i < values.size(); ++i) {
      values[i] = std::bit_cast<double>(std::bit_cast<uint64_t>(values[i]) +
                                        static_cast<uint64_t>(integers[i]));
    }
  }
  return (header & kHasExceptions) != 0 ? ConsumeExceptions(bytes, values) : absl::OkStatus();
}

}  // namespace tidemark::tsdb
