#pragma once

#include <string_view>
#include <utility>

#include "base/run/clock.h"
#include "base/strings.h"
#include "remote/family_metadata.h"

namespace tidemark::remote {

// Finds the metadata of a series. One thread.
class FamilyLookup {
 public:
  FamilyLookup(MetadataSource source, Clock& clock) : source_(std::move(source)), clock_(clock) {}

  // That of the family which a metric of that name belongs to; null where nothing is known of it.
  // Valid until the next call. Asks the source at most once a second.
  const FamilyMetadata* Find(std::string_view metric_name);

 private:
  const FamilyMetadata* FindKnown(std::string_view metric_name) const;

  const MetadataSource source_;
  Clock& clock_;
  TimestampMs next_refresh_ = kMinTimestamp;
  StringMap<FamilyMetadata> families_;
};

// The number of a type in the messages of remote write, both of them.
uint32_t MetadataTypeNumber(std::string_view type);

}  // namespace tidemark::remote
