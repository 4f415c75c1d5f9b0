#include "scrape/loop/scrape_request.h"

#include <algorithm>

#include "base/model/float_format.h"
#include "base/net/http_status.h"
#include "base/strings.h"
#include "scrape/expfmt/page_format.h"

namespace tidemark::scrape {
namespace {

constexpr int kOk = 200;
// Where no limit is configured: more than any page has, less than what an endless one or a
// compressed nothing would otherwise fill.
constexpr size_t kMaxPageBytes = 256 << 20;

}  // namespace

HttpRequest ScrapeRequest(const Target& target, const ScrapeConfig& config) {
  HttpRequest request;
  request.url = target.url;
  request.timeout = target.timeout;
  request.accept_gzip = config.enable_compression;
  request.headers = {{"Accept", AcceptHeader(config.formats)},
                     {"X-Prometheus-Scrape-Timeout-Seconds",
                      FormatFloat(static_cast<double>(target.timeout) / kSecond)}};
  if (!config.enable_compression) request.headers.emplace_back("Accept-Encoding", "identity");
  // A body as large as the limit is over it already; the client has no bound of zero bytes.
  request.max_body_bytes =
      config.body_size_limit > 0 ? std::max<size_t>(config.body_size_limit - 1, 1) : kMaxPageBytes;
  return request;
}

absl::StatusOr<HttpResponse> CheckResponse(absl::StatusOr<HttpResponse> response) {
  if (!response.ok() || response->status == kOk) return response;
  return absl::UnavailableError(
      StrCat("server returned HTTP status ", HttpStatusText(response->status)));
}

}  // namespace tidemark::scrape
