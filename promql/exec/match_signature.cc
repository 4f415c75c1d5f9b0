#include "promql/exec/match_signature.h"

namespace tidemark::promql {

LabelSet MatchSignature(const LabelSet& labels, const VectorMatching& matching) {
  if (matching.on) return KeepLabels(labels, matching.labels);
  return DropMetricName(DropLabels(labels, matching.labels));
}

}  // namespace tidemark::promql
