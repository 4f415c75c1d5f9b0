#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "base/net/http_client.h"
#include "base/run/fake_clock.h"

namespace tidemark::testing {

// A receiver of requests without a network: what HttpClient::Send is given is kept, and answered as
// a test decides. Thread-safe.
class WriteReceiver {
 public:
  struct Received {
    HttpRequest request;
    TimestampMs at = 0;     // by the clock
    bool answered = false;  // be it with an error
  };
  // What the request of that number, from 0, is answered at once; nullopt: nothing for now.
  using Script = std::function<std::optional<absl::StatusOr<HttpResponse>>(size_t number)>;

  explicit WriteReceiver(FakeClock& clock) : clock_(clock) {}

  void SetScript(Script script) ABSL_LOCKS_EXCLUDED(mu_);
  // Answers all with this status.
  void AnswerAll(int status);
  // What HttpClient::Send does.
  void Post(HttpRequest request, HttpClient::Callback done) ABSL_LOCKS_EXCLUDED(mu_);
  // Answers a request that waits.
  void Answer(size_t number, absl::StatusOr<HttpResponse> answer) ABSL_LOCKS_EXCLUDED(mu_);

  std::vector<Received> received() const ABSL_LOCKS_EXCLUDED(mu_);
  size_t num_received() const ABSL_LOCKS_EXCLUDED(mu_);
  // The most that were waiting for their answer at once.
  size_t most_in_flight() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  FakeClock& clock_;
  mutable absl::Mutex mu_;
  Script script_ ABSL_GUARDED_BY(mu_);
  std::vector<Received> received_ ABSL_GUARDED_BY(mu_);
  std::map<size_t, HttpClient::Callback> waiting_ ABSL_GUARDED_BY(mu_);
  size_t most_in_flight_ ABSL_GUARDED_BY(mu_) = 0;
};

HttpResponse ResponseWith(int status, HttpHeaders headers = {}, std::string body = "");

}  // namespace tidemark::testing
