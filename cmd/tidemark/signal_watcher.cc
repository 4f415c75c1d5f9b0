#include "cmd/tidemark/signal_watcher.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include "base/log.h"

namespace tidemark::server {
namespace {

// Calls for each signal until something can be read from `wakeup`.
void WatchSignals(int signals, int wakeup, const std::function<void()>& on_reload,
                  const std::function<void()>& on_stop) {
  pollfd fds[] = {{.fd = signals, .events = POLLIN, .revents = 0},
                  {.fd = wakeup, .events = POLLIN, .revents = 0}};
  while (poll(fds, 2, -1) >= 0 || errno == EINTR) {
    if (fds[1].revents != 0) return;
    signalfd_siginfo info;
    if (read(signals, &info, sizeof(info)) != sizeof(info)) continue;
    if (info.ssi_signo == SIGHUP) {
      on_reload();
      continue;
    }
    log::Warn("Received an OS signal, exiting gracefully...",
              {{"signal", info.ssi_signo == SIGINT ? "interrupt" : "terminated"}});
    on_stop();
  }
}

}  // namespace

SignalWatcher::SignalWatcher() : wakeup_(eventfd(0, EFD_CLOEXEC)) {
  sigemptyset(&signals_);
  for (const int signal : {SIGHUP, SIGINT, SIGTERM}) sigaddset(&signals_, signal);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
}

SignalWatcher::~SignalWatcher() {
  Stop();
  close(wakeup_);
}

void SignalWatcher::Watch(std::function<void()> on_reload, std::function<void()> on_stop) {
  thread_ = std::thread([this, on_reload = std::move(on_reload), on_stop = std::move(on_stop)] {
    const int signals = signalfd(-1, &signals_, SFD_CLOEXEC | SFD_NONBLOCK);
    WatchSignals(signals, wakeup_, on_reload, on_stop);
    close(signals);
  });
}

void SignalWatcher::Stop() {
  if (!thread_.joinable()) return;
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wakeup_, &one, sizeof(one));
  thread_.join();
}

}  // namespace tidemark::server
