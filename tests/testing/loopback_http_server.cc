#include "tests/testing/loopback_http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "base/strings.h"

namespace tidemark::testing {
namespace {

// A socket bound to a free port of 127.0.0.1; -1 is not survivable for a test.
int BindLoopback(int* port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (fd < 0 || bind(fd, generic, size) != 0 || getsockname(fd, generic, &size) != 0) abort();
  *port = ntohs(address.sin_port);
  return fd;
}

bool SendAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

// Appends what arrives to `buffer`; false at the end of the connection.
bool ReceiveMore(int fd, std::string* buffer) {
  char bytes[1 << 14];
  const ssize_t got = recv(fd, bytes, sizeof(bytes), 0);
  if (got <= 0) return false;
  buffer->append(bytes, static_cast<size_t>(got));
  return true;
}

void WaitForClientToLeave(int fd) {
  std::string ignored;
  while (ReceiveMore(fd, &ignored)) ignored.clear();
}

LoopbackRequest ParseHead(std::string_view head) {
  LoopbackRequest request;
  const auto next_line = [&head] {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(std::min(head.size(), line.size() + 2));
    return line;
  };
  const std::string_view first = next_line();
  const size_t blank = first.find(' ');
  request.method = first.substr(0, blank);
  request.target = first.substr(blank + 1, first.rfind(' ') - blank - 1);
  while (!head.empty()) {
    const std::string_view line = next_line();
    const size_t colon = std::min(line.find(':'), line.size());
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    std::string_view value = line.substr(std::min(line.size(), colon + 1));
    while (value.starts_with(' ')) value.remove_prefix(1);
    request.headers[std::move(name)] = value;
  }
  return request;
}

// Takes one request off the front of `buffer`, receiving as needed; false at the end of the
// connection.
bool ReadRequest(int fd, std::string* buffer, LoopbackRequest* request) {
  size_t head_end = 0;
  while ((head_end = buffer->find("\r\n\r\n")) == std::string::npos) {
    if (!ReceiveMore(fd, buffer)) return false;
  }
  *request = ParseHead(std::string_view(*buffer).substr(0, head_end));
  buffer->erase(0, head_end + 4);
  const size_t length = std::strtoull(request->headers["content-length"].c_str(), nullptr, 10);
  while (buffer->size() < length) {
    if (!ReceiveMore(fd, buffer)) return false;
  }
  request->body = buffer->substr(0, length);
  buffer->erase(0, length);
  return true;
}

std::string ReplyHead(const LoopbackReply& reply) {
  std::string head = StrCat("HTTP/1.1 ", reply.status, " Reason\r\n");
  for (const auto& [name, value] : reply.headers) StrAppend(&head, name, ": ", value, "\r\n");
  if (reply.manner != LoopbackReply::Manner::kEndless) {
    StrAppend(&head, "Content-Length: ", reply.body.size(), "\r\n");
  }
  return head + "\r\n";
}

}  // namespace

LoopbackHttpServer::LoopbackHttpServer(Handler handler)
    : handler_(std::move(handler)), listener_(BindLoopback(&port_)) {
  if (listen(listener_, SOMAXCONN) != 0) abort();
  acceptor_ = std::thread([this] { Accept(); });
}

LoopbackHttpServer::~LoopbackHttpServer() {
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  std::vector<std::thread> threads;
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
    for (const int fd : connections_) shutdown(fd, SHUT_RDWR);
    threads = std::move(threads_);
  }
  for (std::thread& thread : threads) thread.join();
  absl::MutexLock lock(&mu_);
  for (const int fd : connections_) close(fd);
  close(listener_);
}

std::string LoopbackHttpServer::address() const { return StrCat("127.0.0.1:", port_); }

std::string LoopbackHttpServer::Url(std::string_view path) const {
  return StrCat("http://", address(), path);
}

std::vector<LoopbackRequest> LoopbackHttpServer::requests() const {
  absl::MutexLock lock(&mu_);
  return requests_;
}

void LoopbackHttpServer::WaitForRequests(size_t count) const {
  const auto enough = [this, count]()
                          ABSL_SHARED_LOCKS_REQUIRED(mu_) { return requests_.size() >= count; };
  absl::MutexLock lock(&mu_);
  mu_.Await(absl::Condition(&enough));
}

size_t LoopbackHttpServer::num_connections() const {
  absl::MutexLock lock(&mu_);
  return connections_.size();
}

void LoopbackHttpServer::Accept() {
  while (true) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0 && errno == EINTR) continue;
    if (fd < 0) return;
    absl::MutexLock lock(&mu_);
    connections_.push_back(fd);
    threads_.emplace_back([this, fd, number = connections_.size()] { Serve(fd, number); });
  }
}

void LoopbackHttpServer::Serve(int fd, size_t connection) {
  std::string buffer;
  LoopbackRequest request;
  while (ReadRequest(fd, &buffer, &request)) {
    request.connection = connection;
    {
      absl::MutexLock lock(&mu_);
      if (stopping_) return;
      requests_.push_back(request);
    }
    if (!Answer(fd, request)) break;
  }
  shutdown(fd, SHUT_RDWR);  // the number stays taken until the destructor closes it
}

// False where the connection is not to be used again.
bool LoopbackHttpServer::Answer(int fd, const LoopbackRequest& request) {
  using Manner = LoopbackReply::Manner;
  const LoopbackReply reply = handler_(request);
  const std::string_view half = std::string_view(reply.body).substr(0, reply.body.size() / 2);
  switch (reply.manner) {
    case Manner::kWhole:
      return SendAll(fd, ReplyHead(reply) + reply.body);
    case Manner::kWholeThenClose:
      SendAll(fd, ReplyHead(reply) + reply.body);
      return false;
    case Manner::kNoReply:
      WaitForClientToLeave(fd);
      return false;
    case Manner::kClose:
      return false;
    case Manner::kHalfThenHang:
      if (SendAll(fd, StrCat(ReplyHead(reply), half))) WaitForClientToLeave(fd);
      return false;
    case Manner::kHalfThenClose:
      SendAll(fd, StrCat(ReplyHead(reply), half));
      return false;
    case Manner::kEndless:
      if (!SendAll(fd, ReplyHead(reply))) return false;
      while (SendAll(fd, reply.body)) {
      }
      return false;
  }
  return false;
}

std::string UnusedLoopbackAddress() {
  int port = 0;
  close(BindLoopback(&port));  // was free a moment ago, and the system is slow to give it again
  return StrCat("127.0.0.1:", port);
}

}  // namespace tidemark::testing
