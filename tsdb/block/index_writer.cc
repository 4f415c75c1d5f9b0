#include "tsdb/block/index_writer.h"

#include <limits>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/block/index_format.h"
#include "tsdb/kv/sst_writer.h"

namespace tidemark::tsdb {
namespace {

class SstIndexWriter : public IndexWriter {
 public:
  SstIndexWriter(const std::string& path, std::unique_ptr<SstWriter> file)
      : path_(path), file_(std::move(file)) {}

  absl::Status Add(const LabelSet& labels) override {
    const uint32_t number = postings_.num_series();
    if (number > 0 && labels <= postings_.last_labels()) {
      return absl::InternalError(StrCat("series ", number, " is out of order: ", path_));
    }
    if (number == std::numeric_limits<uint32_t>::max()) {
      return absl::InternalError(StrCat("too many series: ", path_));
    }
    page_.Add(postings_.Add(labels));
    return page_.size() < kSeriesPerPage ? absl::OkStatus() : WritePage();
  }

  absl::Status Finish() override {
    if (page_.size() > 0) RETURN_IF_ERROR(WritePage());
    if (postings_.num_series() == 0) return absl::InternalError(StrCat("no series: ", path_));
    RETURN_IF_ERROR(postings_.ForEach(
        [&](std::string_view key, std::string_view value) { return file_->Put(key, value); }));
    return file_->Finish();
  }

 private:
  absl::Status WritePage() {
    const uint32_t page = (postings_.num_series() - 1) / kSeriesPerPage;
    return file_->Put(PageKey(page), page_.Finish(postings_.symbols()));
  }

  const std::string path_;
  const std::unique_ptr<SstWriter> file_;
  PageEncoder page_;
  PostingsBuilder postings_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<IndexWriter>> IndexWriter::Create(const std::string& path) {
  ASSIGN_OR_RETURN(std::unique_ptr<SstWriter> file, SstWriter::Create(path, {}));
  return std::make_unique<SstIndexWriter>(path, std::move(file));
}

}  // namespace tidemark::tsdb
