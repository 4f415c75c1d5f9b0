#pragma once

#include <span>
#include <string>

#include "remote/family_metadata.h"

namespace tidemark::remote {

// A request of remote write 1.0 that carries metadata and nothing else, not compressed. Source:
// github.com/prometheus/prometheus, prompb/types.proto.
std::string EncodeMetadataRequest(std::span<const FamilyMetadata> families);

}  // namespace tidemark::remote
