#include "promql/exec/histogram_binary.h"

#include <memory>
#include <string>
#include <utility>

#include "base/strings.h"
#include "promql/histograms/combine.h"
#include "promql/histograms/equality.h"
#include "promql/histograms/trim.h"

namespace tidemark::promql {
namespace {

HistogramPtr Share(FloatHistogramSample histogram) {
  return std::make_shared<const FloatHistogramSample>(std::move(histogram));
}

HistogramPtr Compacted(FloatHistogramSample histogram) {
  Compact(histogram);
  return Share(std::move(histogram));
}

HistogramPtr Scaled(const FloatHistogramSample& histogram, BinaryOp op, double number) {
  FloatHistogramSample scaled = histogram;
  op == BinaryOp::kMul ? Multiply(number, scaled) : Divide(number, scaled);
  return Compacted(std::move(scaled));
}

}  // namespace

HistogramBinary::Outcome HistogramBinary::Evaluate(QueryContext& query, const Operand& left,
                                                   const Operand& right, const StepRow& out,
                                                   size_t step) {
  const bool compares = rule_.op == BinaryOp::kEqual || rule_.op == BinaryOp::kNotEqual;
  if (compares && left.histogram != nullptr && right.histogram != nullptr) {
    const bool holds = AreEqual(ViewOf(*left.histogram), ViewOf(*right.histogram)) ==
                       (rule_.op == BinaryOp::kEqual);
    out.Clear(step);
    if (rule_.return_bool) {
      out.Set(step, holds);
    } else if (holds) {
      out.SetHistogram(step, left.histogram);
    } else {
      return Outcome::kFiltered;
    }
    return Outcome::kResult;
  }
  HistogramPtr result = Calculate(query, left, right);
  if (result == nullptr) {
    out.Clear(step);
    return Outcome::kImpossible;
  }
  out.SetHistogram(step, std::move(result));
  return Outcome::kResult;
}

HistogramPtr HistogramBinary::Calculate(QueryContext& query, const Operand& left,
                                        const Operand& right) {
  const BinaryOp op = rule_.op;
  if (left.histogram != nullptr && right.histogram != nullptr) {
    if (op == BinaryOp::kAdd || op == BinaryOp::kSub) {
      return Combine(query, *left.histogram, *right.histogram);
    }
    Tell(query, kHistogramHistogram);
  } else if (left.histogram != nullptr) {
    if (op == BinaryOp::kMul || op == BinaryOp::kDiv) {
      return Scaled(*left.histogram, op, right.value);
    }
    if (op == BinaryOp::kTrimUpper) return Share(TrimAbove(ViewOf(*left.histogram), right.value));
    if (op == BinaryOp::kTrimLower) return Share(TrimBelow(ViewOf(*left.histogram), right.value));
    Tell(query, kHistogramFloat);
  } else if (right.histogram != nullptr) {
    if (op == BinaryOp::kMul) return Scaled(*right.histogram, op, left.value);
    Tell(query, kFloatHistogram);
  } else {
    Tell(query, kFloatFloat);
  }
  return nullptr;
}

HistogramPtr HistogramBinary::Combine(QueryContext& query, const FloatHistogramSample& left,
                                      const FloatHistogramSample& right) {
  FloatHistogramSample result = left;
  CombineNotes notes;
  const bool adds = rule_.op == BinaryOp::kAdd;
  const bool fits =
      adds ? Add(ViewOf(right), result, notes) : Subtract(ViewOf(right), result, notes);
  if (!fits) {
    Tell(query, kOtherBuckets);
    return nullptr;
  }
  if (!adds) result.counter_reset_hint = CounterResetHint::kGauge;
  if (notes.conflicting_resets) {
    Tell(query, kConflictingResets);
    return nullptr;
  }
  if (notes.bounds_reconciled) Tell(query, kBoundsReconciled);
  return Compacted(std::move(result));
}

void HistogramBinary::Tell(QueryContext& query, Note note) {
  if (std::exchange(told_[note], true)) return;
  const std::string_view action = rule_.op == BinaryOp::kAdd ? "addition" : "subtraction";
  switch (note) {
    case kFloatFloat:
      return TellOfTypes(query, "float", "float");
    case kFloatHistogram:
      return TellOfTypes(query, "float", "histogram");
    case kHistogramFloat:
      return TellOfTypes(query, "histogram", "float");
    case kHistogramHistogram:
      return TellOfTypes(query, "histogram", "histogram");
    case kOtherBuckets:
      return query.Warn(StrCat("incompatible bucket layout encountered for binary operator ",
                               BinaryOpText(rule_.op)),
                        source_);
    case kConflictingResets:
      return query.Warn(StrCat("conflicting counter resets during histogram ", action), source_);
    case kBoundsReconciled:
      return query.Inform(StrCat("mismatched custom buckets were reconciled during ", action),
                          source_);
    case kNumNotes:
      break;
  }
}

void HistogramBinary::TellOfTypes(QueryContext& query, std::string_view left,
                                  std::string_view right) {
  std::string text = "incompatible sample types encountered for binary operator ";
  AppendQuoted(BinaryOpText(rule_.op), &text);
  StrAppend(&text, ": ", left, " ", BinaryOpText(rule_.op), " ", right);
  query.Inform(text, source_);
}

}  // namespace tidemark::promql
