#pragma once

#include <cstddef>
#include <memory>

#include "absl/status/statusor.h"

#include "bench/load_generator/workload.h"

namespace tidemark::http {
class HttpServer;
}

namespace tidemark::bench {

struct PageServerOptions {
  WorkloadOptions workload;  // num_series is that of all targets together
  size_t num_targets = 50;
  int port = 0;  // 0: any free one
};

// Serves the load as pages of the text format on the loopback interface: /metrics?target=N is the
// page of target N, and every request of it moves its series on by one step. Labels that the
// scraper gives (job, instance) are left out. Serves as long as it lives. Thread-safe.
class PageServer {
 public:
  // Unavailable where the port cannot be had.
  static absl::StatusOr<std::unique_ptr<PageServer>> Start(const PageServerOptions& options);
  ~PageServer();

  int port() const;

 private:
  class Target;
  explicit PageServer(const PageServerOptions& options);

  std::vector<std::unique_ptr<Target>> targets_;
  std::unique_ptr<http::HttpServer> server_;
};

}  // namespace tidemark::bench
