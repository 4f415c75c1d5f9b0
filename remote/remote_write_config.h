#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/labels/relabel.h"
#include "base/model/timestamp.h"
#include "base/net/http_client_options.h"

// An entry of `remote_write`, with Prometheus's names and defaults. Reference:
// https://prometheus.io/docs/prometheus/latest/configuration/configuration/#remote_write
namespace tidemark::remote {

// The protobuf message of a request: prometheus.WriteRequest, io.prometheus.write.v2.Request.
enum class WriteMessage { kV1, kV2 };

// `queue_config`. All counts and pauses are at least 1.
struct QueueConfig {
  size_t capacity = 10'000;  // samples that wait in memory, of one shard
  size_t max_shards = 50, min_shards = 1;
  size_t max_samples_per_send = 2'000;
  DurationMs batch_send_deadline = 5 * kSecond;
  DurationMs min_backoff = 30, max_backoff = 5 * kSecond;
  // Prometheus's default is false: a receiver that asks for patience there loses what it was sent.
  bool retry_on_http_429 = true;
  DurationMs sample_age_limit = 0;  // 0 is none
};

// `metadata_config`.
struct MetadataConfig {
  bool send = true;
  DurationMs send_interval = kMinute;
  size_t max_samples_per_send = 2'000;  // families
};

struct RemoteWriteConfig {
  std::string name;  // as given; empty: made of what else there is
  std::string url;
  DurationMs timeout = 30 * kSecond;  // of one request
  HttpClientOptions http;             // `headers` among its headers
  std::vector<RelabelRule> relabel_rules;
  WriteMessage message = WriteMessage::kV1;
  bool send_exemplars = false, send_native_histograms = false;
  QueueConfig queue;
  MetadataConfig metadata;
  std::string settings;  // all of it as text: equal where the entry is. Holds secrets.
};

}  // namespace tidemark::remote
