#pragma once

#include <set>
#include <string>
#include <vector>

namespace tidemark::promql {

// What a query tells its user beside the result; never fails the query. Texts are Prometheus's,
// with the place in the query: "PromQL info: metric might not be a counter, ...: \"x\" (1:6)". Each
// once, in order of text.
class Annotations {
 public:
  void AddWarning(std::string text) { warnings_.insert(std::move(text)); }
  void AddInfo(std::string text) { infos_.insert(std::move(text)); }
  void Merge(const Annotations& other) {
    warnings_.insert(other.warnings_.begin(), other.warnings_.end());
    infos_.insert(other.infos_.begin(), other.infos_.end());
  }
  const std::set<std::string>& warnings() const { return warnings_; }
  const std::set<std::string>& infos() const { return infos_; }

 private:
  std::set<std::string> warnings_, infos_;
};

}  // namespace tidemark::promql
