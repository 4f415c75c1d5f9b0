#include "remote/write/metadata_request.h"

#include "base/io/protobuf_fields.h"
#include "remote/write/family_lookup.h"

namespace tidemark::remote {
namespace {

// Fields of the messages.
constexpr uint32_t kRequestMetadata = 3;
constexpr uint32_t kType = 1, kFamily = 2, kHelp = 4, kUnit = 5;

}  // namespace

std::string EncodeMetadataRequest(std::span<const FamilyMetadata> families) {
  std::string request, message;
  for (const FamilyMetadata& metadata : families) {
    message.clear();
    AppendVarintField(kType, MetadataTypeNumber(metadata.type), &message);
    AppendBytesField(kFamily, metadata.family, &message);
    AppendBytesField(kHelp, metadata.help, &message);
    AppendBytesField(kUnit, metadata.unit, &message);
    AppendBytesField(kRequestMetadata, message, &request);
  }
  return request;
}

}  // namespace tidemark::remote
