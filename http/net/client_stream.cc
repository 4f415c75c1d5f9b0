#include "http/net/client_stream.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace tidemark::http {
namespace {

constexpr size_t kSendBufferBytes = 32 << 10;

constexpr std::chrono::milliseconds kLinger{500};

// False where the socket is not ready for `events` at the deadline.
bool WaitFor(int fd, short events, std::chrono::steady_clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd entry = {fd, events, 0};
    const int ready = poll(&entry, 1, static_cast<int>(left.count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

bool WouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK; }

}  // namespace

void ClientStream::BeginRequest(size_t max_bytes) {
  limit_ = max_bytes;
  limit_reached_ = false;
  deadline_ = std::chrono::steady_clock::now() + kRequestTimeout;
}

ssize_t ClientStream::Receive() {
  for (;;) {
    const ssize_t received = recv(fd_, buffer_.data(), buffer_.size(), 0);
    if (received >= 0) return received;
    if (errno == EINTR) continue;
    if (!WouldBlock() || !WaitFor(fd_, POLLIN, deadline_)) return -1;
  }
}

void ClientStream::AwaitClose() {
  shutdown(fd_, SHUT_WR);
  deadline_ = std::chrono::steady_clock::now() + kLinger;
  while (std::chrono::steady_clock::now() < deadline_ && Receive() > 0) {
  }
}

ssize_t ClientStream::Read(char* out, size_t size) {
  if (size == 0) return 0;
  if (limit_ == 0) {
    limit_reached_ = true;
    return -1;
  }
  if (!has_received()) {
    if (!Flush()) return -1;
    const ssize_t received = Receive();
    if (received <= 0) return received;
    begin_ = 0;
    end_ = static_cast<size_t>(received);
  }
  size = std::min({size, end_ - begin_, limit_});
  std::memcpy(out, buffer_.data() + begin_, size);
  begin_ += size;
  limit_ -= size;
  return static_cast<ssize_t>(size);
}

bool ClientStream::Write(std::string_view bytes) {
  if (unsent_.size() + bytes.size() <= kSendBufferBytes) {
    unsent_.append(bytes);
    return true;
  }
  return Flush() && Send(bytes);
}

bool ClientStream::Flush() {
  const bool sent = Send(unsent_);
  unsent_.clear();
  return sent;
}

bool ClientStream::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
    } else if (errno != EINTR) {
      const auto deadline = std::chrono::steady_clock::now() + kSendTimeout;
      if (!WouldBlock() || !WaitFor(fd_, POLLOUT, deadline)) return false;
    }
  }
  return true;
}

std::string ClientStream::PeerAddress() const {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  char host[NI_MAXHOST];
  auto* const peer = reinterpret_cast<sockaddr*>(&address);
  if (getpeername(fd_, peer, &size) != 0 ||
      getnameinfo(peer, size, host, sizeof(host), nullptr, 0, NI_NUMERICHOST) != 0) {
    return "";
  }
  // A client of IPv4 on a socket for both.
  const std::string_view text = host;
  constexpr std::string_view kMapped = "::ffff:";
  return std::string(text.starts_with(kMapped) ? text.substr(kMapped.size()) : text);
}

}  // namespace tidemark::http
