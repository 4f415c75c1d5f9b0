#include "http/instrumentation.h"

#include <chrono>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

#include "base/strings.h"

namespace tidemark::http {
namespace {

// The figures of one route. Thread-safe.
class RouteMetrics {
 public:
  RouteMetrics(std::string_view route, MetricRegistry& metrics)
      : metrics_(metrics),
        route_(route),
        seconds_(metrics.AddHistogram("prometheus_http_request_duration_seconds",
                                      "Time to answer a request.",
                                      {.1, .2, .4, 1, 3, 8, 20, 60, 120}, {{"handler", route_}})),
        bytes_(metrics.AddHistogram(
            "prometheus_http_response_size_bytes", "Size of an answer, before compression.",
            {1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9}, {{"handler", route_}})) {
    RequestsWith(200);
  }

  void Observe(int status, size_t bytes, std::chrono::steady_clock::time_point begun) {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    RequestsWith(status).Increment();
    seconds_.Observe(took.count());
    bytes_.Observe(static_cast<double>(bytes));
  }

 private:
  Counter& RequestsWith(int code) ABSL_LOCKS_EXCLUDED(mu_) {
    const absl::MutexLock lock(&mu_);
    Counter*& counter = by_code_[code];
    if (counter == nullptr) {
      counter = &metrics_.AddCounter("prometheus_http_requests_total", "Requests answered.",
                                     {{"code", StrCat(code)}, {"handler", route_}});
    }
    return *counter;
  }

  MetricRegistry& metrics_;
  const std::string route_;
  Histogram& seconds_;
  Histogram& bytes_;
  absl::Mutex mu_;
  absl::flat_hash_map<int, Counter*> by_code_ ABSL_GUARDED_BY(mu_);
};

}  // namespace

Handler Instrumented(std::string_view route, Handler handler, MetricRegistry& metrics) {
  auto route_metrics = std::make_shared<RouteMetrics>(route, metrics);
  return [route_metrics, handler = std::move(handler)](const Request& request) {
    const auto begun = std::chrono::steady_clock::now();
    Response response = handler(request);
    if (!response.stream) {
      route_metrics->Observe(response.status, response.body.size(), begun);
      return response;
    }
    response.stream = [route_metrics, begun, status = response.status,
                       stream = std::move(response.stream)](const BodySink& sink) {
      size_t bytes = 0;
      absl::Status streamed = stream([&](std::string_view part) {
        bytes += part.size();
        return sink(part);
      });
      route_metrics->Observe(status, bytes, begun);
      return streamed;
    };
    return response;
  };
}

}  // namespace tidemark::http
