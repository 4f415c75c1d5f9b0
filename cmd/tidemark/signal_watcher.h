#pragma once

#include <signal.h>

#include <functional>
#include <thread>

namespace tidemark::server {

// Turns signals of the process into calls on a thread of its own, where anything may be done.
// Made before other threads, so that none of them takes the signals.
class SignalWatcher {
 public:
  SignalWatcher();
  ~SignalWatcher();  // SIGHUP, SIGINT and SIGTERM stay blocked
  SignalWatcher(const SignalWatcher&) = delete;
  SignalWatcher& operator=(const SignalWatcher&) = delete;

  // Calls `on_reload` at SIGHUP, `on_stop` at SIGINT and SIGTERM, those included that came since
  // the watcher was made. Once.
  void Watch(std::function<void()> on_reload, std::function<void()> on_stop);
  // Waits for a call that runs; calls no more.
  void Stop();

 private:
  sigset_t signals_;
  int wakeup_;  // an eventfd
  std::thread thread_;
};

}  // namespace tidemark::server
