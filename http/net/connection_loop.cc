#include "http/net/connection_loop.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/strings.h"

namespace tidemark::http {
namespace {

constexpr size_t kReceiveBufferBytes = 64 << 10;
// What epoll tells of; connections have the numbers above.
constexpr uint64_t kListenerId = 0, kWakeId = 1, kFirstConnectionId = 2;
// How often idle connections are looked through, and a failed accept is tried again.
constexpr int kSweepMs = 1000;

int EpollSet(const Socket& epoll, int operation, int fd, uint32_t events, uint64_t id) {
  epoll_event event = {};
  event.events = events;
  event.data.u64 = id;
  return epoll_ctl(epoll.fd(), operation, fd, &event);
}

}  // namespace

const Cancellation& ServedConnection::BeginWork() {
  loop_.BeginWork(id_, &cancellation_.emplace());
  return *cancellation_;
}

ConnectionLoop::ConnectionLoop(size_t max_connections, Serve serve)
    : max_connections_(std::max<size_t>(max_connections, 1)),
      serve_(std::move(serve)),
      last_id_(kFirstConnectionId) {}

absl::Status ConnectionLoop::Start(Socket listener) {
  listener_ = std::move(listener);
  epoll_ = Socket(epoll_create1(EPOLL_CLOEXEC));
  wake_ = Socket(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (epoll_.fd() < 0 || wake_.fd() < 0 ||
      EpollSet(epoll_, EPOLL_CTL_ADD, wake_.fd(), EPOLLIN, kWakeId) != 0 ||
      EpollSet(epoll_, EPOLL_CTL_ADD, listener_.fd(), EPOLLIN, kListenerId) != 0) {
    return absl::InternalError(StrCat("cannot wait for connections: ", std::strerror(errno)));
  }
  thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

void ConnectionLoop::Run() {
  std::array<epoll_event, 64> events;
  auto next_sweep = std::chrono::steady_clock::now();
  while (!stopping()) {
    const int count = epoll_wait(epoll_.fd(), events.data(), events.size(), kSweepMs);
    for (int i = 0; i < count; ++i) {
      const uint64_t id = events[i].data.u64;
      if (id == kListenerId) {
        Accept();
      } else if (id != kWakeId) {
        Dispatch(id);
      }
    }
    if (const auto now = std::chrono::steady_clock::now(); now >= next_sweep) {
      CloseExpired();
      next_sweep = now + std::chrono::milliseconds(kSweepMs);
    }
  }
}

// Something arrived, or the client closed.
void ConnectionLoop::Dispatch(uint64_t id) {
  const absl::MutexLock lock(&mu_);
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;  // closed since
  Connection& connection = *found->second;
  if (connection.state == State::kWorking) {
    connection.cancellation->Cancel();
  } else if (connection.state == State::kIdle) {
    idle_.erase(connection.idle_place);
    connection.state = State::kReading;
    ready_.push_back(id);
    if (free_workers_ < ready_.size() && workers_.size() < max_connections_) {
      workers_.emplace_back([this] { Work(); });
    }
    work_there_.Signal();
  }
}

void ConnectionLoop::Accept() {
  const absl::MutexLock lock(&mu_);
  while (!stopping()) {
    const bool full = connections_.size() >= max_connections_;
    if (full && idle_.empty()) return SetAccepting(false);  // until one is closed or idle
    Socket socket(accept4(listener_.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.fd() >= 0) {
      if (full) Close(idle_.front());
      Add(std::move(socket));
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      return SetAccepting(false);  // the sweep tries again
    } else if (errno != EINTR && errno != ECONNABORTED) {
      return;  // no more for now
    }
  }
}

void ConnectionLoop::Add(Socket socket) {
  const int on = 1;
  setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  setsockopt(socket.fd(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
  const uint64_t id = ++last_id_;
  if (EpollSet(epoll_, EPOLL_CTL_ADD, socket.fd(), 0, id) != 0) return;
  auto connection = std::make_unique<Connection>();
  connection->id = id;
  connection->socket = std::move(socket);
  Park(*connection);
  connections_.emplace(id, std::move(connection));
}

void ConnectionLoop::SetAccepting(bool accepting) {
  if (accepting_ == accepting || stopping()) return;
  accepting_ = accepting;
  EpollSet(epoll_, EPOLL_CTL_MOD, listener_.fd(), accepting ? uint32_t{EPOLLIN} : 0, kListenerId);
}

void ConnectionLoop::Park(Connection& connection) {
  connection.state = State::kIdle;
  connection.idle_since = std::chrono::steady_clock::now();
  connection.idle_place = idle_.insert(idle_.end(), connection.id);
  SetAccepting(true);  // it can make room for a new one
  Arm(connection, EPOLLIN | EPOLLRDHUP);
}

void ConnectionLoop::Close(uint64_t id) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  if (found->second->state == State::kIdle) idle_.erase(found->second->idle_place);
  connections_.erase(found);  // closing the socket takes it out of the epoll
  SetAccepting(true);
}

void ConnectionLoop::CloseExpired() {
  const absl::MutexLock lock(&mu_);
  const auto expired = std::chrono::steady_clock::now() - kIdleTimeout;
  while (!idle_.empty() && connections_.at(idle_.front())->idle_since < expired) {
    Close(idle_.front());
  }
  if (connections_.size() < max_connections_) SetAccepting(true);
}

// Each event disarms its connection, so that one thread at a time has to do with it.
void ConnectionLoop::Arm(const Connection& connection, uint32_t events) {
  EpollSet(epoll_, EPOLL_CTL_MOD, connection.socket.fd(), events | EPOLLONESHOT, connection.id);
}

void ConnectionLoop::Work() {
  std::vector<char> buffer(kReceiveBufferBytes);
  while (const Connection* connection = NextReady()) {
    const uint64_t id = connection->id;
    Release(id, ServeRequests(*connection, buffer));
  }
}

// Waits for a connection with a request; null once the loop stops and none is left.
ConnectionLoop::Connection* ConnectionLoop::NextReady() {
  const absl::MutexLock lock(&mu_);
  ++free_workers_;
  while (ready_.empty() && !stopping()) work_there_.Wait(&mu_);
  --free_workers_;
  if (ready_.empty()) return nullptr;
  const uint64_t id = ready_.front();
  ready_.pop_front();
  return connections_.at(id).get();  // only its worker closes it
}

// Serves requests as long as the next one is here already; false where it is to be closed.
bool ConnectionLoop::ServeRequests(const Connection& connection, std::span<char> buffer) {
  ServedConnection served(*this, connection.id, connection.socket.fd(), buffer);
  do {
    const bool keep = serve_(served);
    EndWork(connection.id);
    if (!keep || stopping()) return false;
  } while (served.stream().has_received());
  return true;
}

void ConnectionLoop::BeginWork(uint64_t id, Cancellation* cancellation) {
  const absl::MutexLock lock(&mu_);
  Connection& connection = *connections_.at(id);
  connection.state = State::kWorking;
  connection.cancellation = cancellation;
  Arm(connection, EPOLLRDHUP);
}

void ConnectionLoop::EndWork(uint64_t id) {
  const absl::MutexLock lock(&mu_);
  Connection& connection = *connections_.at(id);
  connection.state = State::kReading;
  connection.cancellation = nullptr;
}

void ConnectionLoop::Release(uint64_t id, bool keep) {
  const absl::MutexLock lock(&mu_);
  if (keep && !stopping()) {
    Park(*connections_.at(id));
  } else {
    Close(id);
  }
}

void ConnectionLoop::Stop() {
  if (!thread_.joinable()) return;
  {
    const absl::MutexLock lock(&mu_);
    stopping_ = true;
    while (!idle_.empty()) Close(idle_.front());
    // A request that has not arrived whole ends here; what has arrived can still be read.
    for (const auto& [id, connection] : connections_) {
      if (connection->state == State::kReading) shutdown(connection->socket.fd(), SHUT_RD);
    }
    work_there_.SignalAll();
  }
  eventfd_write(wake_.fd(), 1);
  thread_.join();
  std::vector<std::thread> workers;
  {
    const absl::MutexLock lock(&mu_);
    workers.swap(workers_);
  }
  for (std::thread& worker : workers) worker.join();
  listener_.Close();
}

}  // namespace tidemark::http
