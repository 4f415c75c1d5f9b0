#include "promql/parser/modifiers.h"

#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"

#include "PromQLParser.h"
#include "antlr4-runtime.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "promql/parser/duration_builder.h"
#include "promql/parser/number_literal.h"
#include "promql/parser/parse_error.h"
#include "promql/parser/rule_source.h"

namespace tidemark::promql {
namespace {

using antlr::PromQLParser;

// The selector that a modifier behind `expr` is for, null where there is none. A range selector's
// modifiers are those of the vector selector in it.
VectorSelector* SelectorOf(Expr& expr) {
  if (auto* matrix = std::get_if<MatrixSelector>(&expr.node)) {
    return std::get_if<VectorSelector>(&matrix->vector->node);
  }
  return std::get_if<VectorSelector>(&expr.node);
}
TimeModifiers* TimeModifiersOf(Expr& expr) {
  if (auto* subquery = std::get_if<Subquery>(&expr.node)) return &subquery->time;
  VectorSelector* selector = SelectorOf(expr);
  return selector == nullptr ? nullptr : &selector->time;
}

bool IsSet(const DurationValue& duration) {
  return duration.fixed != 0 || duration.expr != nullptr;
}

// Applies one modifier.
class ModifierBuilder {
 public:
  ModifierBuilder(std::string_view query, const ParserOptions& options,
                  PromQLParser::ModifierContext& rule)
      : query_(query), options_(options), rule_(rule), source_(SourceOf(rule)) {}

  absl::StatusOr<ExprPtr> Apply(ExprPtr expr) {
    if (rule_.LEFT_BRACKET() != nullptr) {
      return rule_.COLON() != nullptr ? MakeSubquery(std::move(expr)) : MakeRange(std::move(expr));
    }
    if (rule_.OFFSET() != nullptr) {
      RETURN_IF_ERROR(SetOffset(*expr));
    } else if (rule_.AT() != nullptr) {
      RETURN_IF_ERROR(SetAt(*expr));
    } else {
      RETURN_IF_ERROR(SetExtension(*expr));
    }
    expr->source.end = source_.end;
    return expr;
  }

 private:
  absl::Status Error(uint32_t offset, std::string_view reason) const {
    return ParseError(query_, offset, reason);
  }

  absl::StatusOr<ExprPtr> MakeRange(ExprPtr expr) {
    const auto* selector = std::get_if<VectorSelector>(&expr->node);
    if (selector == nullptr) {
      return Error(source_.begin, "ranges only allowed for vector selectors");
    }
    if (IsSet(selector->time.offset)) {
      return Error(source_.begin, "no offset modifiers allowed before range");
    }
    if (selector->time.at) return Error(source_.begin, "no @ modifiers allowed before range");

    auto range = std::make_unique<Expr>();
    MatrixSelector& matrix = range->node.emplace<MatrixSelector>();
    ASSIGN_OR_RETURN(matrix.range, BuildPositiveDuration(query_, *rule_.durationExpr(0)));
    range->type = ValueType::kMatrix;
    range->source = {expr->source.begin, source_.end};
    matrix.vector = std::move(expr);
    return range;
  }

  absl::StatusOr<ExprPtr> MakeSubquery(ExprPtr expr) {
    auto wrapped = std::make_unique<Expr>();
    Subquery& subquery = wrapped->node.emplace<Subquery>();
    ASSIGN_OR_RETURN(subquery.range, BuildPositiveDuration(query_, *rule_.durationExpr(0)));
    if (auto* step = rule_.durationExpr(1)) {
      ASSIGN_OR_RETURN(subquery.step, BuildPositiveDuration(query_, *step));
    }
    wrapped->type = ValueType::kMatrix;
    wrapped->source = {expr->source.begin, source_.end};
    subquery.expr = std::move(expr);
    return wrapped;
  }

  absl::Status SetOffset(Expr& expr) {
    TimeModifiers* time = TimeModifiersOf(expr);
    if (time == nullptr) {
      return Error(expr.source.begin,
                   "offset modifier must be preceded by an instant vector selector or range "
                   "vector selector or a subquery");
    }
    if (IsSet(time->offset)) {
      return Error(expr.source.begin, "offset may not be set multiple times");
    }
    ASSIGN_OR_RETURN(time->offset, BuildDuration(query_, *rule_.offsetDuration()));
    return absl::OkStatus();
  }

  absl::Status SetAt(Expr& expr) {
    TimeModifiers* time = TimeModifiersOf(expr);
    if (time == nullptr) {
      return Error(expr.source.begin,
                   "@ modifier must be preceded by an instant vector selector or range vector "
                   "selector or a subquery");
    }
    if (time->at) {
      return Error(expr.source.begin, "@ <timestamp> may not be set multiple times");
    }
    if (rule_.START() != nullptr) {
      time->at = AtModifier{AtModifier::Kind::kStart};
    } else if (rule_.END() != nullptr) {
      time->at = AtModifier{AtModifier::Kind::kEnd};
    } else {
      ASSIGN_OR_RETURN(const TimestampMs timestamp, BuildTimestamp(expr.source.begin));
      time->at = AtModifier{AtModifier::Kind::kTimestamp, timestamp};
    }
    return absl::OkStatus();
  }

  // Errors about the value stand at `offset`, where the modified expression begins.
  absl::StatusOr<TimestampMs> BuildTimestamp(uint32_t offset) const {
    auto& number = *rule_.signedNumber()->number();
    const SourceRange source = SourceOf(number);
    const std::string_view text = TextOf(query_, source);
    absl::StatusOr<double> seconds =
        number.DURATION() != nullptr ? ParseDurationLiteral(text) : ParseNumberLiteral(text);
    if (!seconds.ok()) return Error(source.begin, ToStd(seconds.status().message()));
    if (rule_.signedNumber()->SUB() != nullptr) *seconds = -*seconds;
    const double milliseconds = std::round(*seconds * 1000);
    constexpr auto kLimit = static_cast<double>(std::numeric_limits<TimestampMs>::max());
    if (!(std::abs(milliseconds) < kLimit)) return TimestampOutOfBounds(offset, *seconds);
    return static_cast<TimestampMs>(milliseconds);
  }

  absl::Status TimestampOutOfBounds(uint32_t offset, double seconds) const {
    const std::string shown = std::isnan(seconds)   ? "NaN"
                              : std::isinf(seconds) ? (seconds > 0 ? "+Inf" : "-Inf")
                                                    : absl::StrFormat("%f", seconds);
    return Error(offset, StrCat("timestamp out of bounds for @ modifier: ", shown));
  }

  absl::Status SetExtension(Expr& expr) {
    using Extension = VectorSelector::Extension;
    const bool anchored = rule_.ANCHORED() != nullptr;
    const std::string_view name = anchored ? "anchored" : "smoothed";
    if (!options_.extended_range_selectors) {
      return Error(expr.source.begin, StrCat(name, " modifier is experimental and not enabled"));
    }
    if (std::holds_alternative<Subquery>(expr.node)) {
      return Error(expr.source.begin, StrCat(name, " modifier is not supported for subqueries"));
    }
    VectorSelector* selector = SelectorOf(expr);
    if (selector == nullptr) {
      return Error(expr.source.begin, StrCat(name, " modifier not implemented"));
    }
    const Extension extension = anchored ? Extension::kAnchored : Extension::kSmoothed;
    if (selector->extension != Extension::kNone && selector->extension != extension) {
      return Error(expr.source.begin, "anchored and smoothed modifiers cannot be used together");
    }
    selector->extension = extension;
    return absl::OkStatus();
  }

  const std::string_view query_;
  const ParserOptions& options_;
  PromQLParser::ModifierContext& rule_;
  const SourceRange source_;
};

}  // namespace

absl::StatusOr<ExprPtr> ApplyModifier(std::string_view query, const ParserOptions& options,
                                      antlr4::ParserRuleContext& rule, ExprPtr expr) {
  auto& modifier = dynamic_cast<PromQLParser::ModifierContext&>(rule);
  return ModifierBuilder(query, options, modifier).Apply(std::move(expr));
}

}  // namespace tidemark::promql
