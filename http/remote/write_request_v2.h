#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/io/hash.h"
#include "base/labels/label_set.h"
#include "base/model/exemplar.h"
#include "base/model/sample.h"
#include "http/remote/histogram_message.h"

namespace tidemark::http {

// One series of a remote-write 2.0 request.
struct WrittenSeriesV2 {
  std::string_view message;  // as it was sent, in the request
  std::vector<uint32_t>
      label_refs;  // name, value, name, ...: places in the symbol table, unchecked
  std::vector<Sample> samples;
  std::vector<WrittenHistogram> histograms;
  std::vector<Exemplar> exemplars;
  std::vector<absl::Status> exemplar_errors;  // of those whose labels cannot be read
  bool has_metadata = false;
  absl::Status metadata_error;

  size_t num_samples() const { return samples.size() + histograms.size(); }
};

// Reads `io.prometheus.write.v2.Request`, remote write 2.0, one series after another and without
// copying them. Metadata is checked and passed over, start timestamps are only passed over.
// protozero is behind it. One thread. Memory: 32 bytes a symbol of the request. Source:
// github.com/prometheus/prometheus, prompb/io/prometheus/write/v2/types.proto;
// https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/
class WriteRequestV2Reader {
 public:
  // Reads the symbol table. `message` is uncompressed and outlives the reader.
  //   InvalidArgument  the message is damaged or of another type, or has more symbols than any
  //                    sender makes
  static absl::StatusOr<WriteRequestV2Reader> Open(std::string_view message);
  ~WriteRequestV2Reader();
  WriteRequestV2Reader(WriteRequestV2Reader&&) noexcept;

  // Reads the next series; false where there is none.
  //   InvalidArgument  the message is damaged or of another type
  absl::StatusOr<bool> Next(WrittenSeriesV2& series);

  // The hash of the strings that `refs` name, in their order; nullopt where they are no pairs or
  // one is outside the table.
  std::optional<Hash128> Key(std::span<const uint32_t> refs) const;
  // The strings themselves.
  //   InvalidArgument  as with Key; says what is wrong
  absl::StatusOr<std::vector<LabelView>> Labels(std::span<const uint32_t> refs) const;
  // Labels of a series that was read before, by its `message`; empty where they are none.
  std::vector<LabelView> LabelsOf(std::string_view message) const;

 private:
  class Impl;
  explicit WriteRequestV2Reader(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::http
