#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/labels/label_set.h"
#include "base/model/timestamp.h"

namespace tidemark::bench {

// Series and what they hold, one step of time after the other: what is sent by remote write. One
// thread.
class SampleSource {
 public:
  virtual ~SampleSource() = default;

  virtual size_t size() const = 0;
  // Labels of series `i`, as of the current step.
  virtual LabelSet Labels(size_t i) const = 0;
  // True where Labels(i) has just become another series, and in the first step.
  virtual bool IsNew(size_t i) const = 0;
  // Appends what it holds in this step to the bytes of a prometheus.TimeSeries.
  virtual void AppendSample(size_t i, TimestampMs timestamp, std::string* time_series) const = 0;
  // The target whose page series `i` is on: its series share their timestamps.
  virtual size_t Target(size_t i) const = 0;
  // Goes on by one step.
  virtual void Advance() = 0;
};

// Series of floats.
class FloatSource : public SampleSource {
 public:
  virtual double Value(size_t i) const = 0;
  void AppendSample(size_t i, TimestampMs timestamp, std::string* time_series) const override;
};

// When targets are scraped: each at its own place in the interval, as Prometheus spreads them, and
// there late by a few milliseconds, another number every time.
struct ScrapeTiming {
  TimestampMs start = 0;
  DurationMs interval = 15'000;
  DurationMs max_jitter = 5;  // at most a twentieth of `interval`
  bool aligned = false;       // all targets at start + n * interval exactly
  uint64_t seed = 1;

  // Lies in [start + step * interval, start + (step + 0.95) * interval].
  TimestampMs At(size_t target, size_t step) const;
};

// An arbitrary number, always the same for the same arguments.
uint64_t RandomAt(uint64_t seed, uint64_t a, uint64_t b);

}  // namespace tidemark::bench
