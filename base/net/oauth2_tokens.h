#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

#include "base/model/timestamp.h"
#include "base/net/http_client.h"
#include "base/net/http_client_options.h"

namespace tidemark {

struct AccessToken {
  std::string type;  // "Bearer"
  std::string text;
};

// What a token endpoint answers. Source: Go, golang.org/x/oauth2, which Prometheus uses.
struct TokenGrant {
  AccessToken token;
  std::optional<std::chrono::seconds> lifetime;  // nullopt: it does not expire

  //   Unavailable  the endpoint refuses, or the answer has no token, in the words of x/oauth2
  static absl::StatusOr<TokenGrant> Parse(const HttpResponse& response);
};

// Access tokens, each fetched once for all who need it, and kept until ten seconds before it
// expires. Thread-safe. Cost of a token that is known: a look through the sources there are.
class OAuth2Tokens {
 public:
  // Sends a request and calls back once; HttpClient::Send.
  using Sender = std::function<void(HttpRequest, const HttpClientOptions&, HttpClient::Callback)>;
  using Taker = std::function<void(const absl::StatusOr<AccessToken>&)>;

  explicit OAuth2Tokens(Sender send) : send_(std::move(send)) {}

  // Calls `taker` with a token of `source`: before Take returns where one is known, else from the
  // sender's callback. The first who asks says how long a fetch may take; a failure is that of all
  // who wait, and the next who asks tries again. `source` names no files.
  void Take(const OAuth2Options& source, const std::string& user_agent, DurationMs timeout,
            Taker taker) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  using Instant = std::chrono::steady_clock::time_point;
  enum class SecretPlace { kHeader, kBody };

  struct Entry {
    OAuth2Options source;
    std::optional<AccessToken> token;
    std::optional<Instant> stale_at;
    std::optional<SecretPlace> secret_place;  // what the endpoint has accepted
    bool under_way = false;
    std::vector<Taker> waiting;
    Instant last_asked;
  };
  struct Fetch {
    std::shared_ptr<Entry> entry;
    std::string user_agent;
    Instant deadline;
    SecretPlace place = SecretPlace::kHeader;
    bool is_guess = false;  // that the endpoint wants the secret there
  };

  std::shared_ptr<Entry> FindEntry(const OAuth2Options& source, Instant now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Ask(Fetch fetch) ABSL_LOCKS_EXCLUDED(mu_);
  void Finish(const Fetch& fetch, const absl::StatusOr<TokenGrant>& grant) ABSL_LOCKS_EXCLUDED(mu_);

  const Sender send_;
  absl::Mutex mu_;                                                    // nothing is called under it
  std::vector<std::shared_ptr<Entry>> entries_ ABSL_GUARDED_BY(mu_);  // all but `source` guarded
};

}  // namespace tidemark
