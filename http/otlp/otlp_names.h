#pragma once

#include <string>
#include <string_view>

#include "http/otlp/otlp_points.h"
#include "http/otlp_options.h"

// Names of series and labels from those of OpenTelemetry, as Prometheus makes them. Thread-safe.
// Source: opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics, and the
// answers of Prometheus 3.5.
namespace tidemark::http {

// The name of a metric without "_bucket", "_sum" and "_count"; empty where nothing legal is left.
// With suffixes the unit follows ("By" as "bytes", "m/s" as "meters_per_second"), then "_total" of
// a monotonic sum or "_ratio" of a gauge with the unit "1".
std::string OtlpMetricName(const OtlpMetric& metric, OtlpNames names);

// The name of a label; empty where `key` is.
std::string OtlpLabelName(std::string_view key, const OtlpOptions& options);

}  // namespace tidemark::http
