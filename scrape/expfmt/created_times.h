#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/model/timestamp.h"
#include "base/strings.h"

namespace tidemark::scrape {

// When the metrics of one OpenMetrics family began to count: what its lines `family_created{...}`
// say, which mostly stand behind the samples that they speak of. Kept from family to family for its
// capacity. One thread.
class CreatedTimes {
 public:
  // Reads ahead: the lines of `rest` up to the first that begins with `#`. Lines that are not as
  // they should be are for the parser, which comes to them. Cost: one pass over them.
  void Read(std::string_view family, std::string_view rest);

  // Of the metric of this sample; nothing where it is not of the family or nothing is said.
  // `own_label` tells the samples of one metric apart, such as `le`; labels have one order.
  std::optional<TimestampMs> Find(std::string_view series, std::string_view own_label);

 private:
  std::string family_;
  StringMap<TimestampMs> times_;  // by the labels of the metric
  std::string key_;               // kept for its capacity
};

// Whether the name of this series ends with `_created`.
bool IsCreatedSeries(std::string_view series);

}  // namespace tidemark::scrape
