// Load for any Prometheus-compatible server: posts samples by remote write, or serves pages to be
// scraped.
//   load_generator --url http://localhost:9090/api/v1/write
//   load_generator --serve-pages 9200 --targets 50 --series 100000

#include <csignal>
#include <iostream>

#include <CLI/CLI.hpp>

#include "base/json_writer.h"
#include "base/model/duration.h"
#include "base/run/clock.h"
#include "bench/load_generator/page_server.h"
#include "bench/load_generator/remote_write_load.h"

namespace tidemark::bench {
namespace {

std::string ToJson(const LoadReport& report) {
  std::string text;
  JsonWriter json(&text);
  json.BeginObject();
  json.Key("samples").Int(static_cast<int64_t>(report.samples));
  json.Key("requests").Int(static_cast<int64_t>(report.requests));
  json.Key("failed_requests").Int(static_cast<int64_t>(report.failed_requests));
  json.Key("first_error").String(report.first_error);
  json.Key("wall_seconds").Number(report.wall_seconds);
  json.Key("generator_cpu_seconds").Number(report.cpu_seconds);
  json.Key("samples_per_second").Number(static_cast<double>(report.samples) / report.wall_seconds);
  json.Key("p50_ms").Number(report.p50_ms).Key("p99_ms").Number(report.p99_ms);
  json.Key("max_ms").Number(report.max_ms);
  json.Key("last_timestamp_ms").Int(report.last_timestamp);
  json.EndObject();
  return text;
}

int ServePages(const PageServerOptions& options) {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGINT);
  sigaddset(&stop, SIGTERM);
  sigprocmask(SIG_BLOCK, &stop, nullptr);
  const absl::StatusOr<std::unique_ptr<PageServer>> pages = PageServer::Start(options);
  if (!pages.ok()) {
    std::cerr << pages.status() << "\n";
    return 1;
  }
  std::cout << "serving on port " << (*pages)->port() << std::endl;
  int signal = 0;
  sigwait(&stop, &signal);
  return 0;
}

int Main(int argc, char** argv) {
  RemoteWriteOptions write;
  PageServerOptions pages;
  std::string interval = "15s", duration = "4h", capture;
  int64_t start_seconds = -1;
  int page_port = -1;

  CLI::App app{"Load for any Prometheus-compatible server."};
  auto* url = app.add_option("--url", write.url, "post remote write 1.0 to this URL");
  auto* serve =
      app.add_option("--serve-pages", page_port, "serve /metrics?target=N on this port (0: any)");
  url->excludes(serve);
  app.add_option("--series", write.workload.num_series, "series of the whole load")
      ->capture_default_str();
  app.add_option("--interval", interval, "between two samples of a series")->capture_default_str();
  app.add_option("--duration", duration, "time that the samples cover")->capture_default_str();
  app.add_option("--start", start_seconds,
                 "Unix time of the first sample; default: so that the last is now");
  app.add_option("--samples-per-request", write.samples_per_request)->capture_default_str();
  app.add_option("--connections", write.connections)->capture_default_str();
  app.add_option("--targets", pages.num_targets, "pages that share the series")
      ->capture_default_str();
  app.add_option("--churn", write.workload.churn, "share of series replaced an hour")
      ->capture_default_str();
  app.add_option("--seed", write.workload.seed)->capture_default_str();
  app.add_option("--jitter-ms", write.timing.max_jitter, "how late a target is scraped at most")
      ->check(CLI::Range(0, 500))
      ->capture_default_str();
  app.add_flag("--aligned", write.timing.aligned, "all targets at the same time, without jitter");
  app.add_flag("--histograms", write.histograms, "native histograms in place of the mix");
  app.add_option("--capture", capture,
                 "post the pages in this file, each behind a line `# page`, in place of the mix");
  CLI11_PARSE(app, argc, argv);
  if (write.url.empty() && page_port < 0) {
    std::cerr << "one of --url and --serve-pages is needed\n";
    return 2;
  }

  const absl::StatusOr<DurationMs> parsed_interval = ParseDuration(interval);
  const absl::StatusOr<DurationMs> parsed_duration = ParseDuration(duration);
  if (!parsed_interval.ok() || *parsed_interval <= 0 || !parsed_duration.ok()) {
    std::cerr << "--interval and --duration take durations such as 15s and 4h\n";
    return 2;
  }
  write.workload.interval = write.timing.interval = *parsed_interval;
  write.timing.seed = write.workload.seed;
  write.duration = *parsed_duration;
  if (page_port >= 0) {
    pages.workload = write.workload;
    pages.port = page_port;
    return ServePages(pages);
  }
  const TimestampMs now = Clock::Real().Now();
  write.timing.start = start_seconds >= 0
                           ? start_seconds * kSecond
                           : (now - write.duration) / *parsed_interval * *parsed_interval;
  if (!capture.empty()) {
    absl::StatusOr<std::shared_ptr<const PageCapture>> pages_of = PageCapture::Load(capture);
    if (!pages_of.ok()) {
      std::cerr << capture << ": " << pages_of.status() << "\n";
      return 1;
    }
    write.capture = *std::move(pages_of);
  }
  const LoadReport report = RunRemoteWriteLoad(write);
  std::cout << ToJson(report) << std::endl;
  return report.failed_requests == 0 ? 0 : 1;
}

}  // namespace
}  // namespace tidemark::bench

int main(int argc, char** argv) { return tidemark::bench::Main(argc, argv); }
