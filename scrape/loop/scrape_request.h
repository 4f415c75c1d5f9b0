#pragma once

#include "absl/status/statusor.h"

#include "base/net/http_client.h"
#include "scrape/loop/target_labels.h"
#include "scrape/target.h"

// The HTTP side of a scrape.
namespace tidemark::scrape {

HttpRequest ScrapeRequest(const Target& target, const ScrapeConfig& config);

// The response where it has a page; Unavailable, "server returned HTTP status 500 Internal Server
// Error", where its status is not 200; the client's error as it is.
absl::StatusOr<HttpResponse> CheckResponse(absl::StatusOr<HttpResponse> response);

// Undoes the compression of a page, if there is any: its body is then what was `buffer`, whose
// capacity is used again.
//   Unavailable, ResourceExhausted  as DecodedBody
absl::Status Decompress(const ScrapeConfig& config, HttpResponse& response, std::string& buffer);

}  // namespace tidemark::scrape
