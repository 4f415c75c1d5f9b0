#pragma once

#include <atomic>
#include <functional>

#include "absl/status/status.h"

#include "base/metrics.h"
#include "http/http_server.h"

// What is served beside the API. What the handlers are given outlives them.
namespace tidemark::http {

// A page that says what this is and where the API is.
Handler LandingPage();
// The server's own metrics.
Handler MetricsPage(const MetricRegistry& metrics);
// /version: what this binary was built from, as JSON.
Handler VersionPage();

// /-/healthy and /-/ready, with Prometheus's texts.
Handler HealthyProbe();
Handler ReadyProbe(const std::atomic<bool>& ready);

// /-/reload and /-/quit. 403 where `enabled` is false.
Handler ReloadHandler(bool enabled, std::function<absl::Status()> reload);
Handler QuitHandler(bool enabled, std::function<void()> quit);
// What these two answer to other methods than POST and PUT.
Handler WrongLifecycleMethod();

// `handler` while `ready` holds, else 503.
Handler WhenReady(const std::atomic<bool>& ready, Handler handler);

}  // namespace tidemark::http
