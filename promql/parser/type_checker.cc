#include "promql/parser/type_checker.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"

#include "base/labels/label_set.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "promql/parser/function_signatures.h"
#include "promql/parser/parse_error.h"

namespace tidemark::promql {
namespace {

std::string Quoted(std::string_view text) {
  std::string quoted;
  AppendQuoted(text, &quoted);
  return quoted;
}

// Prometheus has two sets of names for types; this is the one that few errors use.
std::string_view ShortTypeName(ValueType type) {
  switch (type) {
    case ValueType::kVector:
      return "vector";
    case ValueType::kMatrix:
      return "matrix";
    default:
      return ValueTypeName(type);
  }
}

bool IsScalarOrVector(const Expr& expr) {
  return expr.type == ValueType::kScalar || expr.type == ValueType::kVector;
}

class TypeChecker {
 public:
  explicit TypeChecker(std::string_view query) : query_(query) {}

  absl::Status Check(Expr& expr) {
    return std::visit([&](auto& node) { return CheckNode(expr, node); }, expr.node);
  }

 private:
  absl::Status Error(const Expr& expr, std::string_view reason) const {
    return ParseError(query_, expr.source.begin, reason);
  }

  absl::Status Expect(Expr& expr, ValueType want, std::string_view where) {
    RETURN_IF_ERROR(Check(expr));
    if (expr.type == want) return absl::OkStatus();
    return Error(expr, StrCat("expected type ", ValueTypeName(want), " in ", where, ", got ",
                              ValueTypeName(expr.type)));
  }

  absl::Status CheckNode(Expr&, NumberLiteral&) { return absl::OkStatus(); }
  absl::Status CheckNode(Expr&, StringLiteral&) { return absl::OkStatus(); }
  absl::Status CheckNode(Expr&, ParenExpr& paren) { return Check(*paren.expr); }
  absl::Status CheckNode(Expr&, MatrixSelector& matrix) { return Check(*matrix.vector); }

  absl::Status CheckNode(Expr& expr, VectorSelector& selector) {
    if (!selector.metric_name.empty()) return CheckNameIsSetOnce(expr, selector);
    const bool selective = std::any_of(selector.matchers.begin(), selector.matchers.end(),
                                       [](const LabelMatcher& m) { return !m.Matches(""); });
    if (selective) return absl::OkStatus();
    return Error(expr, "vector selector must contain at least one non-empty matcher");
  }

  absl::Status CheckNameIsSetOnce(const Expr& expr, const VectorSelector& selector) const {
    // The last matcher is that of the name before the braces.
    for (size_t i = 0; i + 1 < selector.matchers.size(); ++i) {
      const LabelMatcher& matcher = selector.matchers[i];
      if (matcher.name() != "__name__") continue;
      return Error(expr, StrCat("metric name must not be set twice: ", Quoted(selector.metric_name),
                                " or ", Quoted(matcher.value())));
    }
    return absl::OkStatus();
  }

  absl::Status CheckNode(Expr& expr, Subquery& subquery) {
    RETURN_IF_ERROR(Check(*subquery.expr));
    const ValueType type = subquery.expr->type;
    if (type == ValueType::kVector) return absl::OkStatus();
    return Error(expr, StrCat("subquery is only allowed on instant vector, got ",
                              ShortTypeName(type), " instead"));
  }

  absl::Status CheckNode(Expr& expr, UnaryExpr& unary) {
    RETURN_IF_ERROR(Check(*unary.expr));
    if (IsScalarOrVector(*unary.expr)) return absl::OkStatus();
    return Error(expr, StrCat("unary expression only allowed on expressions of type scalar or "
                              "instant vector, got \"",
                              ValueTypeName(unary.expr->type), "\""));
  }

  absl::Status CheckNode(Expr&, AggregateExpr& aggregate) {
    RETURN_IF_ERROR(Expect(*aggregate.expr, ValueType::kVector, "aggregation expression"));
    if (aggregate.param == nullptr) return absl::OkStatus();
    const ValueType want =
        aggregate.op == AggregateOp::kCountValues ? ValueType::kString : ValueType::kScalar;
    return Expect(*aggregate.param, want, "aggregation parameter");
  }

  // --- calls

  absl::Status CheckNode(Expr& expr, Call& call) {
    const FunctionSignature& function = *call.function;
    RETURN_IF_ERROR(CheckArgumentCount(expr, call));
    const bool is_info = function.name == "info" && call.args.size() == 2;
    if (is_info) RETURN_IF_ERROR(CheckInfoSelector(*call.args[1]));
    const std::string where = StrCat("call to function \"", function.name, "\"");
    for (size_t i = 0; i < call.args.size(); ++i) {
      if (is_info && i == 1) continue;  // may match everything, unlike other selectors
      const size_t declared = std::min(i, function.args.size() - 1);
      RETURN_IF_ERROR(Expect(*call.args[i], function.args[declared], where));
    }
    return absl::OkStatus();
  }

  absl::Status CheckArgumentCount(const Expr& expr, const Call& call) const {
    const FunctionSignature& function = *call.function;
    const size_t declared = function.args.size();
    const size_t least = function.variadic == 0 ? declared : declared - 1;
    const size_t got = call.args.size();
    const auto wrong = [&](std::string_view bound, size_t want) {
      return Error(expr, StrCat("expected ", bound, want, " argument(s) in call to \"",
                                function.name, "\", got ", got));
    };
    if (function.variadic == 0) return got == declared ? absl::OkStatus() : wrong("", declared);
    if (got < least) return wrong("at least ", least);
    if (function.variadic < 0) return absl::OkStatus();
    const size_t most = least + static_cast<size_t>(function.variadic);
    return got <= most ? absl::OkStatus() : wrong("at most ", most);
  }

  // info()'s second argument names labels, by a selector without a metric.
  absl::Status CheckInfoSelector(const Expr& expr) const {
    if (expr.type != ValueType::kVector) {
      return Error(expr, StrCat("expected type instant vector in call to function \"info\", got ",
                                ValueTypeName(expr.type)));
    }
    const auto* selector = expr.As<VectorSelector>();
    if (selector == nullptr || !selector->metric_name.empty()) {
      return Error(expr, "expected label selectors only, got vector selector instead");
    }
    return absl::OkStatus();
  }

  // --- binary operators

  absl::Status CheckNode(Expr& expr, BinaryExpr& binary) {
    RETURN_IF_ERROR(Check(*binary.left));
    RETURN_IF_ERROR(Check(*binary.right));
    RETURN_IF_ERROR(CheckBool(binary));
    RETURN_IF_ERROR(CheckLabels(binary));
    for (const Expr* side : {binary.left.get(), binary.right.get()}) {
      if (!IsScalarOrVector(*side)) {
        return Error(*side, "binary expression must contain only scalar and instant vector types");
      }
    }
    const bool vectors =
        binary.left->type == ValueType::kVector && binary.right->type == ValueType::kVector;
    return vectors ? CompleteMatching(expr, binary) : DropMatching(expr, binary);
  }

  // Where the operator stands, for errors about it.
  absl::Status OperatorError(const BinaryExpr& binary, std::string_view reason) const {
    size_t offset = binary.left->source.end;
    while (offset < query_.size() && absl::ascii_isspace(query_[offset])) ++offset;
    return ParseError(query_, offset, reason);
  }

  absl::Status CheckBool(const BinaryExpr& binary) const {
    if (binary.return_bool && !IsComparison(binary.op)) {
      return OperatorError(binary, "bool modifier can only be used on comparison operators");
    }
    if (IsComparison(binary.op) && !binary.return_bool && binary.left->type == ValueType::kScalar &&
        binary.right->type == ValueType::kScalar) {
      return OperatorError(binary, "comparisons between scalars must use BOOL modifier");
    }
    return absl::OkStatus();
  }

  absl::Status CheckLabels(const BinaryExpr& binary) const {
    if (!binary.matching->on) return absl::OkStatus();
    const std::vector<std::string>& include = binary.matching->include;
    for (const std::string& label : binary.matching->labels) {
      if (std::find(include.begin(), include.end(), label) != include.end()) {
        return OperatorError(binary, StrCat("label ", Quoted(label),
                                            " must not occur in ON and GROUP clause at once"));
      }
    }
    return absl::OkStatus();
  }

  absl::Status DropMatching(const Expr& expr, BinaryExpr& binary) const {
    const VectorMatching& matching = *binary.matching;
    if (!matching.labels.empty()) {
      return Error(expr, "vector matching only allowed between instant vectors");
    }
    if (matching.fill_left || matching.fill_right) {
      return Error(expr, "filling in missing series only allowed between instant vectors");
    }
    if (IsSetOp(binary.op)) {
      return Error(expr, StrCat("set operator \"", BinaryOpText(binary.op),
                                "\" not allowed in binary scalar expression"));
    }
    binary.matching.reset();
    return absl::OkStatus();
  }

  absl::Status CompleteMatching(const Expr& expr, BinaryExpr& binary) const {
    if (!IsSetOp(binary.op)) return absl::OkStatus();
    VectorMatching& matching = *binary.matching;
    if (matching.cardinality != VectorMatching::Cardinality::kOneToOne) {
      return Error(expr,
                   StrCat("no grouping allowed for \"", BinaryOpText(binary.op), "\" operation"));
    }
    if (matching.fill_left || matching.fill_right) {
      return Error(expr, "filling in missing series not allowed for set operators");
    }
    matching.cardinality = VectorMatching::Cardinality::kManyToMany;
    return absl::OkStatus();
  }

  const std::string_view query_;
};

}  // namespace

absl::Status CheckTypes(std::string_view query, Expr& root) {
  return TypeChecker(query).Check(root);
}

}  // namespace tidemark::promql
