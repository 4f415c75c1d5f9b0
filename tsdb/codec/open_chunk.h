#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "base/model/sample.h"
#include "base/model/timestamp.h"

namespace tidemark::tsdb {

// The newest samples of a series, compressed as they come: what the head holds per series. A value
// that stays as it is at a regular interval takes no memory beyond the object; a counter scraped
// regularly takes one to three bytes a sample; a true double seven to nine. Times that jitter by
// some milliseconds take a byte more.
// Its tokens live in memory and in the checkpoint of the head, which is rewritten every few
// minutes; Seal gives what may be stored for longer. Thread-compatible. Movable; a chunk moved from
// is empty. Cost: Append tens of nanoseconds, now and then a reallocation; Decode a few nanoseconds
// a sample.
class OpenChunk {
 public:
  static constexpr size_t kMaxSamples = 2048;

  OpenChunk() = default;
  OpenChunk(OpenChunk&& other) noexcept;
  OpenChunk& operator=(OpenChunk&& other) noexcept;
  OpenChunk(const OpenChunk&) = delete;
  OpenChunk& operator=(const OpenChunk&) = delete;
  ~OpenChunk();

  // Adds a sample later than all before it. Not when the chunk is full.
  void Append(TimestampMs timestamp, double value);

  size_t size() const { return state_.num_samples; }
  bool empty() const { return size() == 0; }
  bool full() const { return size() == kMaxSamples; }
  // Not of an empty chunk.
  TimestampMs first_timestamp() const { return state_.first_timestamp; }
  TimestampMs last_timestamp() const { return state_.last_timestamp; }
  double last_value() const { return state_.last_value; }

  // Has the place where the next sample goes fetched into the cache.
  void PrefetchEnd() const {
    if (state_.tokens != nullptr) __builtin_prefetch(state_.tokens + state_.token_bytes, 1);
  }

  // Appends all samples to `out`, which need not be empty.
  void Decode(SampleColumns& out) const;
  // The samples as a chunk for EncodeChunk's readers.
  std::string Seal() const;
  // Appends an image from which appending goes on where it stands: versioned, no decoding.
  void Save(std::string* out) const;
  // Takes an image off the front of `bytes`, which may be any bytes.
  //   DataLoss  not an image, or one of a later version; `bytes` is then anywhere
  static absl::StatusOr<OpenChunk> Load(std::string_view& bytes);
  // Memory held, this object included.
  size_t bytes() const;

 private:
  // Samples are written as tokens (open_chunk.cc). Those that only repeat the last value after the
  // last interval are counted instead, and written once something else comes.
  struct State {
    TimestampMs first_timestamp = 0, last_timestamp = 0;
    int64_t interval = 0;  // between the last two samples
    double last_value = 0;
    char* tokens = nullptr;    // owned, from malloc; null until some sample is not a repetition
    uint16_t token_bytes = 0;  // its length; how much is allocated follows from it
    uint16_t num_samples = 0;
    uint16_t num_repeated = 0;  // at the end and not written yet; all samples while tokens is null
    uint8_t exponent : 4 = 0;   // values are written as whole numbers over this power of ten
    bool in_steps : 1 = false;  // at the end of the tokens
    bool was_steady : 1 = false;  // there, and the last step did not change the interval
    uint8_t num_odd = 0;          // how many values could not be; from kMaxOdd on none is tried
  };

  static bool IsSound(const State& state, std::string_view tokens);
  bool Repeats(int64_t interval, double value) const;
  void StartTokens();
  void WriteRepeated();
  void WriteSample(int64_t interval, double value);
  void EndSteps();
  void WriteInterval(int64_t interval);
  void WriteValue(double value);
  bool WriteScaled(double value);
  void WriteToken(const char* bytes, size_t size);

  State state_;
};

}  // namespace tidemark::tsdb
