#pragma once

#include <string>

#include "base/labels/label_set.h"

namespace tidemark::alerting {

// The number of an alert in Alertmanager's messages, in 16 hexadecimal digits: FNV-1a, 64 bits,
// over each label's name and value, each followed by a byte 0xff. Source:
// github.com/prometheus/common, model/signature.go.
std::string AlertFingerprint(const LabelSet& labels);

}  // namespace tidemark::alerting
