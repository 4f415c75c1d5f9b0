#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "base/labels/label_set.h"
#include "bench/load_generator/sample_source.h"

namespace tidemark::bench {

// Pages of one real target, scraped one after the other: the series that all of them have.
struct PageCapture {
  std::vector<LabelSet> labels;             // by series, without job and instance
  std::vector<std::vector<double>> values;  // by page, then by series

  // Reads a file of pages of the text format, each behind a line `# page`.
  //   InvalidArgument  there is no page, or one is not of the format
  static absl::StatusOr<std::shared_ptr<const PageCapture>> Load(const std::string& path);
};

// The captured target many times over, as targets of their own. So that no two are alike, nor a
// series like its own past, target n takes every (n % 16 + 1)-th page; behind the last one it goes
// on at the front, as after a reboot, with pages it has not had yet.
class ReplayedPages : public FloatSource {
 public:
  // The series numbered [first, last) of the load; those of target n begin at n * labels.size().
  ReplayedPages(std::shared_ptr<const PageCapture> capture, size_t first, size_t last);

  size_t size() const override { return size_; }
  LabelSet Labels(size_t i) const override;
  bool IsNew(size_t) const override { return step_ == 0; }
  double Value(size_t i) const override { return (*pages_[Target(i) - first_target_])[Place(i)]; }
  size_t Target(size_t i) const override { return (first_ + i) / capture_->labels.size(); }
  void Advance() override;

 private:
  size_t Place(size_t i) const { return (first_ + i) % capture_->labels.size(); }  // on its page
  void TurnPages();

  const std::shared_ptr<const PageCapture> capture_;
  const size_t first_, size_, first_target_;
  size_t step_ = 0;
  std::vector<const std::vector<double>*> pages_;  // by target: the current one
};

}  // namespace tidemark::bench
