#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "base/model/timestamp.h"
#include "scrape/discovery/provider.h"

namespace tidemark::scrape {

// `file_sd_configs`: target groups from JSON and YAML files, read again when their directories
// change and every refresh interval. A file that cannot be read keeps the groups that it had.
class FileDiscovery : public ComparedDiscoveryConfig<FileDiscovery> {
 public:
  static constexpr std::string_view kMechanism = "file";

  //   InvalidArgument  "FILE:LINE: reason"
  static absl::StatusOr<FileDiscovery> Read(const YamlNode& node, const DiscoveryReaders& readers);

  std::string_view mechanism() const override { return kMechanism; }
  void Run(DiscoveryRun& run) const override;

  // The files that the patterns stand for now, each once.
  std::vector<std::string> Files() const;

  friend bool operator==(const FileDiscovery& a, const FileDiscovery& b) {
    return a.patterns == b.patterns && a.refresh_interval == b.refresh_interval;
  }

  std::vector<std::string> patterns;  // absolute or relative to the process
  DurationMs refresh_interval = 5 * kMinute;
};

// The groups of one file, each with its `__meta_filepath`.
//   NotFound, PermissionDenied, Internal, InvalidArgument
absl::StatusOr<std::vector<TargetGroup>> ReadTargetFile(const std::string& path);

}  // namespace tidemark::scrape
