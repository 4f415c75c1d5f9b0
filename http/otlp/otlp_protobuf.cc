#include "http/otlp/otlp_protobuf.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/escaping.h"
#include <protozero/pbf_reader.hpp>

#include "base/io/protobuf_tag.h"
#include "base/json_writer.h"
#include "base/model/float_format.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::http {
namespace {

using protozero::pbf_reader;

std::string_view ToView(protozero::data_view view) { return {view.data(), view.size()}; }
pbf_reader ReaderOf(std::string_view bytes) { return pbf_reader(bytes.data(), bytes.size()); }

absl::Status BadMessage(std::string_view reason) {
  return absl::InvalidArgumentError(StrCat("bad OTLP metrics request: ", reason));
}

// What the functions below throw beside protozero's exceptions: the reason.
struct Refused {
  std::string_view reason;
};

// AnyValue.
constexpr uint32_t kString = 1, kBool = 2, kInt = 3, kDouble = 4, kArray = 5, kKeyValues = 6,
                   kBytes = 7;
constexpr uint32_t kKey = 1, kValue = 2;  // KeyValue
constexpr uint32_t kValues = 1;           // ArrayValue, KeyValueList

std::string Base64(std::string_view bytes) {
  std::string text;
  absl::Base64Escape({bytes.data(), bytes.size()}, &text);
  return text;
}

void WriteJson(std::string_view any, int depth, JsonWriter& json);

void WriteJsonObject(std::string_view list, int depth, JsonWriter& json) {
  json.BeginObject();
  for (pbf_reader values = ReaderOf(list); values.next();) {
    if (values.tag_and_type() != BytesTag(kValues)) {
      values.skip();
      continue;
    }
    std::string_view key, value;
    for (pbf_reader pair = values.get_message(); pair.next();) {
      switch (pair.tag_and_type()) {
        case BytesTag(kKey):
          key = ToView(pair.get_view());
          break;
        case BytesTag(kValue):
          value = ToView(pair.get_view());
          break;
        default:
          pair.skip();
      }
    }
    json.Key(key);
    WriteJson(value, depth + 1, json);
  }
  json.EndObject();
}

void WriteJsonArray(std::string_view list, int depth, JsonWriter& json) {
  json.BeginArray();
  for (pbf_reader values = ReaderOf(list); values.next();) {
    if (values.tag_and_type() == BytesTag(kValues)) {
      WriteJson(ToView(values.get_view()), depth + 1, json);
    } else {
      values.skip();
    }
  }
  json.EndArray();
}

void WriteJson(std::string_view any, int depth, JsonWriter& json) {
  if (depth > kMaxOtlpDepth) throw Refused{"an attribute value is nested too deeply"};
  pbf_reader value = ReaderOf(any);
  if (!value.next()) {
    json.Null();
    return;
  }
  switch (value.tag_and_type()) {
    case BytesTag(kString):
      json.String(ToView(value.get_view()));
      break;
    case VarintTag(kBool):
      json.Bool(value.get_bool());
      break;
    case VarintTag(kInt):
      json.Int(value.get_int64());
      break;
    case Fixed64Tag(kDouble):
      json.Number(value.get_double());
      break;
    case BytesTag(kArray):
      WriteJsonArray(ToView(value.get_view()), depth, json);
      break;
    case BytesTag(kKeyValues):
      WriteJsonObject(ToView(value.get_view()), depth, json);
      break;
    case BytesTag(kBytes):
      json.String(Base64(ToView(value.get_view())));
      break;
    default:
      json.Null();
  }
}

std::string TextOf(std::string_view any) {
  pbf_reader value = ReaderOf(any);
  if (!value.next()) return "";
  switch (value.tag_and_type()) {
    case BytesTag(kString):
      return std::string(ToView(value.get_view()));
    case VarintTag(kBool):
      return value.get_bool() ? "true" : "false";
    case VarintTag(kInt):
      return StrCat(value.get_int64());
    case Fixed64Tag(kDouble):
      return FormatFloat(value.get_double());
    case BytesTag(kBytes):
      return Base64(ToView(value.get_view()));
    default: {
      std::string text;
      JsonWriter json(&text);
      WriteJson(any, 0, json);
      return text == "null" ? "" : text;
    }
  }
}

void AddAttribute(std::string_view pair, OtlpAttributes& attributes) {
  OtlpAttribute attribute;
  for (pbf_reader reader = ReaderOf(pair); reader.next();) {
    switch (reader.tag_and_type()) {
      case BytesTag(kKey):
        attribute.key = ToView(reader.get_view());
        break;
      case BytesTag(kValue):
        attribute.value = TextOf(ToView(reader.get_view()));
        break;
      default:
        reader.skip();
    }
  }
  attributes.push_back(std::move(attribute));
}

constexpr uint32_t kNoRecordedValue = 1;  // a bit of the flags of a point

// Adds the numbers of a packed field, eight bytes each.
template <typename T>
void AddFixed(std::string_view packed, std::vector<T>& numbers) {
  if (packed.size() % sizeof(T) != 0) throw Refused{"packed numbers are cut off"};
  if (numbers.size() + packed.size() / sizeof(T) > kMaxOtlpBuckets) {
    throw Refused{"a histogram has too many buckets"};
  }
  for (; !packed.empty(); packed.remove_prefix(sizeof(T))) {
    std::memcpy(&numbers.emplace_back(), packed.data(), sizeof(T));
  }
}

// Takes the field in hand if all kinds of points have it, under these numbers.
bool ReadCommon(uint32_t attributes, uint32_t flags, pbf_reader& reader, OtlpPoint& point) {
  const uint32_t tag = reader.tag_and_type();
  if (tag == BytesTag(attributes)) {
    AddAttribute(ToView(reader.get_view()), point.attributes);
  } else if (tag == Fixed64Tag(2)) {
    point.start_time = reader.get_fixed64();
  } else if (tag == Fixed64Tag(3)) {
    point.time = reader.get_fixed64();
  } else if (tag == VarintTag(flags)) {
    point.no_recorded_value = (reader.get_uint32() & kNoRecordedValue) != 0;
  } else {
    return false;
  }
  return true;
}

OtlpNumber ReadNumber(pbf_reader reader) {
  OtlpNumber point;
  while (reader.next()) {
    if (ReadCommon(7, 8, reader, point)) continue;
    switch (reader.tag_and_type()) {
      case Fixed64Tag(4):
        point.value = reader.get_double();
        break;
      case Fixed64Tag(6):
        point.value = static_cast<double>(reader.get_sfixed64());
        break;
      default:
        reader.skip();
    }
  }
  return point;
}

OtlpHistogram ReadHistogram(pbf_reader reader) {
  OtlpHistogram point;
  while (reader.next()) {
    if (ReadCommon(9, 10, reader, point)) continue;
    switch (reader.tag_and_type()) {
      case Fixed64Tag(4):
        point.count = reader.get_fixed64();
        break;
      case Fixed64Tag(5):
        point.sum = reader.get_double();
        break;
      case BytesTag(6):
        AddFixed(ToView(reader.get_view()), point.counts);
        break;
      case Fixed64Tag(6):
        point.counts.push_back(reader.get_fixed64());
        break;
      case BytesTag(7):
        AddFixed(ToView(reader.get_view()), point.bounds);
        break;
      case Fixed64Tag(7):
        point.bounds.push_back(reader.get_double());
        break;
      default:
        reader.skip();
    }
    if (std::max(point.counts.size(), point.bounds.size()) > kMaxOtlpBuckets) {
      throw Refused{"a histogram has too many buckets"};
    }
  }
  return point;
}

OtlpExponentialHistogram::Buckets ReadBuckets(pbf_reader reader) {
  OtlpExponentialHistogram::Buckets buckets;
  const auto add = [&](uint64_t count) {
    if (buckets.counts.size() >= kMaxOtlpBuckets) throw Refused{"a histogram has too many buckets"};
    buckets.counts.push_back(count);
  };
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case VarintTag(1):
        buckets.offset = reader.get_sint32();
        break;
      case BytesTag(2):
        for (const uint64_t count : reader.get_packed_uint64()) add(count);
        break;
      case VarintTag(2):
        add(reader.get_uint64());
        break;
      default:
        reader.skip();
    }
  }
  return buckets;
}

OtlpExponentialHistogram ReadExponential(pbf_reader reader) {
  OtlpExponentialHistogram point;
  while (reader.next()) {
    if (ReadCommon(1, 10, reader, point)) continue;
    switch (reader.tag_and_type()) {
      case Fixed64Tag(4):
        point.count = reader.get_fixed64();
        break;
      case Fixed64Tag(5):
        point.sum = reader.get_double();
        break;
      case VarintTag(6):
        point.scale = reader.get_sint32();
        break;
      case Fixed64Tag(7):
        point.zero_count = reader.get_fixed64();
        break;
      case BytesTag(8):
        point.positive = ReadBuckets(reader.get_message());
        break;
      case BytesTag(9):
        point.negative = ReadBuckets(reader.get_message());
        break;
      case Fixed64Tag(14):
        point.zero_threshold = reader.get_double();
        break;
      default:
        reader.skip();
    }
  }
  return point;
}

OtlpSummary ReadSummary(pbf_reader reader) {
  OtlpSummary point;
  while (reader.next()) {
    if (ReadCommon(7, 8, reader, point)) continue;
    switch (reader.tag_and_type()) {
      case Fixed64Tag(4):
        point.count = reader.get_fixed64();
        break;
      case Fixed64Tag(5):
        point.sum = reader.get_double();
        break;
      case BytesTag(6): {
        if (point.quantiles.size() >= kMaxOtlpBuckets) throw Refused{"a summary is too large"};
        auto& [quantile, value] = point.quantiles.emplace_back(0, 0);
        for (pbf_reader pair = reader.get_message(); pair.next();) {
          switch (pair.tag_and_type()) {
            case Fixed64Tag(1):
              quantile = pair.get_double();
              break;
            case Fixed64Tag(2):
              value = pair.get_double();
              break;
            default:
              pair.skip();
          }
        }
        break;
      }
      default:
        reader.skip();
    }
  }
  return point;
}

// The metric without its points, which are in the field of its kind.
OtlpMetric ReadMetric(std::string_view message, std::string_view* data) {
  OtlpMetric metric;
  const auto is = [&](OtlpKind kind, pbf_reader& reader) {
    metric.kind = kind;
    *data = ToView(reader.get_view());
  };
  for (pbf_reader reader = ReaderOf(message); reader.next();) {
    switch (reader.tag_and_type()) {
      case BytesTag(1):
        metric.name = ToView(reader.get_view());
        break;
      case BytesTag(3):
        metric.unit = ToView(reader.get_view());
        break;
      case BytesTag(5):
        is(OtlpKind::kGauge, reader);
        break;
      case BytesTag(7):
        is(OtlpKind::kSum, reader);
        break;
      case BytesTag(9):
        is(OtlpKind::kHistogram, reader);
        break;
      case BytesTag(10):
        is(OtlpKind::kExponentialHistogram, reader);
        break;
      case BytesTag(11):
        is(OtlpKind::kSummary, reader);
        break;
      default:
        reader.skip();
    }
  }
  if (metric.kind == OtlpKind::kGauge || metric.kind == OtlpKind::kSummary) return metric;
  for (pbf_reader reader = ReaderOf(*data); reader.next();) {
    switch (reader.tag_and_type()) {
      case VarintTag(2):
        metric.temporality = static_cast<OtlpTemporality>(reader.get_enum());
        break;
      case VarintTag(3):
        metric.is_monotonic = reader.get_bool();
        break;
      default:
        reader.skip();
    }
  }
  return metric;
}

absl::Status ReadPoint(OtlpKind kind, pbf_reader point, OtlpVisitor& visitor) {
  switch (kind) {
    case OtlpKind::kNone:
      return absl::OkStatus();
    case OtlpKind::kGauge:
    case OtlpKind::kSum:
      return visitor.Visit(ReadNumber(point));
    case OtlpKind::kHistogram:
      return visitor.Visit(ReadHistogram(point));
    case OtlpKind::kExponentialHistogram:
      return visitor.Visit(ReadExponential(point));
    case OtlpKind::kSummary:
      return visitor.Visit(ReadSummary(point));
  }
  return absl::OkStatus();
}

absl::Status ReadMetricPoints(std::string_view message, OtlpVisitor& visitor) {
  std::string_view data;
  const OtlpMetric metric = ReadMetric(message, &data);
  if (!visitor.BeginMetric(metric)) return absl::OkStatus();
  for (pbf_reader reader = ReaderOf(data); reader.next();) {
    if (reader.tag_and_type() == BytesTag(1)) {
      RETURN_IF_ERROR(ReadPoint(metric.kind, reader.get_message(), visitor));
    } else {
      reader.skip();
    }
  }
  return absl::OkStatus();
}

OtlpScope ReadScope(std::string_view scope_metrics) {
  OtlpScope scope;
  for (pbf_reader reader = ReaderOf(scope_metrics); reader.next();) {
    switch (reader.tag_and_type()) {
      case BytesTag(1):
        for (pbf_reader fields = reader.get_message(); fields.next();) {
          switch (fields.tag_and_type()) {
            case BytesTag(1):
              scope.name = ToView(fields.get_view());
              break;
            case BytesTag(2):
              scope.version = ToView(fields.get_view());
              break;
            case BytesTag(3):
              AddAttribute(ToView(fields.get_view()), scope.attributes);
              break;
            default:
              fields.skip();
          }
        }
        break;
      case BytesTag(3):
        scope.schema_url = ToView(reader.get_view());
        break;
      default:
        reader.skip();
    }
  }
  return scope;
}

OtlpAttributes ReadResource(std::string_view resource_metrics) {
  OtlpAttributes attributes;
  for (pbf_reader reader = ReaderOf(resource_metrics); reader.next();) {
    if (reader.tag_and_type() != BytesTag(1)) {
      reader.skip();
      continue;
    }
    for (pbf_reader fields = reader.get_message(); fields.next();) {
      if (fields.tag_and_type() == BytesTag(1)) {
        AddAttribute(ToView(fields.get_view()), attributes);
      } else {
        fields.skip();
      }
    }
  }
  return attributes;
}

absl::Status ReadScopeMetrics(std::string_view message, OtlpVisitor& visitor) {
  visitor.BeginScope(ReadScope(message));
  for (pbf_reader reader = ReaderOf(message); reader.next();) {
    if (reader.tag_and_type() == BytesTag(2)) {
      RETURN_IF_ERROR(ReadMetricPoints(ToView(reader.get_view()), visitor));
    } else {
      reader.skip();
    }
  }
  return absl::OkStatus();
}

absl::Status ReadResourceMetrics(std::string_view message, OtlpVisitor& visitor) {
  visitor.BeginResource(ReadResource(message));
  for (pbf_reader reader = ReaderOf(message); reader.next();) {
    if (reader.tag_and_type() == BytesTag(2)) {
      RETURN_IF_ERROR(ReadScopeMetrics(ToView(reader.get_view()), visitor));
    } else {
      reader.skip();
    }
  }
  return visitor.EndResource();
}

}  // namespace

absl::Status ReadOtlpProtobuf(std::string_view message, OtlpVisitor& visitor) {
  try {
    for (pbf_reader reader = ReaderOf(message); reader.next();) {
      if (reader.tag_and_type() == BytesTag(1)) {
        RETURN_IF_ERROR(ReadResourceMetrics(ToView(reader.get_view()), visitor));
      } else {
        reader.skip();
      }
    }
  } catch (const Refused& refused) {
    return BadMessage(refused.reason);
  } catch (const protozero::exception& e) {
    return BadMessage(e.what());
  }
  return absl::OkStatus();
}

}  // namespace tidemark::http
