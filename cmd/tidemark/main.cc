#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"

#include "base/build_info.h"
#include "base/log.h"
#include "cmd/config/configuration.h"
#include "cmd/tidemark/flags.h"
#include "cmd/tidemark/server.h"
#include "cmd/tidemark/signal_watcher.h"

namespace tidemark::server {
namespace {

// Exit statuses, as Prometheus has them.
constexpr int kBadConfiguration = 2;
constexpr int kFailed = 1, kWrongMode = 3;

int Fail(std::string_view message, const absl::Status& status, int exit_status) {
  log::Error(message, {{"err", std::string(status.message())}});
  return exit_status;
}

int Run(const Flags& flags) {
  SignalWatcher signals;
  log::Info("Starting Tidemark Server", {{"mode", flags.is_agent ? "agent" : "server"},
                                         {"version", std::string(GetBuildInfo().version)}});
  for (const std::string& warning : flags.warnings) log::Warn(warning);
  log::Info("Loading configuration file", {{"filename", flags.config_file}});
  absl::StatusOr<config::Configuration> configuration =
      config::LoadConfiguration(flags.config_file, flags.features.parser, ModeOf(flags));
  if (!configuration.ok()) {
    return Fail("Error loading config (--config.file=" + flags.config_file + ")",
                configuration.status(), kBadConfiguration);
  }
  Server server(flags, *std::move(configuration), Clock::Real());
  signals.Watch([&server] { server.Reload().IgnoreError(); }, [&server] { server.RequestStop(); });
  const absl::Status started = server.Start();
  if (started.ok()) server.WaitForStopRequest();
  signals.Stop();
  server.Stop();
  if (!started.ok()) return Fail("The server could not be started", started, kFailed);
  log::Info("See you next time!");
  return 0;
}

// By default glibc gives eight arenas to each core, most of whose memory is then free but not for
// others, and keeps freed buffers of up to 32 MiB for the next.
void BoundAllocator() {
  constexpr unsigned kMinArenas = 2, kMaxArenas = 16;
  constexpr int kMappedBytes = 1 << 20;
  mallopt(M_ARENA_MAX, static_cast<int>(std::clamp(std::thread::hardware_concurrency(), kMinArenas,
                                                   kMaxArenas)));
  mallopt(M_MMAP_THRESHOLD, kMappedBytes);
}

int Main(const std::vector<std::string>& arguments) {
  const absl::StatusOr<CommandLine> line = ParseFlags(arguments);
  if (absl::IsFailedPrecondition(line.status())) {
    std::fprintf(stderr, "%s\n", std::string(line.status().message()).c_str());
    return kWrongMode;
  }
  if (!line.ok()) {
    std::fprintf(stderr, "Error parsing command line arguments: %s\n",
                 std::string(line.status().message()).c_str());
    return kBadConfiguration;
  }
  if (!line->text.empty()) {
    std::fputs(line->text.c_str(), stdout);
    return 0;
  }
  if (const absl::Status status = log::Configure(line->flags.log_level, line->flags.log_format);
      !status.ok()) {
    return Fail("Bad log settings", status, kBadConfiguration);
  }
  return Run(line->flags);
}

}  // namespace
}  // namespace tidemark::server

int main(int argc, char** argv) {
  // Debian builds Abseil with its lock order checker on: every Lock and Unlock would look for
  // cycles.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  tidemark::server::BoundAllocator();
  return tidemark::server::Main(std::vector<std::string>(argv + 1, argv + argc));
}
