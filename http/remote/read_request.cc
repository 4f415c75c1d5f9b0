#include "http/remote/read_request.h"

#include <algorithm>
#include <string>
#include <utility>

#include <protozero/pbf_reader.hpp>

#include "base/io/protobuf_tag.h"
#include "base/io/protobuf_unknown.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::http {
namespace {

using protozero::pbf_reader;

// Fields of the messages.
constexpr uint32_t kRequestQuery = 1, kRequestAccepted = 2;
constexpr uint32_t kQueryStart = 1, kQueryEnd = 2, kQueryMatcher = 3, kQueryHints = 4;
constexpr uint32_t kMatcherType = 1, kMatcherName = 2, kMatcherValue = 3;
constexpr uint32_t kHintStep = 1, kHintFunction = 2, kHintStart = 3, kHintEnd = 4,
                   kHintGrouping = 5, kHintBy = 6, kHintRange = 7;

constexpr MatchOp kMatchOps[] = {MatchOp::kEqual, MatchOp::kNotEqual, MatchOp::kRegex,
                                 MatchOp::kNotRegex};

struct Hints {
  TimeRange range = {0, 0};
  std::string function;
};

Hints ReadHints(pbf_reader reader) {
  Hints hints;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case VarintTag(kHintStart):
        hints.range.min = reader.get_int64();
        break;
      case VarintTag(kHintEnd):
        hints.range.max = reader.get_int64();
        break;
      case BytesTag(kHintFunction):
        hints.function = reader.get_string();
        break;
      case VarintTag(kHintStep):
      case BytesTag(kHintGrouping):
      case VarintTag(kHintBy):
      case VarintTag(kHintRange):
        reader.skip();
        break;
      default:
        SkipUnknown(reader, kHintRange);
    }
  }
  return hints;
}

// Reads messages; throws where they are damaged.
class RequestReader {
 public:
  explicit RequestReader(const LabelSet& external_labels) : external_labels_(external_labels) {}

  absl::StatusOr<ReadRequest> Read(pbf_reader reader) {
    ReadRequest request;
    std::vector<int32_t> accepted;
    while (reader.next()) {
      switch (reader.tag_and_type()) {
        case BytesTag(kRequestQuery): {
          if (request.queries.size() == kMaxReadQueries) return TooMany("queries", kMaxReadQueries);
          ASSIGN_OR_RETURN(ReadQuery query, ReadOneQuery(reader.get_message()));
          request.queries.push_back(std::move(query));
          break;
        }
        case BytesTag(kRequestAccepted):
          for (const int32_t type : reader.get_packed_enum()) accepted.push_back(type);
          break;
        case VarintTag(kRequestAccepted):
          accepted.push_back(reader.get_enum());
          break;
        default:
          SkipUnknown(reader, kRequestAccepted);
      }
    }
    ASSIGN_OR_RETURN(request.response_type, Negotiate(accepted));
    return request;
  }

 private:
  static absl::Status TooMany(std::string_view what, size_t most) {
    return absl::ResourceExhaustedError(
        StrCat("a read request may have ", most, " ", what, " at most"));
  }

  absl::StatusOr<ReadQuery> ReadOneQuery(pbf_reader reader) {
    ReadQuery query;
    query.range = {0, 0};
    Hints hints;
    while (reader.next()) {
      switch (reader.tag_and_type()) {
        case VarintTag(kQueryStart):
          query.range.min = reader.get_int64();
          break;
        case VarintTag(kQueryEnd):
          query.range.max = reader.get_int64();
          break;
        case BytesTag(kQueryMatcher): {
          if (++num_matchers_ > kMaxReadMatchers) return TooMany("matchers", kMaxReadMatchers);
          ASSIGN_OR_RETURN(LabelMatcher matcher, ReadMatcher(reader.get_message()));
          query.matchers.push_back(std::move(matcher));
          break;
        }
        case BytesTag(kQueryHints):
          hints = ReadHints(reader.get_message());
          break;
        default:
          SkipUnknown(reader, kQueryHints);
      }
    }
    if (hints.range != TimeRange{0, 0}) {
      query.range = {std::max(query.range.min, hints.range.min),
                     std::min(query.range.max, hints.range.max)};
    }
    query.labels_only = hints.function == "series";
    return query;
  }

  absl::StatusOr<LabelMatcher> ReadMatcher(pbf_reader reader) const {
    int32_t type = 0;
    std::string name, value;
    while (reader.next()) {
      switch (reader.tag_and_type()) {
        case VarintTag(kMatcherType):
          type = reader.get_enum();
          break;
        case BytesTag(kMatcherName):
          name = reader.get_string();
          break;
        case BytesTag(kMatcherValue):
          value = reader.get_string();
          break;
        default:
          SkipUnknown(reader, kMatcherValue);
      }
    }
    if (type < 0 || type >= static_cast<int32_t>(std::size(kMatchOps))) {
      return absl::InvalidArgumentError(StrCat("invalid matcher type ", type));
    }
    const MatchOp op = kMatchOps[type];
    if (op == MatchOp::kEqual && value == external_labels_.Get(name)) value.clear();
    return LabelMatcher::Create(name, op, value);
  }

  static absl::StatusOr<ReadResponseType> Negotiate(const std::vector<int32_t>& accepted) {
    if (accepted.empty()) return ReadResponseType::kSamples;
    std::string numbers;
    for (const int32_t type : accepted) {
      const auto known = static_cast<ReadResponseType>(type);
      if (known == ReadResponseType::kSamples || known == ReadResponseType::kStreamedXorChunks) {
        return known;
      }
      StrAppend(&numbers, numbers.empty() ? "" : " ", type);
    }
    return absl::InvalidArgumentError(
        StrCat("server does not support any of the requested response types: [", numbers,
               "]; supported: map[SAMPLES:{} STREAMED_XOR_CHUNKS:{}]"));
  }

  const LabelSet& external_labels_;
  size_t num_matchers_ = 0;
};

}  // namespace

absl::StatusOr<ReadRequest> ParseReadRequest(std::string_view message,
                                             const LabelSet& external_labels) {
  try {
    return RequestReader(external_labels).Read(pbf_reader(message.data(), message.size()));
  } catch (const protozero::exception& e) {
    return absl::InvalidArgumentError(
        StrCat("bad prometheus.ReadRequest: ", std::string_view(e.what())));
  }
}

}  // namespace tidemark::http
