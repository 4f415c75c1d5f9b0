#include "tsdb/codec/open_chunk.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/base/macros.h"

#include "base/io/varint.h"
#include "tsdb/codec/chunk.h"
#include "tsdb/codec/scaled_integer.h"

// Tokens, the first byte of each telling them apart (little-endian, x = bits of the number):
//   0xxxxxxx                                 the scaled value rose by this zigzag number: a sample
//   10xxxxxx  +1, 110xxxxx +2, 1110xxxx +3   likewise, with 1 to 3 more bytes of it
//   11110000  2 count                        so many samples that repeat value and interval
//   11110001  4 zigzag change                the interval from here on; no sample
//   11110010  8 interval                     likewise, in full
//   11110011  1 exponent                     the scale from here on; no sample
//   11110100  8 zigzag number                the scaled value rose by it: a sample
//   11110101  1 zigzag change                the interval, as 11110001
//   11110110                                 steps from here on, until a byte 11111111
//   11111xxx  x+1 bytes                      the low bytes of the value XOR the last one: a sample
// A step is a sample at an interval of its own, for times that jitter:
//   xxxxxxx0                                 the interval changed by this zigzag number, the value
//   not xxxxxxx1 [scale] sample                  likewise, and here is the value: one of the tokens
//   above
// Before the first token value, interval and exponent are 0. Every sample comes one interval after
// the one before it.
namespace tidemark::tsdb {
namespace {

enum Token : uint8_t {
  kRepeat = 0xf0,
  kIntervalChange = 0xf1,
  kInterval = 0xf2,
  kExponent = 0xf3,
  kWideRise = 0xf4,
  kSmallIntervalChange = 0xf5,
  kSteps = 0xf6,
  kXor = 0xf8,
};

// A sample with more digits makes the scale of all later ones finer.
constexpr int kMaxOpenExponent = 9;
// True doubles cost a search for their scale each time, so a chunk gives up after some of them.
constexpr uint8_t kMaxOdd = 4;
constexpr size_t kMaxTokenBytes = 9;
// In steps: their end, and the largest zigzag number that is not taken for it.
constexpr uint8_t kEndOfSteps = 0xff;
constexpr uint64_t kMaxStepChange = 126;
constexpr size_t kMaxStepBytes = 1 + 2 + kMaxTokenBytes;
// So many repetitions amid steps are shorter as steps.
constexpr uint16_t kMaxRepeatedSteps = 4;
// The most a sample takes: the end of steps, its repetitions before it, an interval, a scale, a
// value.
constexpr size_t kMaxBytesPerSample = 1 + 3 + 9 + 2 + 9;
static_assert(OpenChunk::kMaxSamples * kMaxBytesPerSample <= UINT16_MAX);

// What is allocated for `used` bytes: with malloc's own 8 the next multiple of 32, of an eighth of
// the size where that is more. Any size up to it has the same capacity, so that it need not be
// kept.
constexpr size_t Capacity(size_t used) {
  constexpr size_t kMallocBytes = 8;
  used += kMallocBytes;
  const size_t step = std::max<size_t>(32, std::bit_floor(used) / 8);
  return (used + step - 1) / step * step - kMallocBytes;
}

// Times and values may lie further apart than int64_t reaches; sums of differences come back all
// the same.
int64_t AddWrapping(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
int64_t SubtractWrapping(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}

// The whole number that rises are counted from; 0 after a value that has none.
int64_t ScaledOrZero(double value, int exponent) {
  int64_t scaled;
  return ToScaledInteger(value, exponent, &scaled) ? scaled : 0;
}

template <typename T>
T Load(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

}  // namespace

OpenChunk::OpenChunk(OpenChunk&& other) noexcept : state_(std::exchange(other.state_, {})) {}

OpenChunk& OpenChunk::operator=(OpenChunk&& other) noexcept {
  if (this != &other) {
    std::free(state_.tokens);
    state_ = std::exchange(other.state_, {});
  }
  return *this;
}

OpenChunk::~OpenChunk() { std::free(state_.tokens); }

void OpenChunk::Append(TimestampMs timestamp, double value) {
  ABSL_ASSERT(!full() && (empty() || last_timestamp() < timestamp));
  const int64_t interval = SubtractWrapping(timestamp, state_.last_timestamp);
  if (empty()) {
    state_.first_timestamp = timestamp;
    ++state_.num_repeated;
  } else if (Repeats(interval, value)) {
    state_.interval = interval;
    ++state_.num_repeated;
  } else {
    if (state_.tokens == nullptr) StartTokens();
    WriteRepeated();
    WriteSample(interval, value);
  }
  state_.last_timestamp = timestamp;
  state_.last_value = value;
  ++state_.num_samples;
}

// Whether the sample is what the one before it leads one to expect. The second sample may come
// after any interval.
bool OpenChunk::Repeats(int64_t interval, double value) const {
  if (!SameBits(value, state_.last_value)) return false;
  return interval == state_.interval || (state_.tokens == nullptr && state_.num_samples == 1);
}

// Writes down the samples so far, which were one value at one interval.
void OpenChunk::StartTokens() {
  const double value = std::exchange(state_.last_value, 0.0);
  const int64_t interval = std::exchange(state_.interval, 0);
  const uint16_t num_repeated = std::exchange(state_.num_repeated, 0);
  WriteValue(value);
  state_.last_value = value;
  if (num_repeated > 1) WriteInterval(interval);
  state_.num_repeated = num_repeated - 1;
}

void OpenChunk::WriteRepeated() {
  const uint16_t count = std::exchange(state_.num_repeated, 0);
  if (count == 0) return;
  if (state_.in_steps && count <= kMaxRepeatedSteps) {
    constexpr char kSteady[kMaxRepeatedSteps] = {};
    return WriteToken(kSteady, count);
  }
  EndSteps();
  char token[3] = {static_cast<char>(kRepeat)};
  std::memcpy(token + 1, &count, sizeof(count));
  WriteToken(token, sizeof(token));
}

void OpenChunk::WriteSample(int64_t interval, double value) {
  const uint64_t change = ZigZag(SubtractWrapping(interval, state_.interval));
  // Two equal intervals in a row are taken for the end of the jitter.
  const bool is_regular = change == 0 && (!state_.in_steps || state_.was_steady);
  if (is_regular || change > kMaxStepChange) {
    EndSteps();
    if (change != 0) WriteInterval(interval);
    return WriteValue(value);
  }
  const bool same_value = SameBits(value, state_.last_value);
  const char tokens[2] = {static_cast<char>(kSteps),
                          static_cast<char>(change << 1 | (same_value ? 0 : 1))};
  if (state_.in_steps) {
    WriteToken(tokens + 1, 1);
  } else {
    WriteToken(tokens, 2);
  }
  state_.in_steps = true;
  state_.was_steady = change == 0;
  state_.interval = interval;
  if (!same_value) WriteValue(value);
}

void OpenChunk::EndSteps() {
  if (!state_.in_steps) return;
  constexpr char kEnd = static_cast<char>(kEndOfSteps);
  WriteToken(&kEnd, 1);
  state_.in_steps = state_.was_steady = false;
}

void OpenChunk::WriteInterval(int64_t interval) {
  const uint64_t change = ZigZag(SubtractWrapping(interval, state_.interval));
  char token[kMaxTokenBytes];
  size_t size = 0;
  if (change <= UINT8_MAX) {
    token[0] = static_cast<char>(kSmallIntervalChange);
    size = 1;
    std::memcpy(token + 1, &change, size);
  } else if (change <= UINT32_MAX) {
    token[0] = static_cast<char>(kIntervalChange);
    size = 4;
    std::memcpy(token + 1, &change, size);
  } else {
    token[0] = static_cast<char>(kInterval);
    size = 8;
    std::memcpy(token + 1, &interval, size);
  }
  WriteToken(token, 1 + size);
  state_.interval = interval;
}

void OpenChunk::WriteValue(double value) {
  if (WriteScaled(value)) return;
  const uint64_t difference =
      std::bit_cast<uint64_t>(value) ^ std::bit_cast<uint64_t>(state_.last_value);
  const size_t size = (static_cast<size_t>(std::bit_width(difference | 1)) + 7) / 8;
  char token[kMaxTokenBytes] = {static_cast<char>(kXor + (size - 1))};
  std::memcpy(token + 1, &difference, sizeof(difference));
  WriteToken(token, 1 + size);
}

// Writes `value` as a rise over the last one where both are whole numbers at the chunk's scale or a
// finer one; false where it is too odd for that.
bool OpenChunk::WriteScaled(double value) {
  if (state_.num_odd >= kMaxOdd) return false;
  int exponent = state_.exponent;
  int64_t scaled;
  while (!ToScaledInteger(value, exponent, &scaled)) {
    if (++exponent > kMaxOpenExponent) {
      if (std::isfinite(value)) ++state_.num_odd;
      return false;
    }
  }
  char token[kMaxTokenBytes];
  if (exponent != state_.exponent) {
    state_.exponent = static_cast<uint8_t>(exponent) & 0xf;
    token[0] = static_cast<char>(kExponent);
    token[1] = static_cast<char>(exponent);
    WriteToken(token, 2);
  }
  const uint64_t rise = ZigZag(scaled - ScaledOrZero(state_.last_value, exponent));
  const auto bits = static_cast<int>(std::bit_width(rise));
  if (bits > 28) {
    token[0] = static_cast<char>(kWideRise);
    std::memcpy(token + 1, &rise, sizeof(rise));
    WriteToken(token, 9);
    return true;
  }
  // The first byte carries as many leading ones as bytes follow it, then the high bits.
  const int more = bits <= 7 ? 0 : (bits - 1) / 7;
  token[0] = static_cast<char>((0xf0 << (4 - more) & 0xff) | rise >> (8 * more));
  std::memcpy(token + 1, &rise, sizeof(rise));
  WriteToken(token, 1 + static_cast<size_t>(more));
  return true;
}

void OpenChunk::WriteToken(const char* bytes, size_t size) {
  const size_t used = state_.token_bytes;
  const bool first = state_.tokens == nullptr;
  if (first || Capacity(used) < used + size) {
    void* grown = std::realloc(state_.tokens, Capacity(used + size));
    if (grown == nullptr) throw std::bad_alloc();
    state_.tokens = static_cast<char*>(grown);
  }
  std::memcpy(state_.tokens + used, bytes, size);
  state_.token_bytes = static_cast<uint16_t>(used + size);
}

namespace {

// Follows the tokens and puts down the samples that they stand for.
class TokenReader {
 public:
  // There is room for all samples at `timestamps` and `values`.
  TokenReader(TimestampMs first, TimestampMs* timestamps, double* values)
      : next_(first), timestamps_(timestamps), values_(values) {}

  void Read(std::string_view tokens) {
    const char* at = tokens.data();
    const char* const end = at + tokens.size();
    while (end - at >= static_cast<ptrdiff_t>(kMaxStepBytes)) at = ReadNext(at);
    // Tokens are read by whole words, which must not reach past the last.
    char rest[2 * kMaxStepBytes] = {};
    const auto num_left = static_cast<size_t>(end - at);
    std::copy(at, end, rest);
    for (const char* token = rest; token < rest + num_left;) token = ReadNext(token);
  }
  void Repeat(size_t count) {
    for (size_t i = 0; i < count; ++i) Emit();
  }

 private:
  void Emit() {
    *timestamps_++ = next_;
    *values_++ = value_;
    next_ = AddWrapping(next_, interval_);
  }
  void SetInterval(int64_t interval) {
    // `next_` stands the interval that was after the last sample.
    next_ = AddWrapping(next_, SubtractWrapping(interval, interval_));
    interval_ = interval;
  }
  void SetExponent(int exponent) {
    exponent_ = exponent;
    scaled_ = ScaledOrZero(value_, exponent);
    scaled_known_ = true;
  }
  void Rise(uint64_t zigzag) {
    if (!scaled_known_) SetExponent(exponent_);
    scaled_ = AddWrapping(scaled_, UnZigZag(zigzag));  // tokens of an image may be any
    value_ = FromScaledInteger(scaled_, exponent_);
    Emit();
  }
  void FlipBits(uint64_t difference) {
    value_ = std::bit_cast<double>(std::bit_cast<uint64_t>(value_) ^ difference);
    scaled_known_ = false;  // and seldom needed
    Emit();
  }
  // Both return where the next token or step starts. kMaxStepBytes are readable at `at`.
  const char* ReadNext(const char* at) { return in_steps_ ? ReadStep(at) : ReadToken(at); }
  const char* ReadToken(const char* at);
  const char* ReadStep(const char* at);

  TimestampMs next_;
  int64_t interval_ = 0;
  double value_ = 0;
  int64_t scaled_ = 0;  // value_ at exponent_
  bool scaled_known_ = true;
  bool in_steps_ = false;
  int exponent_ = 0;
  TimestampMs* timestamps_;
  double* values_;
};

const char* TokenReader::ReadToken(const char* at) {
  const auto head = static_cast<uint8_t>(*at);
  if (head < kRepeat) {
    // No branch on the length, which changes from token to token.
    const int more = std::countl_one(head);
    const uint64_t low = Load<uint64_t>(at + 1) & ((uint64_t{1} << (8 * more)) - 1);
    Rise(static_cast<uint64_t>(head & (0x7f >> more)) << (8 * more) | low);
    return at + 1 + more;
  }
  if (head >= kXor) {
    const int size = head - kXor + 1;
    FlipBits(Load<uint64_t>(at + 1) & (~uint64_t{0} >> (64 - 8 * size)));
    return at + 1 + size;
  }
  switch (head) {
    case kRepeat:
      Repeat(Load<uint16_t>(at + 1));
      return at + 3;
    case kSmallIntervalChange:
      SetInterval(AddWrapping(interval_, UnZigZag(Load<uint8_t>(at + 1))));
      return at + 2;
    case kIntervalChange:
      SetInterval(AddWrapping(interval_, UnZigZag(Load<uint32_t>(at + 1))));
      return at + 5;
    case kInterval:
      SetInterval(Load<int64_t>(at + 1));
      return at + 9;
    case kExponent:
      SetExponent(static_cast<uint8_t>(at[1]));
      return at + 2;
    case kSteps:
      in_steps_ = true;
      return at + 1;
    default:  // kWideRise
      Rise(Load<uint64_t>(at + 1));
      return at + 9;
  }
}

const char* TokenReader::ReadStep(const char* at) {
  const auto step = static_cast<uint8_t>(*at++);
  if (step == kEndOfSteps) {
    in_steps_ = false;
    return at;
  }
  SetInterval(AddWrapping(interval_, UnZigZag(step >> 1)));
  if (step % 2 == 0) {
    Emit();
    return at;
  }
  if (static_cast<uint8_t>(*at) == kExponent) at = ReadToken(at);
  return ReadToken(at);
}

}  // namespace

void OpenChunk::Decode(SampleColumns& out) const {
  const size_t before = out.size();
  out.timestamps.resize(before + size());
  out.values.resize(before + size());
  TimestampMs* timestamps = out.timestamps.data() + before;
  double* values = out.values.data() + before;
  if (state_.tokens == nullptr) {
    TimestampMs next = state_.first_timestamp;
    for (size_t i = 0; i < size(); ++i) {
      timestamps[i] = next;
      next = AddWrapping(next, state_.interval);
    }
    std::fill_n(values, size(), state_.last_value);
    return;
  }
  TokenReader reader(state_.first_timestamp, timestamps, values);
  reader.Read({state_.tokens, state_.token_bytes});
  reader.Repeat(state_.num_repeated);
}

std::string OpenChunk::Seal() const {
  static thread_local SampleColumns samples;
  samples.clear();
  Decode(samples);
  std::string chunk;
  EncodeChunk(samples.timestamps, samples.values, &chunk);
  return chunk;
}

namespace {

// Image of a chunk, integers little-endian:
//   1  version: 0 for a chunk without samples, which ends here; 1, without steps; 2
//   1  exponent, + 16 where the tokens end in steps, + 32 where was_steady
//   1  num_odd, 2 token_bytes, 2 num_samples, 2 num_repeated
//   8  first_timestamp, 8 last_timestamp, 8 interval, 8 last_value
//   .  token_bytes bytes of tokens
constexpr char kEmptyImage = 0;
constexpr char kFirstVersion = 1, kImageVersion = 2;
constexpr int kInStepsShift = 4, kWasSteadyShift = 5;

// Copies `fields` one after another to or from an image.
template <typename... Fields>
void WriteFields(std::string* out, const Fields&... fields) {
  (out->append(reinterpret_cast<const char*>(&fields), sizeof(fields)), ...);
}
template <typename... Fields>
bool ReadFields(std::string_view& bytes, Fields&... fields) {
  if (bytes.size() < (sizeof(fields) + ...)) return false;
  const char* at = bytes.data();
  ((std::memcpy(&fields, at, sizeof(fields)), at += sizeof(fields)), ...);
  bytes.remove_prefix((sizeof(fields) + ...));
  return true;
}

// How long the token is that starts with a byte; 0 where none does.
constexpr std::array<uint8_t, 256> TokenSizes() {
  std::array<uint8_t, 256> sizes{};
  for (int head = 0; head < kRepeat; ++head) {
    sizes[head] = static_cast<uint8_t>(1 + std::countl_one(static_cast<uint8_t>(head)));
  }
  sizes[kRepeat] = 3;
  sizes[kIntervalChange] = 5;
  sizes[kInterval] = 9;
  sizes[kExponent] = 2;
  sizes[kWideRise] = 9;
  sizes[kSmallIntervalChange] = 2;
  sizes[kSteps] = 1;
  for (int head = kXor; head < 256; ++head) sizes[head] = static_cast<uint8_t>(head - kXor + 2);
  return sizes;
}
constexpr std::array<uint8_t, 256> kTokenSizes = TokenSizes();

bool IsSample(uint8_t head) { return head < kRepeat || head >= kXor || head == kWideRise; }

// What tokens stand for.
struct TokenSummary {
  size_t num_samples = 0;
  bool in_steps = false;  // at the end
};

// Takes a token off the front; the byte that it starts with, nullopt where there is no whole one.
std::optional<uint8_t> ConsumeToken(std::string_view& tokens) {
  if (tokens.empty()) return std::nullopt;
  const auto head = static_cast<uint8_t>(tokens.front());
  const size_t size = kTokenSizes[head];
  if (size == 0 || size > tokens.size()) return std::nullopt;
  if (head == kExponent && static_cast<uint8_t>(tokens[1]) > kMaxOpenExponent) return std::nullopt;
  tokens.remove_prefix(size);
  return head;
}

// The same for a step: false where there is no whole one.
bool ConsumeStep(std::string_view& tokens, TokenSummary& summary) {
  const auto step = static_cast<uint8_t>(tokens.front());
  tokens.remove_prefix(1);
  summary.in_steps = step != kEndOfSteps;
  if (!summary.in_steps) return true;
  ++summary.num_samples;
  if (step % 2 == 0) return true;
  std::optional<uint8_t> head = ConsumeToken(tokens);
  if (head == kExponent) head = ConsumeToken(tokens);
  return head && IsSample(*head);
}

// Nullopt where they are not whole tokens.
std::optional<TokenSummary> Summarize(std::string_view tokens) {
  TokenSummary summary;
  while (!tokens.empty()) {
    if (summary.in_steps) {
      if (!ConsumeStep(tokens, summary)) return std::nullopt;
      continue;
    }
    const char* const at = tokens.data();
    const std::optional<uint8_t> head = ConsumeToken(tokens);
    if (!head) return std::nullopt;
    if (IsSample(*head)) ++summary.num_samples;
    if (*head == kRepeat) summary.num_samples += Load<uint16_t>(at + 1);
    summary.in_steps = *head == kSteps;
  }
  return summary;
}

}  // namespace

void OpenChunk::Save(std::string* out) const {
  if (empty()) {
    out->push_back(kEmptyImage);
    return;
  }
  const State& s = state_;
  const auto scale = static_cast<uint8_t>(s.exponent | s.in_steps << kInStepsShift |
                                          s.was_steady << kWasSteadyShift);
  WriteFields(out, kImageVersion, scale, s.num_odd, s.token_bytes, s.num_samples, s.num_repeated,
              s.first_timestamp, s.last_timestamp, s.interval, s.last_value);
  out->append(s.tokens, s.token_bytes);
}

// That decoding stays within num_samples and appending within what a chunk may hold. Whether the
// samples are those that were saved is for a checksum to say.
bool OpenChunk::IsSound(const State& state, std::string_view tokens) {
  if (state.num_samples == 0 || state.num_samples > kMaxSamples) return false;
  if (state.exponent > kMaxOpenExponent || state.num_odd > kMaxOdd) return false;
  if (state.first_timestamp > state.last_timestamp) return false;
  if (tokens.size() > state.num_samples * kMaxBytesPerSample) return false;
  const std::optional<TokenSummary> summary = Summarize(tokens);
  return summary && summary->in_steps == state.in_steps &&
         summary->num_samples + state.num_repeated == state.num_samples;
}

absl::StatusOr<OpenChunk> OpenChunk::Load(std::string_view& bytes) {
  OpenChunk chunk;
  char version = 0;
  if (!ReadFields(bytes, version)) return absl::DataLossError("an open chunk is cut off");
  if (version == kEmptyImage) return chunk;
  if (version < kFirstVersion || version > kImageVersion) {
    return absl::DataLossError("open chunk of an unknown version");
  }
  State s;
  uint8_t scale = 0;
  if (!ReadFields(bytes, scale, s.num_odd, s.token_bytes, s.num_samples, s.num_repeated,
                  s.first_timestamp, s.last_timestamp, s.interval, s.last_value) ||
      bytes.size() < s.token_bytes) {
    return absl::DataLossError("an open chunk is cut off");
  }
  if (scale >> kWasSteadyShift > 1) return absl::DataLossError("damaged open chunk");
  s.exponent = scale & 0xf;
  s.in_steps = scale >> kInStepsShift & 1;
  s.was_steady = scale >> kWasSteadyShift & 1;
  const std::string_view tokens = bytes.substr(0, s.token_bytes);
  bytes.remove_prefix(tokens.size());
  if (!IsSound(s, tokens)) return absl::DataLossError("damaged open chunk");
  chunk.state_ = s;
  if (!tokens.empty()) {
    chunk.state_.tokens = static_cast<char*>(std::malloc(Capacity(tokens.size())));
    if (chunk.state_.tokens == nullptr) throw std::bad_alloc();
    std::memcpy(chunk.state_.tokens, tokens.data(), tokens.size());
  }
  return chunk;
}

size_t OpenChunk::bytes() const {
  return sizeof(*this) + (state_.tokens == nullptr ? 0 : Capacity(state_.token_bytes));
}

}  // namespace tidemark::tsdb
