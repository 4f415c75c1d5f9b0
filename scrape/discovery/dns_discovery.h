#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "base/model/timestamp.h"
#include "base/net/dns_lookup.h"
#include "scrape/discovery/provider.h"

namespace tidemark::scrape {

// `dns_sd_configs`: polls names whose records are the targets. A lookup that fails leaves the
// targets of its name as they were; a name that does not exist has none.
class DnsDiscovery : public ComparedDiscoveryConfig<DnsDiscovery> {
 public:
  static constexpr std::string_view kMechanism = "dns";

  //   InvalidArgument  "FILE:LINE: reason"
  static absl::StatusOr<DnsDiscovery> Read(const YamlNode& node, const DiscoveryReaders& readers);

  std::string_view mechanism() const override { return kMechanism; }
  void Run(DiscoveryRun& run) const override;

  friend bool operator==(const DnsDiscovery& a, const DnsDiscovery& b) {
    return a.question == b.question && a.port == b.port && a.refresh_interval == b.refresh_interval;
  }

  DnsQuestion question;
  uint16_t port = 0;  // of all targets but those of SRV records, which say it themselves
  DurationMs refresh_interval = 30 * kSecond;
};

}  // namespace tidemark::scrape
