#pragma once

#include <cstddef>
#include <string_view>

#include "base/model/native_histogram.h"
#include "promql/exec/binary_function.h"
#include "promql/exec/column_batch.h"
#include "promql/exec/query_context.h"

namespace tidemark::promql {

// A binary operator between two samples of which one is a histogram, and trimming between any. What
// does not go together gives nothing, which the query is told once for each pair of types. One
// thread.
class HistogramBinary {
 public:
  // A sample; `value` where there is no histogram.
  struct Operand {
    Operand(double float_value) : value(float_value) {}  // NOLINT(google-explicit-constructor)
    Operand(const StepRow& row, size_t step)
        : value(row.values[step]), histogram(row.SharedHistogram(step)) {}

    double value;
    HistogramPtr histogram;
  };
  enum class Outcome {
    kResult,      // `out` has it
    kFiltered,    // a comparison that does not hold
    kImpossible,  // the two do not go together; they do not count as matched
  };

  // `source`: where the operator stands with its operands.
  HistogramBinary(BinaryRule rule, SourceRange source) : rule_(rule), source_(source) {}

  bool IsFor(const Operand& left, const Operand& right) const {
    return IsTrim(rule_.op) || left.histogram != nullptr || right.histogram != nullptr;
  }
  // Sets `out` at the step, or clears it there.
  Outcome Evaluate(QueryContext& query, const Operand& left, const Operand& right,
                   const StepRow& out, size_t step);

 private:
  enum Note {
    kFloatFloat,
    kFloatHistogram,
    kHistogramFloat,
    kHistogramHistogram,
    kOtherBuckets,
    kConflictingResets,
    kBoundsReconciled,
    kNumNotes
  };

  // Null where the two do not go together.
  HistogramPtr Calculate(QueryContext& query, const Operand& left, const Operand& right);
  HistogramPtr Combine(QueryContext& query, const FloatHistogramSample& left,
                       const FloatHistogramSample& right);
  // Tells the query, each note once.
  void Tell(QueryContext& query, Note note);
  void TellOfTypes(QueryContext& query, std::string_view left, std::string_view right);

  const BinaryRule rule_;
  const SourceRange source_;
  bool told_[kNumNotes] = {};
};

}  // namespace tidemark::promql
