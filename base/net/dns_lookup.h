#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

// DNS questions, asked of the servers of /etc/resolv.conf with its search list. c-ares is behind
// it.
namespace tidemark {

enum class DnsType { kSrv, kA, kAaaa, kMx, kNs };

struct DnsRecord {
  std::string target;  // an address, or a name without the dot at its end
  uint16_t port = 0;   // of SRV records
};

struct DnsQuestion {
  std::vector<std::string> names;
  DnsType type = DnsType::kSrv;
  std::string servers;  // "127.0.0.1:5353,[::1]:53" in place of those of the system

  friend bool operator==(const DnsQuestion&, const DnsQuestion&) = default;
};

// The records of each name, all asked for at once; none where a name does not exist or has none of
// the type. Gives up soon after `cancelled` says true. Opens its sockets and reads the system's
// settings anew each time.
//   InvalidArgument   not a name
//   DeadlineExceeded  no server answered in time
//   Cancelled
//   Unavailable       the servers refuse or fail
std::vector<absl::StatusOr<std::vector<DnsRecord>>> LookUpDns(
    const DnsQuestion& question, const std::function<bool()>& cancelled);

}  // namespace tidemark
