#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/labels/label_set.h"
#include "scrape/expfmt/exposition_parser.h"
#include "scrape/target.h"

// From the labels in a page to those of the stored series.
namespace tidemark::scrape {

// Adds the labels of the target to those of a sample. Where both have a label, honor_labels keeps
// the sample's (an empty one, too, so that a page can say that it has no instance); else the
// target's wins and the sample's is renamed to `exported_` before its name, as often as it takes to
// be free.
void AddTargetLabels(const ExpositionLabels& sample, const LabelSet& target, bool honor_labels,
                     LabelSetBuilder& labels);

// The series of a sample; empty where metric relabeling drops it.
//   InvalidArgument    relabeling left no metric name, or a name is not legacy but has to be
//   ResourceExhausted  label_limit, label_name_length_limit or label_value_length_limit
absl::StatusOr<LabelSet> SeriesLabels(const ExpositionLabels& sample, const LabelSet& target,
                                      const ScrapeConfig& config);

// Whether the two configurations make the same series of the same samples and accept the same.
bool LabelSamplesAlike(const ScrapeConfig& a, const ScrapeConfig& b);

}  // namespace tidemark::scrape
