#include "bench/load_generator/page_capture.h"

#include <numeric>
#include <string_view>
#include <utility>

#include "base/io/file.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "scrape/expfmt/prometheus_text_parser.h"

namespace tidemark::bench {
namespace {

constexpr std::string_view kSeparator = "# page\n";
using Page = StringMap<double>;  // by the bytes that name a series

absl::StatusOr<Page> ReadPage(std::string_view text) {
  Page page;
  scrape::PrometheusTextParser parser(text);
  scrape::ExpositionEntry entry;
  while (parser.Next(entry)) {
    if (entry.kind == scrape::ExpositionEntry::Kind::kSample)
      page[std::string(entry.series)] = entry.value;
  }
  RETURN_IF_ERROR(parser.status());
  return page;
}

absl::StatusOr<std::vector<Page>> ReadPages(std::string_view text) {
  std::vector<Page> pages;
  for (size_t at = text.find(kSeparator); at != std::string_view::npos;) {
    const size_t begin = at + kSeparator.size();
    at = text.find(kSeparator, begin);
    ASSIGN_OR_RETURN(Page page, ReadPage(text.substr(begin, at - begin)));
    pages.push_back(std::move(page));
  }
  if (pages.empty()) return absl::InvalidArgumentError("a capture without pages");
  return pages;
}

bool InAll(const std::vector<Page>& pages, const std::string& series) {
  for (const Page& page : pages) {
    if (!page.contains(series)) return false;
  }
  return true;
}

// The labels of all series of `page`, in its order.
absl::StatusOr<std::vector<std::pair<std::string, LabelSet>>> ReadLabels(std::string_view page) {
  std::vector<std::pair<std::string, LabelSet>> found;
  scrape::PrometheusTextParser parser(page);
  scrape::ExpositionEntry entry;
  scrape::ExpositionLabels labels;
  while (parser.Next(entry)) {
    if (entry.kind != scrape::ExpositionEntry::Kind::kSample) continue;
    RETURN_IF_ERROR(parser.Labels(labels));
    LabelSetBuilder builder;
    for (const auto& [name, value] : labels) builder.Set(name, value);
    found.emplace_back(std::string(entry.series), builder.Build());
  }
  RETURN_IF_ERROR(parser.status());
  return found;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const PageCapture>> PageCapture::Load(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  ASSIGN_OR_RETURN(const std::vector<Page> pages, ReadPages(text));
  const size_t begin = text.find(kSeparator) + kSeparator.size();
  const size_t end = text.find(kSeparator, begin);
  ASSIGN_OR_RETURN(const auto series,
                   ReadLabels(std::string_view(text).substr(begin, end - begin)));

  const auto capture = std::make_shared<PageCapture>();
  capture->values.resize(pages.size());
  for (const auto& [name, labels] : series) {
    if (!InAll(pages, name)) continue;
    capture->labels.push_back(labels);
    for (size_t k = 0; k < pages.size(); ++k) capture->values[k].push_back(pages[k].at(name));
  }
  if (capture->labels.empty()) return absl::InvalidArgumentError("no series is in every page");
  return capture;
}

ReplayedPages::ReplayedPages(std::shared_ptr<const PageCapture> capture, size_t first, size_t last)
    : capture_(std::move(capture)),
      first_(first),
      size_(last - first),
      first_target_(first / capture_->labels.size()) {
  if (size_ > 0) pages_.resize(Target(size_ - 1) + 1 - first_target_);
  TurnPages();
}

LabelSet ReplayedPages::Labels(size_t i) const {
  const size_t target = Target(i);
  LabelSetBuilder labels(capture_->labels[Place(i)]);
  labels.Set("job", "node");
  labels.Set("instance", StrCat("10.0.", target / 250, ".", target % 250, ":9100"));
  return labels.Build();
}

void ReplayedPages::Advance() {
  ++step_;
  TurnPages();
}

void ReplayedPages::TurnPages() {
  for (size_t k = 0; k < pages_.size(); ++k) {
    const size_t stride = (first_target_ + k) % 16 + 1;
    size_t num_pages = capture_->values.size();
    while (std::gcd(num_pages, stride) != 1) --num_pages;
    pages_[k] = &capture_->values[step_ * stride % num_pages];
  }
}

}  // namespace tidemark::bench
