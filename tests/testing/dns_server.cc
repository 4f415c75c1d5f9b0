#include "tests/testing/dns_server.h"

#include <arpa/inet.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "base/strings.h"

extern char** environ;

namespace tidemark::testing {
namespace {

constexpr char kProgram[] = "/usr/sbin/dnsmasq";

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// A port that nobody uses for TCP now. Another program may take it before dnsmasq does.
int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  bind(fd, reinterpret_cast<sockaddr*>(&address), size);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  close(fd);
  return ntohs(address.sin_port);
}

bool Accepts(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(port);
  const bool connected =
      connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return connected;
}

}  // namespace

bool DnsServer::IsInstalled() { return access(kProgram, X_OK) == 0; }

DnsServer::DnsServer(std::vector<std::string> records) {
  for (int attempt = 0; attempt < 20; ++attempt) {
    if (Start(records)) return;
  }
  abort();  // bad options, said on standard error
}

// False where dnsmasq ended, as it does when its port is taken.
bool DnsServer::Start(const std::vector<std::string>& records) {
  port_ = FreePort();
  // Its --no-daemon would serve a TCP connection to its end before anything else.
  std::vector<std::string> command = {kProgram,
                                      "--keep-in-foreground",
                                      "--conf-file=/dev/null",
                                      "--no-resolv",
                                      "--no-hosts",
                                      "--bind-interfaces",
                                      "--local=/test/",
                                      "--pid-file=",
                                      "--listen-address=127.0.0.1",
                                      "--log-facility=-",
                                      StrCat("--port=", port_)};
  if (getuid() == 0) command.push_back("--user=root");  // it changes to another otherwise
  command.insert(command.end(), records.begin(), records.end());
  std::vector<char*> arguments;
  for (std::string& argument : command) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  if (posix_spawn(&child_, kProgram, nullptr, nullptr, arguments.data(), environ) != 0)
    return false;
  while (!Accepts(port_)) {
    if (waitpid(child_, nullptr, WNOHANG) == child_) {
      child_ = -1;
      return false;
    }
    usleep(1000);
  }
  return true;
}

std::string DnsServer::address() const { return StrCat("127.0.0.1:", port_); }

void DnsServer::Stop() {
  if (child_ < 0) return;
  kill(child_, SIGKILL);
  waitpid(child_, nullptr, 0);
  child_ = -1;
}

}  // namespace tidemark::testing
