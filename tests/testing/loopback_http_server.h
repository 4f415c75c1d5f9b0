#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace tidemark::testing {

struct LoopbackRequest {
  std::string method;
  std::string target;                          // path and query as sent
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  size_t connection = 0;  // which connection it came on, from 1
};

// How one request is answered, well or badly.
struct LoopbackReply {
  enum class Manner {
    kWhole,           // as HTTP asks; the connection stays open
    kWholeThenClose,  // the same, and the connection is closed
    kNoReply,         // nothing, until the client gives up
    kClose,           // nothing, and the connection is closed
    kHalfThenHang,    // the head and half of the body, then nothing
    kHalfThenClose,   // the head and half of the body, then the connection is closed
    kEndless,         // the head, then the body again and again, until the client gives up
  };

  int status = 200;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {};
  Manner manner = Manner::kWhole;
};

// An HTTP/1.1 server on 127.0.0.1 whose every reply a test decides: for what is above HttpClient,
// and for HttpClient itself. Raw sockets and a thread per connection. Thread-safe.
class LoopbackHttpServer {
 public:
  // Called on the threads of connections, many at once; may block as long as the reply is to take,
  // but not past the server's destruction.
  using Handler = std::function<LoopbackReply(const LoopbackRequest&)>;

  explicit LoopbackHttpServer(Handler handler);
  // Breaks all connections.
  ~LoopbackHttpServer();

  int port() const { return port_; }
  std::string address() const;                   // "127.0.0.1:PORT"
  std::string Url(std::string_view path) const;  // "http://127.0.0.1:PORT" and `path`

  // What has come in so far, in order of arrival.
  std::vector<LoopbackRequest> requests() const ABSL_LOCKS_EXCLUDED(mu_);
  // Waits until that many requests have come in.
  void WaitForRequests(size_t count) const ABSL_LOCKS_EXCLUDED(mu_);
  size_t num_connections() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void Accept() ABSL_LOCKS_EXCLUDED(mu_);
  void Serve(int fd, size_t connection) ABSL_LOCKS_EXCLUDED(mu_);
  bool Answer(int fd, const LoopbackRequest& request) ABSL_LOCKS_EXCLUDED(mu_);

  const Handler handler_;
  int port_ = 0;  // before listener_, whose making sets it
  int listener_ = -1;
  mutable absl::Mutex mu_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<LoopbackRequest> requests_ ABSL_GUARDED_BY(mu_);
  std::vector<int> connections_ ABSL_GUARDED_BY(mu_);  // closed by the destructor only
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(mu_);
  std::thread acceptor_;  // last: reads all of the above
};

// An address on 127.0.0.1 where nobody listens.
std::string UnusedLoopbackAddress();

}  // namespace tidemark::testing
