#include "base/strings.h"
#include "http/pages/pages.h"

namespace tidemark::http {
namespace {

constexpr std::string_view kNotEnabled = "Lifecycle API is not enabled.";

Response ServiceUnavailable() { return Response::Text(503, "Service Unavailable"); }

}  // namespace

Handler HealthyProbe() {
  return [](const Request&) { return Response::Text(200, "Prometheus Server is Healthy.\n"); };
}

Handler ReadyProbe(const std::atomic<bool>& ready) {
  return WhenReady(
      ready, [](const Request&) { return Response::Text(200, "Prometheus Server is Ready.\n"); });
}

Handler ReloadHandler(bool enabled, std::function<absl::Status()> reload) {
  return [=](const Request&) {
    if (!enabled) return Response::Text(403, std::string(kNotEnabled));
    const absl::Status status = reload();
    if (status.ok()) return Response::Text(200, "");
    return Response::Text(500, StrCat("failed to reload config: ", status.message(), "\n"));
  };
}

Handler QuitHandler(bool enabled, std::function<void()> quit) {
  return [=](const Request&) {
    if (!enabled) return Response::Text(403, std::string(kNotEnabled));
    quit();
    return Response::Text(200, "Requesting termination... Goodbye!");
  };
}

Handler WrongLifecycleMethod() {
  return [](const Request&) { return Response::Text(405, "Only POST or PUT requests allowed"); };
}

Handler WhenReady(const std::atomic<bool>& ready, Handler handler) {
  return [&ready, handler = std::move(handler)](const Request& request) {
    return ready ? handler(request) : ServiceUnavailable();
  };
}

}  // namespace tidemark::http
