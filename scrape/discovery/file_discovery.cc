#include "scrape/discovery/file_discovery.h"

#include <sys/stat.h>

#include <filesystem>
#include <set>

#include "base/io/file.h"
#include "base/io/path_pattern.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "scrape/discovery/directory_watcher.h"
#include "scrape/discovery/target_group_reader.h"

namespace tidemark::scrape {
namespace {

constexpr std::string_view kPathLabel = "__meta_filepath";
constexpr std::string_view kExtensions[] = {".json", ".yml", ".yaml", ".JSON", ".YML", ".YAML"};

// The last path segment alone may have a `*`, before one of the known endings.
bool IsValidPattern(const std::string& pattern) {
  const size_t star = pattern.find('*');
  if (star != std::string::npos && pattern.find('/', star) != std::string::npos) return false;
  for (const std::string_view extension : kExtensions) {
    if (pattern.ends_with(extension)) return true;
  }
  return false;
}

// What reads the files of one configuration again and again.
class FileReader {
 public:
  FileReader(const FileDiscovery& config, DiscoveryRun& run)
      : config_(config),
        run_(run),
        read_errors_(run.metrics().AddCounter("prometheus_sd_file_read_errors_total",
                                              "The number of File-SD read errors.")),
        // A summary in Prometheus; `_sum` and `_count` mean the same.
        scan_duration_(run.metrics().AddHistogram("prometheus_sd_file_scan_duration_seconds",
                                                  "The duration of the File-SD scan in seconds.",
                                                  {})) {}

  // Publishes all files that are there, and the end of those that are not any more.
  void Refresh() {
    const TimestampMs begin = run_.clock().Now();
    std::vector<SourceUpdate> updates;
    std::set<std::string> present;
    for (const std::string& path : config_.Files()) {
      present.insert(path);
      absl::StatusOr<std::vector<TargetGroup>> groups = ReadTargetFile(path);
      if (groups.ok()) {
        updates.push_back({path, *std::move(groups)});
        SetModified(path);
      } else {
        read_errors_.Increment();
        log::Error("Error reading file", {{"path", path},
                                          {"config", run_.config_name()},
                                          {"err", std::string(groups.status().message())}});
      }
    }
    for (const std::string& path : known_) {
      if (!present.contains(path)) updates.push_back({path, {}});
    }
    known_ = std::move(present);
    scan_duration_.Observe(static_cast<double>(run_.clock().Now() - begin) / kSecond);
    run_.Publish(std::move(updates));
  }

 private:
  void SetModified(const std::string& path) {
    struct stat info {};
    if (stat(path.c_str(), &info) != 0) return;
    run_.metrics()
        .AddGauge("prometheus_sd_file_mtime_seconds", "When the file was last modified.",
                  {{"filename", path}})
        .Set(static_cast<double>(info.st_mtime));
  }

  const FileDiscovery& config_;
  DiscoveryRun& run_;
  Counter& read_errors_;
  Histogram& scan_duration_;
  std::set<std::string> known_;  // at the last refresh
};

}  // namespace

absl::StatusOr<std::vector<TargetGroup>> ReadTargetFile(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  const bool is_json = path.ends_with(".json") || path.ends_with(".JSON");
  ASSIGN_OR_RETURN(std::vector<TargetGroup> groups,
                   is_json ? ReadTargetGroupsJson(text) : ReadTargetGroupsYaml(text, path));
  for (TargetGroup& group : groups) {
    LabelSetBuilder labels(group.labels);
    labels.Set(kPathLabel, path);
    group.labels = labels.Build();
  }
  return groups;
}

absl::StatusOr<FileDiscovery> FileDiscovery::Read(const YamlNode& node,
                                                  const DiscoveryReaders& readers) {
  FileDiscovery config;
  YamlFields fields(node);
  fields.Read("files", &config.patterns).ReadDuration("refresh_interval", &config.refresh_interval);
  RETURN_IF_ERROR(fields.Finish());
  if (config.patterns.empty()) {
    return node.Error("file service discovery config must contain at least one path name");
  }
  for (std::string& pattern : config.patterns) {
    if (!IsValidPattern(pattern)) {
      return node.Error(StrCat("path name \"", pattern, "\" is not valid for file discovery"));
    }
    pattern = readers.resolve_path(node, pattern);
  }
  if (config.refresh_interval <= 0) return node.Error("refresh_interval must be greater than zero");
  return config;
}

std::vector<std::string> FileDiscovery::Files() const {
  std::set<std::string> files;
  for (const std::string& pattern : patterns) {
    for (std::string& path : ExpandPattern(pattern)) files.insert(std::move(path));
  }
  return {files.begin(), files.end()};
}

void FileDiscovery::Run(DiscoveryRun& run) const {
  Counter& watch_errors =
      run.metrics().AddCounter("prometheus_sd_file_watcher_errors_total",
                               "The number of File-SD errors caused by filesystem watch failures.");
  FileReader reader(*this, run);
  DirectoryWatcher watcher([&run] { run.Wake(); });
  do {
    // Watched before they are read, so that no change falls in between.
    for (const std::string& pattern : patterns) {
      const std::string parent = std::filesystem::path(pattern).parent_path().string();
      const absl::Status status = watcher.Watch(parent.empty() ? "." : parent);
      if (status.ok()) continue;
      watch_errors.Increment();
      log::Error("Error adding file watch", {{"path", parent},
                                             {"config", run.config_name()},
                                             {"err", std::string(status.message())}});
    }
    reader.Refresh();
  } while (run.WaitUntil(run.clock().Now() + refresh_interval) != DiscoveryRun::Wait::kStopped);
}

}  // namespace tidemark::scrape
