#include "http/remote/remote_write.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/io/compression.h"
#include "http/remote/receive_v1.h"
#include "http/remote/receive_v2.h"
#include "http/remote/write_answer.h"
#include "http/remote/write_metrics.h"
#include "http/remote/write_protocol.h"

namespace tidemark::http {
namespace {

constexpr size_t kMaxMessageBytes = 32 << 20;

struct Receiver {
  Receiver(const RemoteWriteOptions& options, tsdb::Appendable& store, MetricRegistry& registry)
      : enabled(options.enabled), store(store), metrics(registry) {
    for (const WriteMessage message : {WriteMessage::kV1, WriteMessage::kV2}) {
      const auto& names = options.accepted_messages;
      if (std::find(names.begin(), names.end(), ProtobufName(message)) != names.end()) {
        accepted.push_back(message);
      }
    }
  }

  const bool enabled;
  std::vector<WriteMessage> accepted;
  tsdb::Appendable& store;
  WriteMetrics metrics;
};

Response Receive(Receiver& receiver, const Request& request) {
  if (!receiver.enabled) {
    return WriteError(404,
                      "remote write receiver needs to be enabled with "
                      "--web.enable-remote-write-receiver");
  }
  const absl::StatusOr<WriteMessage> message =
      MessageOf(request.Header("Content-Type"), receiver.accepted);
  if (!message.ok()) return WriteError(415, message.status());
  absl::Status status = CheckSnappy(request.Header("Content-Encoding"));
  if (!status.ok()) return WriteError(415, status);
  std::string bytes;
  status = SnappyUncompress(request.body, kMaxMessageBytes, &bytes);
  if (!status.ok()) return WriteError(absl::IsResourceExhausted(status) ? 413 : 400, status);
  return *message == WriteMessage::kV1 ? ReceiveV1(bytes, receiver.store, receiver.metrics)
                                       : ReceiveV2(bytes, receiver.store, receiver.metrics);
}

}  // namespace

Handler RemoteWriteHandler(const RemoteWriteOptions& options, tsdb::Appendable& store,
                           MetricRegistry& metrics) {
  const auto receiver = std::make_shared<Receiver>(options, store, metrics);
  return [receiver](const Request& request) { return Receive(*receiver, request); };
}

}  // namespace tidemark::http
