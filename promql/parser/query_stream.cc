#include "promql/parser/query_stream.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"

#include "antlr4-runtime.h"

namespace tidemark::promql {
namespace {

class QueryStream final : public antlr4::CharStream {
 public:
  explicit QueryStream(std::string_view query) : query_(query) {}

  void consume() override { ++next_; }
  // The byte `i` places on, 1 being the next and -1 the last one read.
  size_t LA(ssize_t i) override {
    const ssize_t at = static_cast<ssize_t>(next_) + (i > 0 ? i - 1 : i);
    if (at < 0 || at >= static_cast<ssize_t>(query_.size())) return EOF;
    return static_cast<unsigned char>(absl::ascii_tolower(query_[static_cast<size_t>(at)]));
  }
  // Everything stays readable, so marks mean nothing.
  ssize_t mark() override { return -1; }
  void release(ssize_t) override {}
  size_t index() override { return next_; }
  void seek(size_t index) override { next_ = std::min(index, query_.size()); }
  size_t size() override { return query_.size(); }
  std::string getSourceName() const override { return "query"; }
  std::string getText(const antlr4::misc::Interval& interval) override {
    const auto begin = static_cast<size_t>(interval.a);
    return std::string(query_.substr(begin, static_cast<size_t>(interval.b) - begin + 1));
  }
  std::string toString() const override { return std::string(query_); }

 private:
  const std::string_view query_;
  size_t next_ = 0;
};

}  // namespace

std::unique_ptr<antlr4::CharStream> MakeQueryStream(std::string_view query) {
  return std::make_unique<QueryStream>(query);
}

}  // namespace tidemark::promql
