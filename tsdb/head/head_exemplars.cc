#include <string>
#include <utility>

#include "base/status_macros.h"
#include "tsdb/head/head.h"

// Exemplars on their way through Head: checked when they are appended, journaled with their batch,
// stored when it is applied, so in the order of the journal.

namespace tidemark::tsdb {

bool Head::IsKnown(SeriesRef series) const {
  const uint32_t i = NumberOf(series);
  return series != kNoSeries && i < num_created_.load(std::memory_order_acquire) &&
         arena_.series(i).num_labels > 0 &&
         arena_.series(i).generation.load(std::memory_order_acquire) == GenerationOf(series);
}

ExemplarVerdict Head::CheckExemplar(SeriesRef series, const Exemplar& exemplar) const {
  if (!exemplars_.is_enabled()) return ExemplarVerdict::kIgnored;
  absl::ReaderMutexLock lock(&data_mu_);  // the series does not leave under it
  if (!IsKnown(series)) return ExemplarVerdict::kIgnored;
  return exemplars_.Check(LabelsOf(arena_.series(NumberOf(series)), symbols_), exemplar);
}

absl::Status Head::CheckReferences(std::span<const SeriesExemplar> exemplars) {
  absl::Status error;
  const uint64_t num_created = num_created_.load(std::memory_order_acquire);
  for (const SeriesExemplar& e : exemplars) {
    if (SeriesOf(e.series, num_created, &error) == nullptr) return error;
  }
  return absl::OkStatus();
}

void Head::ApplyExemplars(std::span<const SeriesExemplar> exemplars) {
  for (const SeriesExemplar& e : exemplars) {
    if (!IsKnown(e.series)) continue;
    absl::StatusOr<LabelSet> labels = LabelSet::FromBytes(std::string(e.labels));
    if (!labels.ok()) continue;  // of a journal that something else wrote
    exemplars_.Add(LabelsOf(arena_.series(NumberOf(e.series)), symbols_),
                   {*std::move(labels), e.value, e.timestamp});
  }
}

absl::Status Head::LoadExemplars(std::string_view bytes) {
  ASSIGN_OR_RETURN(exemplars_cover_, exemplars_.Load(bytes));
  return absl::OkStatus();
}

}  // namespace tidemark::tsdb
