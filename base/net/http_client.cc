#include "base/net/http_client.h"

#include <curl/curl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"

#include "base/net/http_client_files.h"
#include "base/net/http_transfer.h"
#include "base/net/oauth2_tokens.h"

namespace tidemark {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr size_t kNumShards = 64;
// One for each target of a large server, and room for hosts that fall on the same shards.
constexpr long kMaxIdleConnectionsOfShard = 2 * 20'000 / kNumShards;
constexpr size_t kMaxIdleHandles = 256;
constexpr uint64_t kWakeupEvent = ~uint64_t{0};  // other events are a shard and a socket

}  // namespace

// The event loop: libcurl says which sockets and which time it waits for, epoll waits, libcurl is
// told what happened. libcurl looks at all connections of a multi handle when a transfer ends, so
// hosts are spread over several: with ten thousand connections in one handle, that look took more
// time than all else.
class HttpClient::Loop {
 public:
  Loop();
  ~Loop();

  void Submit(std::unique_ptr<HttpTransfer> transfer) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  using Transfers = std::vector<std::unique_ptr<HttpTransfer>>;

  // A multi handle, with what it waits for.
  struct Shard {
    Loop* loop;
    uint32_t number;
    CURLM* multi;
    std::optional<steady_clock::time_point> timer = {};  // when libcurl wants to be called
  };
  struct Active {
    std::unique_ptr<HttpTransfer> transfer;
    CURLM* multi;
  };

  void Run() ABSL_LOCKS_EXCLUDED(mu_);
  bool TakeSubmitted(Transfers* submitted) ABSL_LOCKS_EXCLUDED(mu_);
  void Start(std::unique_ptr<HttpTransfer> transfer);
  void WaitForEvents();
  void FinishCompleted(Shard& shard);
  int WaitMilliseconds() const;
  void CancelAll() ABSL_LOCKS_EXCLUDED(mu_);
  void Wake();
  CURL* TakeHandle();
  void GiveBackHandle(CURL* curl);

  static int OnSocket(CURL* curl, curl_socket_t fd, int what, void* shard, void* unused);
  static int OnTimer(CURLM* multi, long timeout_ms, void* shard);

  const int epoll_;
  const int wakeup_;  // an eventfd

  // Touched by the loop's thread only.
  std::vector<Shard> shards_;  // as many as there will ever be: libcurl keeps pointers to them
  absl::flat_hash_map<CURL*, Active> active_;
  std::vector<CURL*> idle_handles_;

  absl::Mutex mu_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  Transfers submitted_ ABSL_GUARDED_BY(mu_);
  std::thread thread_;  // last: reads all of the above
};

HttpClient::Loop::Loop()
    : epoll_(epoll_create1(EPOLL_CLOEXEC)), wakeup_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  shards_.reserve(kNumShards);
  for (uint32_t i = 0; i < kNumShards; ++i) {
    CURLM* const multi = initialised == CURLE_OK ? curl_multi_init() : nullptr;
    Shard& shard = shards_.emplace_back(Shard{.loop = this, .number = i, .multi = multi});
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &Loop::OnSocket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, &shard);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &Loop::OnTimer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, &shard);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, kMaxIdleConnectionsOfShard);
  }
  epoll_event event{.events = EPOLLIN, .data = {.u64 = kWakeupEvent}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, wakeup_, &event);
  thread_ = std::thread([this] { Run(); });
}

HttpClient::Loop::~Loop() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  Wake();
  thread_.join();
  for (CURL* curl : idle_handles_) curl_easy_cleanup(curl);
  for (const Shard& shard : shards_) curl_multi_cleanup(shard.multi);
  close(wakeup_);
  close(epoll_);
}

void HttpClient::Loop::Submit(std::unique_ptr<HttpTransfer> transfer) {
  {
    absl::MutexLock lock(&mu_);
    submitted_.push_back(std::move(transfer));
  }
  Wake();
}

void HttpClient::Loop::Wake() {
  const uint64_t one = 1;
  // Fails only when the counter is full, and then the loop is awake already.
  [[maybe_unused]] const ssize_t written = write(wakeup_, &one, sizeof(one));
}

// False where the loop is to end.
bool HttpClient::Loop::TakeSubmitted(Transfers* submitted) {
  absl::MutexLock lock(&mu_);
  submitted->swap(submitted_);
  return !stopping_;
}

void HttpClient::Loop::Run() {
  Transfers submitted;
  while (TakeSubmitted(&submitted)) {
    for (auto& transfer : submitted) Start(std::move(transfer));
    submitted.clear();
    WaitForEvents();
    for (Shard& shard : shards_) FinishCompleted(shard);
  }
  for (auto& transfer : submitted) transfer->Fail(absl::StatusCode::kCancelled, "context canceled");
  CancelAll();
}

void HttpClient::Loop::Start(std::unique_ptr<HttpTransfer> transfer) {
  CURL* const curl = TakeHandle();
  if (absl::Status status = transfer->Prepare(curl); !status.ok()) {
    GiveBackHandle(curl);
    transfer->Fail(std::move(status));
    return;
  }
  const size_t shard = std::hash<std::string_view>{}(transfer->peer()) % kNumShards;
  CURLM* const multi = shards_[shard].multi;
  active_.emplace(curl, Active{std::move(transfer), multi});
  curl_multi_add_handle(multi, curl);
}

// Until libcurl wants to be called; -1 where it does not.
int HttpClient::Loop::WaitMilliseconds() const {
  std::optional<steady_clock::time_point> first;
  for (const Shard& shard : shards_) {
    if (shard.timer && (!first || *shard.timer < *first)) first = shard.timer;
  }
  if (!first) return -1;
  const auto left = std::chrono::ceil<milliseconds>(*first - steady_clock::now());
  return static_cast<int>(std::clamp<int64_t>(left.count(), 0, 60'000));
}

void HttpClient::Loop::WaitForEvents() {
  std::array<epoll_event, 256> events;
  const int count =
      epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), WaitMilliseconds());
  int running = 0;
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[i];
    if (event.data.u64 == kWakeupEvent) {
      uint64_t ignored = 0;
      [[maybe_unused]] const ssize_t got = read(wakeup_, &ignored, sizeof(ignored));
      continue;
    }
    const int what = ((event.events & EPOLLIN) ? CURL_CSELECT_IN : 0) |
                     ((event.events & EPOLLOUT) ? CURL_CSELECT_OUT : 0) |
                     ((event.events & (EPOLLERR | EPOLLHUP)) ? CURL_CSELECT_ERR : 0);
    curl_multi_socket_action(shards_[event.data.u64 >> 32].multi,
                             static_cast<curl_socket_t>(event.data.u64 & 0xffffffff), what,
                             &running);
  }
  const auto now = steady_clock::now();
  for (Shard& shard : shards_) {
    if (!shard.timer || *shard.timer > now) continue;
    shard.timer.reset();  // libcurl sets the next one in the call
    curl_multi_socket_action(shard.multi, CURL_SOCKET_TIMEOUT, 0, &running);
  }
}

void HttpClient::Loop::FinishCompleted(Shard& shard) {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(shard.multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* const curl = message->easy_handle;
    const CURLcode code = message->data.result;  // the message goes with its handle
    const Active active = std::move(active_.extract(curl).mapped());
    curl_multi_remove_handle(shard.multi, curl);
    active.transfer->Finish(curl, code);
    GiveBackHandle(curl);
  }
}

void HttpClient::Loop::CancelAll() {
  while (!active_.empty()) {
    auto node = active_.extract(active_.begin());
    curl_multi_remove_handle(node.mapped().multi, node.key());
    curl_easy_cleanup(node.key());
    node.mapped().transfer->Fail(absl::StatusCode::kCancelled, "context canceled");
  }
  // What callbacks have sent meanwhile.
  for (Transfers late; TakeSubmitted(&late), !late.empty(); late.clear()) {
    for (auto& transfer : late) transfer->Fail(absl::StatusCode::kCancelled, "context canceled");
  }
}

CURL* HttpClient::Loop::TakeHandle() {
  if (idle_handles_.empty()) return curl_easy_init();
  CURL* const curl = idle_handles_.back();
  idle_handles_.pop_back();
  return curl;
}

void HttpClient::Loop::GiveBackHandle(CURL* curl) {
  if (idle_handles_.size() >= kMaxIdleHandles) {
    curl_easy_cleanup(curl);
    return;
  }
  curl_easy_reset(curl);
  idle_handles_.push_back(curl);
}

int HttpClient::Loop::OnSocket(CURL*, curl_socket_t fd, int what, void* shard, void*) {
  const int epoll = static_cast<Shard*>(shard)->loop->epoll_;
  const uint64_t number = static_cast<Shard*>(shard)->number;
  epoll_event event{.events = 0, .data = {.u64 = number << 32 | static_cast<uint32_t>(fd)}};
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(epoll, EPOLL_CTL_DEL, fd, &event);
    return 0;
  }
  if (what & CURL_POLL_IN) event.events |= EPOLLIN;
  if (what & CURL_POLL_OUT) event.events |= EPOLLOUT;
  if (epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event) != 0 && errno == ENOENT) {
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  }
  return 0;
}

int HttpClient::Loop::OnTimer(CURLM*, long timeout_ms, void* shard) {
  auto& timer = static_cast<Shard*>(shard)->timer;
  if (timeout_ms < 0) {
    timer.reset();
  } else {
    timer = steady_clock::now() + milliseconds(timeout_ms);
  }
  return 0;
}

std::string_view HttpResponse::Header(std::string_view lower_case_name) const {
  for (const auto& [name, value] : headers) {
    if (name == lower_case_name) return value;
  }
  return {};
}

HttpClient::HttpClient()
    : tokens_(std::make_unique<OAuth2Tokens>(
          [this](HttpRequest request, const HttpClientOptions& options, Callback done) {
            Send(std::move(request), options, std::move(done));
          })),
      loop_(std::make_unique<Loop>()) {}
HttpClient::~HttpClient() = default;

void HttpClient::Send(HttpRequest request, const HttpClientOptions& options, Callback done) {
  HttpClientOptions whole = options;
  const absl::Status status = ReadHttpClientFiles(&whole);
  if (status.ok() && whole.oauth2) {
    SendWithToken(std::move(request), std::move(whole), std::move(done));
    return;
  }
  auto transfer =
      std::make_unique<HttpTransfer>(std::move(request), std::move(whole), std::move(done));
  if (!status.ok()) transfer->Refuse(status);
  loop_->Submit(std::move(transfer));
}

// The time that the token takes counts as the request's.
void HttpClient::SendWithToken(HttpRequest request, HttpClientOptions options, Callback done) {
  const OAuth2Options source = *std::exchange(options.oauth2, std::nullopt);
  const DurationMs timeout = request.timeout;
  const std::string user_agent = options.user_agent;
  tokens_->Take(source, user_agent, timeout,
                [this, begin = steady_clock::now(), request = std::move(request),
                 options = std::move(options),
                 done = std::move(done)](const absl::StatusOr<AccessToken>& token) mutable {
                  request.timeout -=
                      std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin).count();
                  const bool too_late = request.timeout <= 0;
                  if (token.ok()) {
                    options.authorization_type = token->type;
                    options.authorization_credentials = token->text;
                  }
                  auto transfer = std::make_unique<HttpTransfer>(
                      std::move(request), std::move(options), std::move(done));
                  if (!token.ok()) {
                    transfer->Refuse(token.status());
                  } else if (too_late) {
                    transfer->Refuse(absl::DeadlineExceededError("context deadline exceeded"));
                  }
                  loop_->Submit(std::move(transfer));
                });
}

absl::StatusOr<HttpResponse> HttpClient::SendAndWait(HttpRequest request,
                                                     const HttpClientOptions& options) {
  absl::StatusOr<HttpResponse> outcome;
  absl::Notification finished;
  Send(std::move(request), options, [&](absl::StatusOr<HttpResponse> result) {
    outcome = std::move(result);
    finished.Notify();
  });
  finished.WaitForNotification();
  return outcome;
}

}  // namespace tidemark
