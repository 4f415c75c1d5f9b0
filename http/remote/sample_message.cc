#include "http/remote/sample_message.h"

#include <protozero/pbf_reader.hpp>

#include "base/io/protobuf_tag.h"
#include "base/io/protobuf_unknown.h"
#include "base/strings.h"

namespace tidemark::http {
namespace {

constexpr uint32_t kValue = 1, kTimestamp = 2;

Sample ReadFields(protozero::pbf_reader reader) {
  Sample sample;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case Fixed64Tag(kValue):
        sample.value = reader.get_double();
        break;
      case VarintTag(kTimestamp):
        sample.timestamp = reader.get_int64();
        break;
      default:
        SkipUnknown(reader, kTimestamp);
    }
  }
  return sample;
}

}  // namespace

absl::Status ReadSample(std::string_view message, Sample* sample) {
  try {
    *sample = ReadFields({message.data(), message.size()});
  } catch (const protozero::exception& e) {
    return absl::InvalidArgumentError(StrCat("bad sample: ", std::string_view(e.what())));
  }
  return absl::OkStatus();
}

}  // namespace tidemark::http
