#pragma once

#include "absl/status/status.h"

#include "alerting/notifier.h"
#include "base/yaml_document.h"

namespace tidemark::config {

// The `alerting` section: Alertmanagers, webhooks (Tidemark's own) and alert relabeling. Relabeling
// of Alertmanagers is applied here, so that one entry of `config` is one address.
//   InvalidArgument  "FILE:LINE: reason"
absl::Status ReadAlerting(const YamlNode& node, alerting::NotifierConfig* config);

}  // namespace tidemark::config
