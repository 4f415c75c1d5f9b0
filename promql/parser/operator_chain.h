#pragma once

#include <utility>
#include <vector>

#include "absl/status/statusor.h"

#include "base/status_macros.h"

namespace tidemark::promql {

// How tightly operators bind, loosest first. A sign binds like `*`: -2^2 is -(2^2).
enum class Precedence { kOr, kAnd, kComparison, kSum, kProduct, kPower };
inline constexpr Precedence kSignPrecedence = Precedence::kProduct;

// Turns a flat chain, `- a + b * c ^ d`, into a tree by precedence (Dijkstra's shunting yard, so
// without recursion). `^` groups to the right, all else to the left. Feed it in source order; every
// Sign or Binary is followed in the end by an Operand.
// Combine is callable as absl::StatusOr<Node>(Op, Node operand) for signs and as
// absl::StatusOr<Node>(Op, Node left, Node right).
template <typename Node, typename Op, typename Combine>
class OperatorChain {
 public:
  explicit OperatorChain(Combine combine) : combine_(std::move(combine)) {}

  void Operand(Node node) { nodes_.push_back(std::move(node)); }
  void Sign(Op op) { pending_.push_back({op, kSignPrecedence, /*is_sign=*/true}); }
  absl::Status Binary(Op op, Precedence precedence) {
    while (!pending_.empty() && GoesFirst(pending_.back().precedence, precedence)) {
      RETURN_IF_ERROR(CombineLast());
    }
    pending_.push_back({op, precedence, /*is_sign=*/false});
    return absl::OkStatus();
  }
  absl::StatusOr<Node> Finish() {
    while (!pending_.empty()) RETURN_IF_ERROR(CombineLast());
    return std::move(nodes_.back());
  }

 private:
  struct Pending {
    Op op;
    Precedence precedence;
    bool is_sign;
  };

  static bool GoesFirst(Precedence left, Precedence right) {
    return left > right || (left == right && right != Precedence::kPower);
  }
  Node TakeLast() {
    Node node = std::move(nodes_.back());
    nodes_.pop_back();
    return node;
  }
  absl::Status CombineLast() {
    const Pending last = pending_.back();
    pending_.pop_back();
    Node right = TakeLast();
    if (last.is_sign) {
      ASSIGN_OR_RETURN(Node node, combine_(last.op, std::move(right)));
      nodes_.push_back(std::move(node));
    } else {
      Node left = TakeLast();
      ASSIGN_OR_RETURN(Node node, combine_(last.op, std::move(left), std::move(right)));
      nodes_.push_back(std::move(node));
    }
    return absl::OkStatus();
  }

  Combine combine_;
  std::vector<Node> nodes_;
  std::vector<Pending> pending_;
};

}  // namespace tidemark::promql
