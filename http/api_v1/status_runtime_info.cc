#include <unistd.h>

#include <climits>
#include <filesystem>
#include <thread>

#include "base/model/duration.h"
#include "base/process_stats.h"
#include "http/api_v1/handlers.h"

namespace tidemark::http {
namespace {

std::string HostName() {
  char name[HOST_NAME_MAX + 1] = {};
  gethostname(name, HOST_NAME_MAX);
  return name;
}

std::string WorkingDirectory() {
  std::error_code error;  // of a directory that was removed
  return std::filesystem::current_path(error).string();
}

TimestampMs ToMs(double seconds) { return static_cast<TimestampMs>(seconds * 1000); }

}  // namespace

ApiFunction RuntimeInfoHandler(const Clock& clock, MetricRegistry& metrics, DurationMs retention) {
  // Set where the configuration is read; the metrics are what says how that went.
  Gauge& reloaded = metrics.AddGauge("prometheus_config_last_reload_successful",
                                     "1 where the configuration was last read without an error.");
  Gauge& reload_time = metrics.AddGauge(
      "prometheus_config_last_reload_success_timestamp_seconds",
      "When the configuration in force was read, in seconds since the Unix epoch.");
  return [&, retention](const Request&, ApiAnswer& answer) -> absl::Status {
    JsonWriter& json = answer.data;
    json.BeginObject();
    json.Key("startTime").Rfc3339(ToMs(ReadProcessStats().start_time_seconds));
    json.Key("CWD").String(WorkingDirectory());
    json.Key("hostname").String(HostName());
    json.Key("serverTime").Rfc3339(clock.Now());
    json.Key("reloadConfigSuccess").Bool(reloaded.Value() != 0);
    json.Key("lastConfigTime").Rfc3339(ToMs(reload_time.Value()));
    json.Key("corruptionCount").Int(0);
    // Clients expect the figures of Go's runtime to be there; there is no such thing here.
    json.Key("goroutineCount").Int(0);
    json.Key("GOMAXPROCS").Int(std::thread::hardware_concurrency());
    json.Key("GOMEMLIMIT").Int(0);
    json.Key("GOGC").String("");
    json.Key("GODEBUG").String("");
    json.Key("storageRetention").String(retention > 0 ? FormatDuration(retention) : "");
    json.EndObject();
    return absl::OkStatus();
  };
}

}  // namespace tidemark::http
