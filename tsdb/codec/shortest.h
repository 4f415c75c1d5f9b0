#pragma once

#include <cstddef>
#include <string>

namespace tidemark::tsdb {

// Tries several ways to append the same thing to a string and leaves the shortest there; the first
// of equals.
class Shortest {
 public:
  explicit Shortest(std::string* out) : out_(*out), start_(out->size()) {}

  // `encode(std::string*)` appends one way. True where it is the shortest so far.
  template <typename Encode>
  bool Try(Encode encode) {
    const size_t best_end = out_.size();
    encode(&out_);
    if (tried_ && out_.size() - best_end >= best_end - start_) {
      out_.resize(best_end);
      return false;
    }
    out_.erase(start_, best_end - start_);
    tried_ = true;
    return true;
  }

  bool tried() const { return tried_; }

 private:
  std::string& out_;
  const size_t start_;
  bool tried_ = false;
};

}  // namespace tidemark::tsdb
