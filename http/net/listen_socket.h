#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tidemark::http {

// A file descriptor that is closed with its owner. -1 is none.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() { Close(); }
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    Close();
    fd_ = std::exchange(other.fd_, -1);
    return *this;
  }

  int fd() const { return fd_; }
  void Close();

 private:
  int fd_ = -1;
};

// Where a server listens. An empty host is every address, IPv4 and IPv6.
struct ListenAddress {
  std::string host;
  std::string port;

  // "0.0.0.0:9090", "localhost:9090", "[::1]:9090", ":9090".
  //   InvalidArgument  there is no port, or it is not a number up to 65535
  static absl::StatusOr<ListenAddress> Parse(std::string_view text);
};

// A non-blocking socket that listens on `address`; port 0 takes any free one.
//   Unavailable  the name does not resolve, or the address is in use or not of this machine
absl::StatusOr<Socket> Listen(const ListenAddress& address);
// The port that a socket is bound to.
int BoundPort(const Socket& socket);

}  // namespace tidemark::http
