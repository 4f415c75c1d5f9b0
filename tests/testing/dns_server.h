#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace tidemark::testing {

// Debian's dnsmasq as a child process on a free port of 127.0.0.1, which knows what it is told on
// its command line and asks nobody else.
class DnsServer {
 public:
  // Whether dnsmasq is installed.
  static bool IsInstalled();

  // `records` are options of dnsmasq such as "--srv-host=_a._tcp.test,b.test,80". Names under
  // `test` that no record has do not exist; all others are refused. Waits until it answers.
  explicit DnsServer(std::vector<std::string> records);
  ~DnsServer() { Stop(); }
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;

  std::string address() const;  // "127.0.0.1:PORT"
  void Stop();                  // idempotent

 private:
  bool Start(const std::vector<std::string>& records);

  int port_ = 0;
  pid_t child_ = -1;
};

}  // namespace tidemark::testing
