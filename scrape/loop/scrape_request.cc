#include "scrape/loop/scrape_request.h"

#include <algorithm>

#include "base/model/float_format.h"
#include "base/net/content_encoding.h"
#include "base/net/http_status.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "scrape/expfmt/page_format.h"

namespace tidemark::scrape {
namespace {

constexpr int kOk = 200;
// Where no limit is configured: more than any page has, less than what an endless one or a
// compressed nothing would otherwise fill.
constexpr size_t kMaxPageBytes = 256 << 20;

// A body as large as the limit is over it already; the client has no bound of zero bytes.
size_t MaxBodyBytes(const ScrapeConfig& config) {
  return config.body_size_limit > 0 ? std::max<size_t>(config.body_size_limit - 1, 1)
                                    : kMaxPageBytes;
}

}  // namespace

HttpRequest ScrapeRequest(const Target& target, const ScrapeConfig& config) {
  HttpRequest request;
  request.url = target.url;
  request.timeout = target.timeout;
  request.accept_gzip = config.enable_compression;
  request.keep_gzip = true;
  request.headers = {{"Accept", AcceptHeader(config.formats)},
                     {"X-Prometheus-Scrape-Timeout-Seconds",
                      FormatFloat(static_cast<double>(target.timeout) / kSecond)}};
  if (!config.enable_compression) request.headers.emplace_back("Accept-Encoding", "identity");
  request.max_body_bytes = MaxBodyBytes(config);
  return request;
}

absl::StatusOr<HttpResponse> CheckResponse(absl::StatusOr<HttpResponse> response) {
  if (!response.ok() || response->status == kOk) return response;
  return absl::UnavailableError(
      StrCat("server returned HTTP status ", HttpStatusText(response->status)));
}

absl::Status Decompress(const ScrapeConfig& config, HttpResponse& response, std::string& buffer) {
  const absl::StatusOr<std::string_view> body =
      DecodedBody(response, MaxBodyBytes(config), &buffer);
  RETURN_IF_ERROR(body.status());
  if (body->data() == buffer.data()) response.body.swap(buffer);
  return absl::OkStatus();
}

}  // namespace tidemark::scrape
