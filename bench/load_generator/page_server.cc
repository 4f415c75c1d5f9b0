#include "bench/load_generator/page_server.h"

#include <charconv>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"

#include "base/model/float_format.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "http/http_server.h"

namespace tidemark::bench {

// The series of one page.
class PageServer::Target {
 public:
  Target(const WorkloadOptions& options, size_t first, size_t last)
      : workload_(options, first, last), names_(last - first) {}

  std::string NextPage() ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    std::string page;
    for (size_t i = 0; i < workload_.size(); ++i) {
      if (workload_.IsNew(i)) names_[i] = Name(workload_.Labels(i));
      page.append(names_[i]);
      AppendFloat(workload_.Value(i), &page);
      page.push_back('\n');
    }
    workload_.Advance();
    return page;
  }

 private:
  static std::string Name(const LabelSet& labels) {
    return StrCat(DropLabels(labels, {"job", "instance"}).ToString(), " ");
  }

  absl::Mutex mu_;
  Workload workload_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> names_
      ABSL_GUARDED_BY(mu_);  // by series: all of the line before the value
};

PageServer::PageServer(const PageServerOptions& options) {
  const size_t n = options.workload.num_series;
  for (size_t k = 0; k < options.num_targets; ++k) {
    targets_.push_back(std::make_unique<Target>(options.workload, n * k / options.num_targets,
                                                n * (k + 1) / options.num_targets));
  }
  http::HttpServerOptions server_options;
  server_options.listen_address = StrCat("127.0.0.1:", options.port);
  server_ = std::make_unique<http::HttpServer>(server_options);
  server_->Route("GET", "/metrics", [this](const http::Request& request) {
    const std::string_view text = request.Param("target");
    size_t target = 0;
    std::from_chars(text.data(), text.data() + text.size(), target);
    if (target >= targets_.size()) return http::Response::Text(404, "no such target\n");
    http::Response response = http::Response::Text(200, targets_[target]->NextPage());
    response.content_type = "text/plain; version=0.0.4";
    return response;
  });
}

PageServer::~PageServer() { server_->Stop(); }

absl::StatusOr<std::unique_ptr<PageServer>> PageServer::Start(const PageServerOptions& options) {
  std::unique_ptr<PageServer> pages(new PageServer(options));
  RETURN_IF_ERROR(pages->server_->Start());
  return pages;
}

int PageServer::port() const { return server_->port(); }

}  // namespace tidemark::bench
