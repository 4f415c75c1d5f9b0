#include "base/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <map>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "base/process_stats.h"

namespace tidemark {
namespace {

// The library's metrics are atomics already; these only hide its types.
class LibraryCounter : public Counter {
 public:
  explicit LibraryCounter(prometheus::Counter& counter) : counter_(counter) {}
  void Increment(double by) override { counter_.Increment(by); }
  double Value() const override { return counter_.Value(); }

 private:
  prometheus::Counter& counter_;
};

class LibraryGauge : public Gauge {
 public:
  explicit LibraryGauge(prometheus::Gauge& gauge) : gauge_(gauge) {}
  void Set(double value) override { gauge_.Set(value); }
  void Add(double by) override { gauge_.Increment(by); }
  double Value() const override { return gauge_.Value(); }

 private:
  prometheus::Gauge& gauge_;
};

class LibraryHistogram : public Histogram {
 public:
  explicit LibraryHistogram(prometheus::Histogram& histogram) : histogram_(histogram) {}
  void Observe(double value) override { histogram_.Observe(value); }

 private:
  prometheus::Histogram& histogram_;
};

prometheus::ClientMetric MakeMetric(prometheus::MetricType type, double value,
                                    const MetricLabels& labels) {
  prometheus::ClientMetric metric;
  for (const auto& [name, label_value] : labels) metric.label.push_back({name, label_value});
  (type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  return metric;
}

prometheus::MetricFamily MakeFamily(std::string name, std::string help, prometheus::MetricType type,
                                    double value) {
  return {std::move(name), std::move(help), type, {MakeMetric(type, value, {})}};
}

void AppendProcessFamilies(std::vector<prometheus::MetricFamily>& families) {
  using prometheus::MetricType;
  const ProcessStats stats = ReadProcessStats();
  const auto add = [&](const char* name, const char* help, MetricType type, double value) {
    families.push_back(MakeFamily(name, help, type, value));
  };
  add("process_cpu_seconds_total", "User and system CPU time spent, in seconds.",
      MetricType::Counter, stats.cpu_seconds);
  add("process_resident_memory_bytes", "Resident memory in bytes.", MetricType::Gauge,
      stats.resident_bytes);
  add("process_virtual_memory_bytes", "Virtual memory in bytes.", MetricType::Gauge,
      stats.virtual_bytes);
  add("process_virtual_memory_max_bytes", "Limit of virtual memory in bytes.", MetricType::Gauge,
      stats.max_virtual_bytes);
  add("process_open_fds", "Open file descriptors.", MetricType::Gauge, stats.open_fds);
  add("process_max_fds", "Limit of open file descriptors.", MetricType::Gauge, stats.max_fds);
  add("process_start_time_seconds", "Start of the process, in seconds since the Unix epoch.",
      MetricType::Gauge, stats.start_time_seconds);
}

}  // namespace

class MetricRegistry::Impl {
 public:
  // The metric of `name` and `labels` among `metrics`, made by `make` at the first call.
  template <typename Metric, typename Make>
  static Metric& FindOrMake(std::map<std::pair<std::string, MetricLabels>, Metric>& metrics,
                            std::string_view name, const MetricLabels& labels, Make make) {
    std::pair<std::string, MetricLabels> key(name, labels);
    std::sort(key.second.begin(), key.second.end());
    const auto it = metrics.find(key);
    if (it != metrics.end()) return it->second;
    return metrics.try_emplace(std::move(key), make()).first->second;
  }

  template <typename Builder>
  auto& FamilyOf(Builder builder, std::string_view name, std::string_view help)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    const auto it = help_.try_emplace(std::string(name), help).first;
    return builder.Name(it->first).Help(it->second).Register(library_);
  }

  static prometheus::Labels ToLibrary(const MetricLabels& labels) {
    return {labels.begin(), labels.end()};
  }

  void AddCallback(prometheus::MetricType type, std::string_view name, std::string_view help,
                   std::function<double()> read, const MetricLabels& labels)
      ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    CallbackFamily& family = callbacks_[std::string(name)];
    if (family.members.empty()) {
      family.type = type;
      family.help = help;
    }
    for (const auto& [known, unused] : family.members) {
      if (known == labels) return;  // the first stays, as with the metrics that are no callbacks
    }
    family.members.emplace_back(labels, std::move(read));
  }

  std::vector<prometheus::MetricFamily> Collect() const ABSL_LOCKS_EXCLUDED(mu_) {
    std::vector<prometheus::MetricFamily> families = library_.Collect();
    AppendProcessFamilies(families);
    // Callbacks may take locks of their own, so they are called without ours.
    for (const auto& [name, callback] : CallbackFamilies()) {
      prometheus::MetricFamily family{name, callback.help, callback.type, {}};
      for (const auto& [labels, read] : callback.members) {
        family.metric.push_back(MakeMetric(callback.type, read(), labels));
      }
      families.push_back(std::move(family));
    }
    std::sort(families.begin(), families.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    return families;
  }

  mutable absl::Mutex mu_;
  prometheus::Registry library_;  // thread-safe
  std::map<std::string, std::string> help_ ABSL_GUARDED_BY(mu_);
  std::map<std::pair<std::string, MetricLabels>, LibraryCounter> counters_ ABSL_GUARDED_BY(mu_);
  std::map<std::pair<std::string, MetricLabels>, LibraryGauge> gauges_ ABSL_GUARDED_BY(mu_);
  std::map<std::pair<std::string, MetricLabels>, LibraryHistogram> histograms_ ABSL_GUARDED_BY(mu_);

 private:
  struct CallbackFamily {
    prometheus::MetricType type = prometheus::MetricType::Gauge;
    std::string help;
    std::vector<std::pair<MetricLabels, std::function<double()>>> members;
  };

  std::map<std::string, CallbackFamily> CallbackFamilies() const ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    return callbacks_;
  }

  std::map<std::string, CallbackFamily> callbacks_ ABSL_GUARDED_BY(mu_);
};

MetricRegistry::MetricRegistry() : impl_(std::make_unique<Impl>()) {}
MetricRegistry::~MetricRegistry() = default;

Counter& MetricRegistry::AddCounter(std::string_view name, std::string_view help,
                                    const MetricLabels& labels) {
  absl::MutexLock lock(&impl_->mu_);
  return Impl::FindOrMake(impl_->counters_, name, labels, [&] {
    impl_->mu_.AssertHeld();
    return LibraryCounter(
        impl_->FamilyOf(prometheus::BuildCounter(), name, help).Add(Impl::ToLibrary(labels)));
  });
}

Gauge& MetricRegistry::AddGauge(std::string_view name, std::string_view help,
                                const MetricLabels& labels) {
  absl::MutexLock lock(&impl_->mu_);
  return Impl::FindOrMake(impl_->gauges_, name, labels, [&] {
    impl_->mu_.AssertHeld();
    return LibraryGauge(
        impl_->FamilyOf(prometheus::BuildGauge(), name, help).Add(Impl::ToLibrary(labels)));
  });
}

Histogram& MetricRegistry::AddHistogram(std::string_view name, std::string_view help,
                                        std::vector<double> bounds, const MetricLabels& labels) {
  absl::MutexLock lock(&impl_->mu_);
  return Impl::FindOrMake(impl_->histograms_, name, labels, [&] {
    impl_->mu_.AssertHeld();
    return LibraryHistogram(impl_->FamilyOf(prometheus::BuildHistogram(), name, help)
                                .Add(Impl::ToLibrary(labels), bounds));
  });
}

void MetricRegistry::AddGaugeCallback(std::string_view name, std::string_view help,
                                      std::function<double()> read, const MetricLabels& labels) {
  impl_->AddCallback(prometheus::MetricType::Gauge, name, help, std::move(read), labels);
}

void MetricRegistry::AddCounterCallback(std::string_view name, std::string_view help,
                                        std::function<double()> read, const MetricLabels& labels) {
  impl_->AddCallback(prometheus::MetricType::Counter, name, help, std::move(read), labels);
}

std::string MetricRegistry::Expose() const {
  return prometheus::TextSerializer().Serialize(impl_->Collect());
}

}  // namespace tidemark
