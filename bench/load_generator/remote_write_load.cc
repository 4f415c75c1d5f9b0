#include "bench/load_generator/remote_write_load.h"

#include <sys/resource.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include <protozero/pbf_writer.hpp>

#include "base/io/compression.h"
#include "base/net/http_client.h"
#include "base/strings.h"
#include "bench/load_generator/histogram_workload.h"

namespace tidemark::bench {
namespace {

// Field numbers of prometheus.WriteRequest and what is in it.
constexpr protozero::pbf_tag_type kTimeSeries = 1, kLabels = 1, kName = 1, kLabelValue = 2;

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::string EncodeLabels(const LabelSet& labels) {
  std::string bytes;
  protozero::pbf_writer series(bytes);
  for (const LabelView& label : labels) {
    protozero::pbf_writer pair(series, kLabels);
    pair.add_string(kName, label.name.data(), label.name.size());
    pair.add_string(kLabelValue, label.value.data(), label.value.size());
  }
  return bytes;
}

std::unique_ptr<SampleSource> MakeSource(const RemoteWriteOptions& options, size_t first,
                                         size_t last) {
  if (options.histograms) return std::make_unique<HistogramWorkload>(options.workload, first, last);
  if (options.capture == nullptr) {
    return std::make_unique<Workload>(options.workload, first, last);
  }
  return std::make_unique<ReplayedPages>(options.capture, first, last);
}

// One connection: a part of the series, step by step.
class Sender {
 public:
  Sender(const RemoteWriteOptions& options, size_t first, size_t last)
      : options_(options), source_(MakeSource(options, first, last)), label_bytes_(last - first) {}

  void Run() {
    const size_t steps = static_cast<size_t>(options_.duration / options_.timing.interval);
    for (size_t step = 0; step < steps; ++step) {
      for (size_t begin = 0; begin < source_->size(); begin += options_.samples_per_request) {
        Post(begin, std::min(source_->size(), begin + options_.samples_per_request), step);
      }
      source_->Advance();
    }
  }

  LoadReport report;  // counts of this connection
  std::vector<double> latencies_ms;

 private:
  void Post(size_t begin, size_t end, size_t step) {
    body_.clear();
    TimestampMs timestamp = 0;
    protozero::pbf_writer message(body_);
    for (size_t i = begin; i < end; ++i) {
      if (source_->IsNew(i)) label_bytes_[i] = EncodeLabels(source_->Labels(i));
      timestamp = options_.timing.At(source_->Target(i), step);
      scratch_.assign(label_bytes_[i]);
      source_->AppendSample(i, timestamp, &scratch_);
      message.add_message(kTimeSeries, scratch_);
    }
    HttpRequest request;
    request.method = "POST";
    request.url = options_.url;
    request.timeout = kMinute;
    request.headers = {{"Content-Type", "application/x-protobuf"},
                       {"Content-Encoding", "snappy"},
                       {"X-Prometheus-Remote-Write-Version", "0.1.0"}};
    SnappyCompress(body_, &request.body);

    const absl::Time sent = absl::Now();
    const absl::StatusOr<HttpResponse> response = client_.SendAndWait(std::move(request), {});
    latencies_ms.push_back(absl::ToDoubleMilliseconds(absl::Now() - sent));
    if (response.ok() && response->status / 100 == 2) {
      report.samples += end - begin;
      ++report.requests;
      report.last_timestamp = timestamp;
      return;
    }
    ++report.failed_requests;
    if (report.first_error.empty()) {
      report.first_error = response.ok()
                               ? StrCat("HTTP status ", response->status, ": ", response->body)
                               : response.status().ToString();
    }
  }

  const RemoteWriteOptions& options_;
  const std::unique_ptr<SampleSource> source_;
  std::vector<std::string> label_bytes_;  // by series, encoded when the series is new
  std::string body_, scratch_;
  HttpClient client_;
};

double Percentile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  return sorted[static_cast<size_t>(share * static_cast<double>(sorted.size() - 1))];
}

}  // namespace

LoadReport RunRemoteWriteLoad(const RemoteWriteOptions& options) {
  const size_t connections = std::max<size_t>(1, options.connections);
  std::vector<std::unique_ptr<Sender>> senders;
  for (size_t k = 0; k < connections; ++k) {
    const size_t n = options.workload.num_series;
    senders.push_back(
        std::make_unique<Sender>(options, n * k / connections, n * (k + 1) / connections));
  }

  const double cpu_before = CpuSeconds();
  const absl::Time begin = absl::Now();
  std::vector<std::thread> threads;
  for (const auto& sender : senders) threads.emplace_back([&sender] { sender->Run(); });
  for (std::thread& thread : threads) thread.join();

  LoadReport total;
  total.wall_seconds = absl::ToDoubleSeconds(absl::Now() - begin);
  total.cpu_seconds = CpuSeconds() - cpu_before;
  std::vector<double> latencies;
  for (const auto& sender : senders) {
    total.samples += sender->report.samples;
    total.requests += sender->report.requests;
    total.failed_requests += sender->report.failed_requests;
    if (total.first_error.empty()) total.first_error = sender->report.first_error;
    total.last_timestamp = std::max(total.last_timestamp, sender->report.last_timestamp);
    latencies.insert(latencies.end(), sender->latencies_ms.begin(), sender->latencies_ms.end());
  }
  std::sort(latencies.begin(), latencies.end());
  total.p50_ms = Percentile(latencies, 0.5);
  total.p99_ms = Percentile(latencies, 0.99);
  total.max_ms = Percentile(latencies, 1);
  return total;
}

}  // namespace tidemark::bench
