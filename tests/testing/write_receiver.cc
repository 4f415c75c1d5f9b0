#include "tests/testing/write_receiver.h"

#include <algorithm>
#include <utility>

namespace tidemark::testing {

HttpResponse ResponseWith(int status, HttpHeaders headers, std::string body) {
  HttpResponse response;
  response.status = status;
  response.headers = std::move(headers);
  response.body = std::move(body);
  return response;
}

void WriteReceiver::SetScript(Script script) {
  absl::MutexLock lock(&mu_);
  script_ = std::move(script);
}

void WriteReceiver::AnswerAll(int status) {
  SetScript([status](size_t) { return ResponseWith(status); });
}

void WriteReceiver::Post(HttpRequest request, HttpClient::Callback done) {
  std::optional<absl::StatusOr<HttpResponse>> answer;
  {
    absl::MutexLock lock(&mu_);
    const size_t number = received_.size();
    if (script_) answer = script_(number);
    received_.push_back({std::move(request), clock_.Now(), answer.has_value()});
    if (!answer) waiting_.emplace(number, done);
    most_in_flight_ = std::max(most_in_flight_, waiting_.size());
  }
  if (answer) done(*std::move(answer));
}

void WriteReceiver::Answer(size_t number, absl::StatusOr<HttpResponse> answer) {
  HttpClient::Callback done;
  {
    absl::MutexLock lock(&mu_);
    const auto it = waiting_.find(number);
    if (it == waiting_.end()) return;
    done = std::move(it->second);
    waiting_.erase(it);
    received_[number].answered = true;
  }
  done(std::move(answer));
}

std::vector<WriteReceiver::Received> WriteReceiver::received() const {
  absl::MutexLock lock(&mu_);
  return received_;
}

size_t WriteReceiver::num_received() const {
  absl::MutexLock lock(&mu_);
  return received_.size();
}

size_t WriteReceiver::most_in_flight() const {
  absl::MutexLock lock(&mu_);
  return most_in_flight_;
}

}  // namespace tidemark::testing
