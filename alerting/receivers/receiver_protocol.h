#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "alerting/notifier.h"
#include "base/net/http_client.h"

namespace tidemark::alerting {

// How alerts are told to one kind of receiver. A ReceiverQueue calls it, one call at a time.
class ReceiverProtocol {
 public:
  virtual ~ReceiverProtocol() = default;
  // False for an alert that the receiver need not be told at `now`.
  virtual bool Wants(const Notification& alert, TimestampMs now) const = 0;
  // Alerts with the same key may go in one message.
  virtual std::string MessageKey(const Notification& alert) const = 0;
  // How many alerts one message may have; 0 is no bound.
  virtual size_t max_alerts() const = 0;
  // The message that tells `alerts`, which are not empty and of one key.
  virtual HttpRequest Message(std::span<const Notification> alerts) const = 0;
  // The receiver took them.
  virtual void Delivered(std::span<const Notification> alerts, TimestampMs now) = 0;
};

}  // namespace tidemark::alerting
