#include "tsdb/codec/bucket_steps.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace tidemark::tsdb {
namespace {

constexpr size_t kMaxSteps = 254;
constexpr size_t kMaxBuckets = size_t{1} << 22;  // kMaxHistogramCounts
// Less than m < 2^8 times 3 bits for what is above the low ones, of which there are log2(n / m).
constexpr size_t kMaxBytes = 640;

// How m numbers below n are laid out.
struct Shape {
  Shape(size_t num_buckets, size_t num_steps)
      : num_low(static_cast<size_t>(std::bit_width(num_buckets / num_steps | 1)) - 1),
        highs_at(num_low * num_steps),
        max_bits(highs_at + (num_buckets >> num_low) + num_steps) {}

  size_t num_low;   // bits of each number
  size_t highs_at;  // bits before what is above them
  size_t max_bits;  // all that there can be
};

// The bucket of each step, ascending.
class Steps {
 public:
  // False where they cannot be written.
  bool Find(std::span<const double> before, std::span<const double> now) {
    if (now.size() > kMaxBuckets) return false;
    // Without a branch on what changed, which none can predict.
    std::array<uint32_t, kMaxSteps + 2> changed;
    size_t num_changed = 0;
    for (size_t i = 0; i < now.size(); ++i) {
      changed[std::min(num_changed, kMaxSteps + 1)] = static_cast<uint32_t>(i);
      num_changed += now[i] != before[i] ? 1U : 0U;
    }
    if (num_changed > kMaxSteps) return false;
    for (const uint32_t i : std::span(changed).first(num_changed)) {
      if (!Add(i, now[i] - before[i], std::min(kMaxSteps, now.size()))) return false;
    }
    return true;
  }
  std::span<const uint32_t> buckets() const { return {buckets_.data(), size_}; }

 private:
  // With more steps than `limit` a varint for each bucket is written and read faster.
  bool Add(uint32_t bucket, double rise, size_t limit) {
    if (!(rise > 0 && rise <= static_cast<double>(limit - size_))) return false;
    for (auto left = static_cast<size_t>(rise); left > 0; --left) buckets_[size_++] = bucket;
    return true;
  }

  size_t size_ = 0;
  std::array<uint32_t, kMaxSteps> buckets_;
};

// A string of bits that are set one by one.
class BitString {
 public:
  explicit BitString(size_t num_bits) { std::fill_n(words_.begin(), num_bits / 64 + 2, 0); }

  // The low bits of `value` from bit `at` on.
  void Set(size_t at, uint64_t value) {
    words_[at / 64] |= value << (at % 64);
    if (at % 64 != 0) words_[at / 64 + 1] |= value >> (64 - at % 64);
  }
  void AppendTo(size_t num_bits, std::string* out) const {
    out->append(reinterpret_cast<const char*>(words_.data()), (num_bits + 7) / 8);
  }

 private:
  std::array<uint64_t, kMaxBytes / sizeof(uint64_t) + 2> words_;
};

// 56 bits from bit `at` on; the 8 bytes from at / 8 on can be read.
constexpr size_t kBitsRead = 56;
uint64_t BitsAt(const char* bytes, size_t at) {
  uint64_t word;
  std::memcpy(&word, bytes + at / 8, sizeof(word));
  return word >> (at % 8) & ((uint64_t{1} << kBitsRead) - 1);
}

// Calls step(high) for what is above the low bits of each number, and returns the bits up to there;
// nullopt where there are not so many numbers. The 8 bytes after the longest steps can be read.
template <typename Step>
std::optional<size_t> ForEachHigh(const char* bytes, const Shape& shape, size_t num_steps,
                                  Step step) {
  size_t i = 0;
  for (size_t at = shape.highs_at; at < shape.max_bits; at += kBitsRead) {
    for (uint64_t ones = BitsAt(bytes, at); ones != 0; ones &= ones - 1) {
      const size_t high_at = at + static_cast<size_t>(std::countr_zero(ones));
      if (!step(high_at - shape.highs_at - i)) return std::nullopt;
      if (++i == num_steps) return high_at + 1;
    }
  }
  return std::nullopt;
}

// Adds the steps at `bytes` and returns their bits.
std::optional<size_t> AddSteps(const char* bytes, const Shape& shape, size_t num_steps,
                               std::span<double> counts) {
  const auto add = [counts](size_t bucket) {
    if (bucket >= counts.size()) return false;
    counts[bucket] += 1;
    return true;
  };
  const size_t num_low = shape.num_low;
  const uint64_t low_mask = (uint64_t{1} << num_low) - 1;
  if (shape.highs_at <= kBitsRead) {
    uint64_t lows = BitsAt(bytes, 0);
    return ForEachHigh(bytes, shape, num_steps, [&](size_t high) {
      const size_t bucket = high << num_low | (lows & low_mask);
      lows >>= num_low;
      return add(bucket);
    });
  }
  size_t low_at = 0;
  return ForEachHigh(bytes, shape, num_steps, [&](size_t high) {
    const size_t bucket = high << num_low | (BitsAt(bytes, low_at) & low_mask);
    low_at += num_low;
    return add(bucket);
  });
}

}  // namespace

std::optional<size_t> AppendBucketSteps(std::span<const double> before, std::span<const double> now,
                                        std::string* out) {
  Steps steps;
  if (!steps.Find(before, now)) return std::nullopt;
  const std::span<const uint32_t> buckets = steps.buckets();
  out->push_back(static_cast<char>(buckets.size()));
  if (buckets.empty()) return 0;
  const Shape shape(now.size(), buckets.size());
  const uint64_t low_mask = (uint64_t{1} << shape.num_low) - 1;
  BitString bits(shape.max_bits);
  size_t low_at = 0, end = 0;
  for (size_t i = 0; i < buckets.size(); ++i, low_at += shape.num_low) {
    const size_t high_at = shape.highs_at + (buckets[i] >> shape.num_low) + i;
    bits.Set(low_at, buckets[i] & low_mask);
    bits.Set(high_at, 1);
    end = high_at + 1;
  }
  bits.AppendTo(end, out);
  return buckets.size();
}

std::optional<size_t> ConsumeBucketSteps(std::string_view& bytes, std::span<double> counts) {
  if (bytes.empty()) return std::nullopt;
  const auto num_steps = static_cast<uint8_t>(bytes.front());
  bytes.remove_prefix(1);
  if (num_steps == 0) return 0;
  if (num_steps > kMaxSteps || counts.empty() || counts.size() > kMaxBuckets) return std::nullopt;
  const Shape shape(counts.size(), num_steps);
  const char* from = bytes.data();
  std::array<char, kMaxBytes> padded;
  if (bytes.size() < shape.max_bits / 8 + 1 + sizeof(uint64_t)) {
    padded.fill(0);
    std::copy_n(bytes.data(), std::min(bytes.size(), padded.size()), padded.data());
    from = padded.data();
  }
  const std::optional<size_t> num_bits = AddSteps(from, shape, num_steps, counts);
  if (!num_bits || *num_bits > bytes.size() * 8) return std::nullopt;
  bytes.remove_prefix((*num_bits + 7) / 8);
  return num_steps;
}

}  // namespace tidemark::tsdb
