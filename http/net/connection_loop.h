#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

#include "base/run/cancellation.h"
#include "http/net/client_stream.h"
#include "http/net/listen_socket.h"

namespace tidemark::http {

class ConnectionLoop;

// A connection while one of its requests is read and answered. One thread.
class ServedConnection {
 public:
  ClientStream& stream() { return stream_; }
  // The request is read and its work begins: from now on, until the service of this request is
  // over, the result is cancelled when the client closes the connection, and a stop of the server
  // waits for the response.
  const Cancellation& BeginWork();

 private:
  friend class ConnectionLoop;
  ServedConnection(ConnectionLoop& loop, uint64_t id, int fd, std::span<char> buffer)
      : loop_(loop), id_(id), stream_(fd, buffer) {}

  ConnectionLoop& loop_;
  const uint64_t id_;
  ClientStream stream_;
  std::optional<Cancellation> cancellation_;  // of the current request
};

// Accepts connections and hands each to a thread only while a request is there. One thread waits
// for all connections that are idle (epoll), so that thousands of kept-alive ones cost no thread;
// as many others as there are requests at a time serve them. Thread-safe.
//
// At `max_connections` the longest idle connection makes room for a new one; where none is idle
// new ones wait in the kernel's queue.
class ConnectionLoop {
 public:
  // Reads one request and answers it; false where the connection is to be closed.
  using Serve = std::function<bool(ServedConnection&)>;

  static constexpr std::chrono::seconds kIdleTimeout{300};

  ConnectionLoop(size_t max_connections, Serve serve);
  ~ConnectionLoop() { Stop(); }

  // Internal where the operating system refuses what a loop needs.
  absl::Status Start(Socket listener);
  // Takes no new connection, closes those without a request and waits for the requests whose work
  // has begun. Idempotent.
  void Stop() ABSL_LOCKS_EXCLUDED(mu_);
  bool stopping() const { return stopping_.load(std::memory_order_relaxed); }

 private:
  friend class ServedConnection;
  enum class State { kIdle, kReading, kWorking };
  struct Connection {
    uint64_t id;
    Socket socket;
    State state = State::kIdle;
    std::chrono::steady_clock::time_point idle_since;
    std::list<uint64_t>::iterator idle_place;  // in idle_, while idle
    Cancellation* cancellation = nullptr;      // while working
  };

  void Run();
  void Dispatch(uint64_t id) ABSL_LOCKS_EXCLUDED(mu_);
  void Accept() ABSL_LOCKS_EXCLUDED(mu_);
  void Add(Socket socket) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void SetAccepting(bool accepting) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Park(Connection& connection) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Close(uint64_t id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void CloseExpired() ABSL_LOCKS_EXCLUDED(mu_);
  void Arm(const Connection& connection, uint32_t events);

  void Work();
  Connection* NextReady() ABSL_LOCKS_EXCLUDED(mu_);
  bool ServeRequests(const Connection& connection, std::span<char> buffer);
  void BeginWork(uint64_t id, Cancellation* cancellation) ABSL_LOCKS_EXCLUDED(mu_);
  void EndWork(uint64_t id) ABSL_LOCKS_EXCLUDED(mu_);
  void Release(uint64_t id, bool keep) ABSL_LOCKS_EXCLUDED(mu_);

  const size_t max_connections_;
  const Serve serve_;
  Socket epoll_, wake_, listener_;  // fixed by Start, closed by Stop
  std::thread thread_;
  std::atomic<bool> stopping_{false};

  absl::Mutex mu_;
  absl::CondVar work_there_;
  absl::flat_hash_map<uint64_t, std::unique_ptr<Connection>> connections_ ABSL_GUARDED_BY(mu_);
  std::list<uint64_t> idle_ ABSL_GUARDED_BY(mu_);  // the longest idle first
  std::deque<uint64_t> ready_ ABSL_GUARDED_BY(mu_);
  std::vector<std::thread> workers_ ABSL_GUARDED_BY(mu_);
  size_t free_workers_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t last_id_ ABSL_GUARDED_BY(mu_) = 0;
  bool accepting_ ABSL_GUARDED_BY(mu_) = true;
};

}  // namespace tidemark::http
