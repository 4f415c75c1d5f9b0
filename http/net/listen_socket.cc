#include "http/net/listen_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/strings/numbers.h"

#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::http {
namespace {

constexpr int kBacklog = 1024;

absl::StatusOr<Socket> ListenOn(const addrinfo& info) {
  Socket socket(::socket(info.ai_family, info.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.fd() < 0) return absl::UnavailableError(std::strerror(errno));
  const int on = 1, off = 0;
  // A restart need not wait for connections of the old process to time out. Never SO_REUSEPORT,
  // with which a second server would take half of the first one's connections.
  setsockopt(socket.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (info.ai_family == AF_INET6) {
    setsockopt(socket.fd(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
  }
  if (bind(socket.fd(), info.ai_addr, info.ai_addrlen) != 0 || listen(socket.fd(), kBacklog) != 0) {
    return absl::UnavailableError(std::strerror(errno));
  }
  return socket;
}

absl::StatusOr<Socket> ListenOnHost(const std::string& host, const std::string& port) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0) {
    return absl::UnavailableError(gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  absl::StatusOr<Socket> socket = absl::UnavailableError("no address");
  for (const addrinfo* info = found; info != nullptr && !socket.ok(); info = info->ai_next) {
    socket = ListenOn(*info);
  }
  return socket;
}

}  // namespace

void Socket::Close() {
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

absl::StatusOr<ListenAddress> ListenAddress::Parse(std::string_view text) {
  const auto error = [text](std::string_view reason) {
    return absl::InvalidArgumentError(StrCat("bad listen address, ", reason, ": \"", text, "\""));
  };
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return error("want HOST:PORT");
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return error("an IPv6 address needs brackets");
  }
  int number = 0;
  if (!absl::SimpleAtoi(ToAbsl(port), &number) || number < 0 || number > 65535) {
    return error("the port is not a number up to 65535");
  }
  return ListenAddress{std::string(host), StrCat(number)};
}

absl::StatusOr<Socket> Listen(const ListenAddress& address) {
  absl::StatusOr<Socket> socket =
      ListenOnHost(address.host.empty() ? "::" : address.host, address.port);
  // A machine without IPv6 has no "::".
  if (!socket.ok() && address.host.empty()) socket = ListenOnHost("0.0.0.0", address.port);
  if (!socket.ok()) {
    return absl::UnavailableError(StrCat("cannot listen on ", address.host, ":", address.port, ": ",
                                         socket.status().message()));
  }
  return socket;
}

int BoundPort(const Socket& socket) {
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  if (getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                   : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

}  // namespace tidemark::http
