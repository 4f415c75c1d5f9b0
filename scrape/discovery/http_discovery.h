#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "base/model/timestamp.h"
#include "base/net/http_client.h"
#include "scrape/discovery/provider.h"

namespace tidemark::scrape {

// `http_sd_configs`: polls a URL that answers with a JSON list of target groups, all there are.
class HttpDiscovery : public ComparedDiscoveryConfig<HttpDiscovery> {
 public:
  static constexpr std::string_view kMechanism = "http";

  //   InvalidArgument  "FILE:LINE: reason"
  static absl::StatusOr<HttpDiscovery> Read(const YamlNode& node, const DiscoveryReaders& readers);

  std::string_view mechanism() const override { return kMechanism; }
  void Run(DiscoveryRun& run) const override;

  friend bool operator==(const HttpDiscovery& a, const HttpDiscovery& b) {
    return a.url == b.url && a.refresh_interval == b.refresh_interval && a.http == b.http;
  }

  std::string url;
  DurationMs refresh_interval = kMinute;
  HttpClientOptions http;
};

}  // namespace tidemark::scrape
