#include "base/net/oauth2_tokens.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/json_value.h"
#include "base/net/ascii_text.h"
#include "base/net/http_status.h"
#include "base/net/url.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr size_t kMaxBodyBytes = 1 << 20;
constexpr seconds kEarlier{10};  // than a token expires it is not used any more
constexpr seconds kMaxLifetime{366 * 86400};
constexpr std::chrono::hours kKeepUnused{1};  // a source that a reload has done away with

// The fields of an answer, whichever form it has; empty where they are absent.
struct Answer {
  std::string access_token, token_type, expires_in, error, error_description, error_uri;
};

Answer ReadForm(std::string_view body) {
  Answer answer;
  const struct {
    std::string_view name;
    std::string* out;
  } kFields[] = {{"access_token", &answer.access_token},
                 {"token_type", &answer.token_type},
                 {"expires_in", &answer.expires_in},
                 {"error", &answer.error},
                 {"error_description", &answer.error_description},
                 {"error_uri", &answer.error_uri}};
  while (!body.empty()) {
    const std::string_view pair = body.substr(0, body.find('&'));
    body.remove_prefix(std::min(body.size(), pair.size() + 1));
    const size_t equals = std::min(pair.find('='), pair.size());
    const std::string name = QueryUnescape(pair.substr(0, equals));
    for (const auto& field : kFields) {
      if (field.name != name || !field.out->empty()) continue;
      *field.out = QueryUnescape(pair.substr(std::min(pair.size(), equals + 1)));
    }
  }
  return answer;
}

absl::StatusOr<Answer> ReadJson(std::string_view body) {
  const absl::StatusOr<JsonValue> json = JsonValue::Parse(body);
  if (!json.ok()) {
    return absl::UnavailableError(
        StrCat("oauth2: cannot parse json: ", ToStd(json.status().message())));
  }
  if (!json->IsObject() && !json->IsNull()) {
    return absl::UnavailableError("oauth2: cannot parse json: it is not an object");
  }
  const JsonValue expires = json->Get("expires_in");
  return Answer{.access_token = json->Get("access_token").String(),
                .token_type = json->Get("token_type").String(),
                .expires_in = expires.IsString() ? expires.String() : expires.Dump(),
                .error = json->Get("error").String(),
                .error_description = json->Get("error_description").String(),
                .error_uri = json->Get("error_uri").String()};
}

bool IsForm(std::string_view content_type) {
  const std::string type = LowerCase(Trimmed(content_type.substr(0, content_type.find(';'))));
  return type == "application/x-www-form-urlencoded" || type == "text/plain";
}

absl::Status Refusal(const HttpResponse& response, const Answer& answer) {
  if (answer.error.empty()) {
    return absl::UnavailableError(
        StrCat("oauth2: cannot fetch token: ", HttpStatusText(response.status),
               "\nResponse: ", response.body));
  }
  std::string text = "oauth2:";
  for (const std::string* part : {&answer.error, &answer.error_description, &answer.error_uri}) {
    if (!part->empty()) StrAppend(&text, " \"", *part, "\"");
  }
  return absl::UnavailableError(text);
}

// "bearer" in any case is "Bearer", as servers are used to it.
std::string TokenType(std::string type) {
  const std::string lower = LowerCase(type);
  if (lower.empty() || lower == "bearer") return "Bearer";
  if (lower == "mac") return "MAC";
  return lower == "basic" ? "Basic" : type;
}

std::string Form(const OAuth2Options& source, bool with_secret) {
  std::vector<std::pair<std::string, std::string>> fields = {{"grant_type", "client_credentials"}};
  std::string scope;
  for (const std::string& s : source.scopes) StrAppend(&scope, scope.empty() ? "" : " ", s);
  if (!scope.empty()) fields.emplace_back("scope", scope);
  for (const auto& [name, value] : source.endpoint_params) {
    // Parameters may say another grant type, as with Go.
    if (name == "grant_type")
      std::erase_if(fields, [](const auto& f) { return f.first == "grant_type"; });
    fields.emplace_back(name, value);
  }
  if (with_secret) {
    fields.emplace_back("client_id", source.client_id);
    if (!source.client_secret.empty()) {
      fields.emplace_back("client_secret", source.client_secret);
    }
  }
  std::stable_sort(fields.begin(), fields.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  return FormEncode(fields);
}

}  // namespace

absl::StatusOr<TokenGrant> TokenGrant::Parse(const HttpResponse& response) {
  const bool refused = response.status < 200 || response.status > 299;
  absl::StatusOr<Answer> answer =
      IsForm(response.Header("content-type")) ? ReadForm(response.body) : ReadJson(response.body);
  if (!answer.ok()) return refused ? Refusal(response, {}) : answer.status();
  if (refused || !answer->error.empty()) return Refusal(response, *answer);
  if (answer->access_token.empty()) {
    return absl::UnavailableError("oauth2: server response missing access_token");
  }
  TokenGrant grant;
  grant.token = {TokenType(answer->token_type), std::move(answer->access_token)};
  const long long lifetime = std::atoll(answer->expires_in.c_str());
  if (lifetime != 0) {
    grant.lifetime = seconds(std::clamp<long long>(lifetime, 0, kMaxLifetime.count()));
  }
  return grant;
}

void OAuth2Tokens::Take(const OAuth2Options& source, const std::string& user_agent,
                        DurationMs timeout, Taker taker) {
  Fetch fetch;
  std::optional<AccessToken> known;
  {
    const Instant now = steady_clock::now();
    absl::MutexLock lock(&mu_);
    fetch.entry = FindEntry(source, now);
    Entry& entry = *fetch.entry;
    if (entry.token && (!entry.stale_at || now < *entry.stale_at)) {
      known = entry.token;
    } else {
      entry.waiting.push_back(std::move(taker));
      if (std::exchange(entry.under_way, true)) return;
      fetch.place = entry.secret_place.value_or(SecretPlace::kHeader);
      fetch.is_guess = !entry.secret_place;
      fetch.deadline = now + milliseconds(timeout);
    }
  }
  if (known) {
    taker(*std::move(known));
    return;
  }
  fetch.user_agent = user_agent;
  Ask(std::move(fetch));
}

std::shared_ptr<OAuth2Tokens::Entry> OAuth2Tokens::FindEntry(const OAuth2Options& source,
                                                             Instant now) {
  for (const auto& entry : entries_) {
    if (entry->source != source) continue;
    entry->last_asked = now;
    return entry;
  }
  std::erase_if(entries_, [&](const auto& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return !entry->under_way && entry->last_asked + kKeepUnused < now;
  });
  auto entry = std::make_shared<Entry>();
  entry->source = source;
  entry->last_asked = now;
  entries_.push_back(entry);
  return entry;
}

void OAuth2Tokens::Ask(Fetch fetch) {
  const OAuth2Options& source = fetch.entry->source;
  HttpRequest request;
  request.method = "POST";
  request.url = source.token_url;
  request.timeout = std::max<DurationMs>(
      1, std::chrono::duration_cast<milliseconds>(fetch.deadline - steady_clock::now()).count());
  request.max_body_bytes = kMaxBodyBytes;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  request.body = Form(source, fetch.place == SecretPlace::kBody);
  HttpClientOptions options;
  options.user_agent = fetch.user_agent;
  options.tls = source.tls;
  options.proxy = source.proxy;
  if (fetch.place == SecretPlace::kHeader) {
    options.username = QueryEscape(source.client_id);
    options.password = QueryEscape(source.client_secret);
  }
  send_(std::move(request), options,
        [this, fetch = std::move(fetch)](const absl::StatusOr<HttpResponse>& response) {
          if (!response.ok()) return Finish(fetch, response.status());
          const absl::StatusOr<TokenGrant> grant = TokenGrant::Parse(*response);
          if (grant.ok() || !fetch.is_guess) return Finish(fetch, grant);
          // An endpoint says in many ways that it wants the secret elsewhere.
          Fetch again = fetch;
          again.place = SecretPlace::kBody;
          again.is_guess = false;
          Ask(std::move(again));
        });
}

void OAuth2Tokens::Finish(const Fetch& fetch, const absl::StatusOr<TokenGrant>& grant) {
  const absl::StatusOr<AccessToken> token =
      grant.ok() ? absl::StatusOr<AccessToken>(grant->token) : grant.status();
  std::vector<Taker> waiting;
  {
    absl::MutexLock lock(&mu_);
    Entry& entry = *fetch.entry;
    entry.under_way = false;
    entry.token.reset();
    if (grant.ok()) {
      entry.token = grant->token;
      entry.secret_place = fetch.place;
      entry.stale_at.reset();
      if (grant->lifetime) entry.stale_at = steady_clock::now() + *grant->lifetime - kEarlier;
    }
    waiting.swap(entry.waiting);
  }
  for (const Taker& taker : waiting) taker(token);
}

}  // namespace tidemark
