#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The server's own metrics, served at /metrics. prometheus-cpp is behind it. Names and labels are
// those of Prometheus where it has the metric (reference: docs/operations.md).
namespace tidemark {

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

// Handles live as long as their registry; all calls are thread-safe and cheap enough for hot paths.
class Counter {
 public:
  virtual ~Counter() = default;
  virtual void Increment(double by = 1) = 0;  // by >= 0
  virtual double Value() const = 0;
};
class Gauge {
 public:
  virtual ~Gauge() = default;
  virtual void Set(double value) = 0;
  virtual void Add(double by) = 0;
  virtual double Value() const = 0;
};
class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void Observe(double value) = 0;
};

class MetricRegistry {
 public:
  MetricRegistry();
  ~MetricRegistry();
  MetricRegistry(const MetricRegistry&) = delete;
  MetricRegistry& operator=(const MetricRegistry&) = delete;

  // The metric of that name and those labels, made at the first call; `help` of the first call
  // stays.
  Counter& AddCounter(std::string_view name, std::string_view help,
                      const MetricLabels& labels = {});
  Gauge& AddGauge(std::string_view name, std::string_view help, const MetricLabels& labels = {});
  Histogram& AddHistogram(std::string_view name, std::string_view help, std::vector<double> bounds,
                          const MetricLabels& labels = {});
  // A gauge whose value `read` gives at each exposition, from any thread. What `read` uses outlives
  // the registry. The `read` of the first call for a name and labels stays.
  void AddGaugeCallback(std::string_view name, std::string_view help, std::function<double()> read,
                        const MetricLabels& labels = {});
  // The same for a value that only rises.
  void AddCounterCallback(std::string_view name, std::string_view help,
                          std::function<double()> read, const MetricLabels& labels = {});

  // All metrics in the Prometheus text format 0.0.4, process_* included.
  std::string Expose() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark
