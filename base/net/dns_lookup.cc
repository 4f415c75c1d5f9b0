#include "base/net/dns_lookup.h"

#include <ares.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <poll.h>

#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "base/strings.h"

namespace tidemark {
namespace {

// How late a cancellation may be seen.
constexpr int kSliceMs = 100;
// How long a server has for its answer, doubled at each try, and how often each is asked.
constexpr int kTryMs = 5000, kTries = 2;

using Answer = absl::StatusOr<std::vector<DnsRecord>>;

absl::Status AresError(int code, const std::string& name) {
  const std::string text = StrCat("lookup ", name, ": ", ares_strerror(code));
  switch (code) {
    case ARES_EBADNAME:
    case ARES_EBADQUERY:
      return absl::InvalidArgumentError(text);
    case ARES_ETIMEOUT:
      return absl::DeadlineExceededError(text);
    case ARES_ECANCELLED:
    case ARES_EDESTRUCTION:
      return absl::CancelledError(text);
    default:
      return absl::UnavailableError(text);
  }
}

int ClassicType(DnsType type) {
  switch (type) {
    case DnsType::kSrv:
      return ns_t_srv;
    case DnsType::kA:
      return ns_t_a;
    case DnsType::kAaaa:
      return ns_t_aaaa;
    case DnsType::kMx:
      return ns_t_mx;
    case DnsType::kNs:
      return ns_t_ns;
  }
  return ns_t_invalid;
}

// Each of these appends the records of a reply and gives a status of c-ares.
int ReadAddresses(const unsigned char* reply, int size, bool v6, std::vector<DnsRecord>& out) {
  hostent* host = nullptr;
  const int code = v6 ? ares_parse_aaaa_reply(reply, size, &host, nullptr, nullptr)
                      : ares_parse_a_reply(reply, size, &host, nullptr, nullptr);
  if (code != ARES_SUCCESS) return code;
  char text[INET6_ADDRSTRLEN];
  for (char** address = host->h_addr_list; *address != nullptr; ++address) {
    if (inet_ntop(host->h_addrtype, *address, text, sizeof text) != nullptr) out.push_back({text});
  }
  ares_free_hostent(host);
  return ARES_SUCCESS;
}

int ReadNameServers(const unsigned char* reply, int size, std::vector<DnsRecord>& out) {
  hostent* host = nullptr;
  const int code = ares_parse_ns_reply(reply, size, &host);
  if (code != ARES_SUCCESS) return code;
  for (char** name = host->h_aliases; *name != nullptr; ++name) out.push_back({*name});
  ares_free_hostent(host);
  return ARES_SUCCESS;
}

int ReadServices(const unsigned char* reply, int size, std::vector<DnsRecord>& out) {
  ares_srv_reply* first = nullptr;
  const int code = ares_parse_srv_reply(reply, size, &first);
  if (code != ARES_SUCCESS) return code;
  for (const ares_srv_reply* srv = first; srv != nullptr; srv = srv->next) {
    out.push_back({srv->host, srv->port});
  }
  ares_free_data(first);
  return ARES_SUCCESS;
}

int ReadMailServers(const unsigned char* reply, int size, std::vector<DnsRecord>& out) {
  ares_mx_reply* first = nullptr;
  const int code = ares_parse_mx_reply(reply, size, &first);
  if (code != ARES_SUCCESS) return code;
  for (const ares_mx_reply* mx = first; mx != nullptr; mx = mx->next) out.push_back({mx->host});
  ares_free_data(first);
  return ARES_SUCCESS;
}

int ReadReply(DnsType type, const unsigned char* reply, int size, std::vector<DnsRecord>& out) {
  switch (type) {
    case DnsType::kSrv:
      return ReadServices(reply, size, out);
    case DnsType::kA:
    case DnsType::kAaaa:
      return ReadAddresses(reply, size, type == DnsType::kAaaa, out);
    case DnsType::kMx:
      return ReadMailServers(reply, size, out);
    case DnsType::kNs:
      return ReadNameServers(reply, size, out);
  }
  return ARES_EBADQUERY;
}

// What c-ares gives back for one name.
struct Pending {
  DnsType type;
  const std::string* name;
  size_t* num_open;
  std::optional<Answer> answer;

  static void Arrived(void* self, int code, int /*timeouts*/, unsigned char* reply, int size) {
    Pending& pending = *static_cast<Pending*>(self);
    --*pending.num_open;
    std::vector<DnsRecord> records;
    if (code == ARES_SUCCESS) code = ReadReply(pending.type, reply, size, records);
    const bool is_answer = code == ARES_SUCCESS || code == ARES_ENODATA || code == ARES_ENOTFOUND;
    if (is_answer) {
      pending.answer.emplace(std::move(records));
    } else {
      pending.answer.emplace(AresError(code, *pending.name));
    }
  }
};

// Waits for what comes next, at most for a slice, and lets c-ares act on it.
void ProcessOnce(ares_channel channel) {
  std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets{};
  const int wanted = ares_getsock(channel, sockets.data(), ARES_GETSOCK_MAXNUM);
  std::vector<pollfd> files;
  for (int i = 0; i < ARES_GETSOCK_MAXNUM; ++i) {
    short events = 0;
    if (ARES_GETSOCK_READABLE(wanted, i)) events |= POLLIN;
    if (ARES_GETSOCK_WRITABLE(wanted, i)) events |= POLLOUT;
    if (events != 0) files.push_back({sockets[i], events, 0});
  }
  timeval longest{.tv_sec = 0, .tv_usec = kSliceMs * 1000}, storage{};
  const timeval* wait = ares_timeout(channel, &longest, &storage);
  const int timeout_ms = static_cast<int>(wait->tv_sec * 1000 + wait->tv_usec / 1000 + 1);
  poll(files.data(), files.size(), timeout_ms);
  for (const pollfd& file : files) {
    const bool failed = (file.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
    const bool readable = (file.revents & POLLIN) != 0 || failed;
    const bool writable = (file.revents & POLLOUT) != 0;
    ares_process_fd(channel, readable ? file.fd : ARES_SOCKET_BAD,
                    writable ? file.fd : ARES_SOCKET_BAD);
  }
  if (files.empty()) ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // timeouts alone
}

// A channel, ready to be asked; null and a status of c-ares where that fails.
ares_channel OpenChannel(const std::string& servers, int& code) {
  static const int initialized = ares_library_init(ARES_LIB_INIT_ALL);
  ares_channel channel = nullptr;
  code = initialized;
  ares_options options{};
  options.timeout = kTryMs;
  options.tries = kTries;
  if (code == ARES_SUCCESS) {
    code = ares_init_options(&channel, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
  }
  if (code != ARES_SUCCESS) return nullptr;
  if (!servers.empty()) code = ares_set_servers_ports_csv(channel, servers.c_str());
  if (code == ARES_SUCCESS) return channel;
  ares_destroy(channel);
  return nullptr;
}

}  // namespace

std::vector<Answer> LookUpDns(const DnsQuestion& question, const std::function<bool()>& cancelled) {
  std::vector<Answer> answers;
  int code = ARES_SUCCESS;
  const ares_channel channel = OpenChannel(question.servers, code);
  if (channel == nullptr) {
    for (const std::string& name : question.names) answers.push_back(AresError(code, name));
    return answers;
  }
  size_t num_open = question.names.size();
  std::vector<Pending> pending;
  pending.reserve(num_open);  // c-ares keeps pointers to them
  for (const std::string& name : question.names) {
    pending.push_back({question.type, &name, &num_open, std::nullopt});
    ares_search(channel, name.c_str(), ns_c_in, ClassicType(question.type), Pending::Arrived,
                &pending.back());
  }
  while (num_open > 0) {
    if (cancelled()) {
      ares_cancel(channel);
    } else {
      ProcessOnce(channel);
    }
  }
  ares_destroy(channel);
  for (Pending& p : pending) answers.push_back(*std::move(p.answer));
  return answers;
}

}  // namespace tidemark
