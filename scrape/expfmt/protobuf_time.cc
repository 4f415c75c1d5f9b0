#include "scrape/expfmt/protobuf_time.h"

#include <protozero/pbf_reader.hpp>

#include "base/io/protobuf_tag.h"

namespace tidemark::scrape {

std::optional<TimestampMs> ReadProtobufTime(std::string_view message) {
  constexpr uint32_t kSeconds = 1, kNanoseconds = 2;
  constexpr int64_t kMaxSeconds = int64_t{1} << 50;
  constexpr int32_t kNanosecondsPerMs = 1'000'000;
  int64_t seconds = 0, nanoseconds = 0;
  for (protozero::pbf_reader reader(message.data(), message.size()); reader.next();) {
    switch (reader.tag_and_type()) {
      case VarintTag(kSeconds):
        seconds = reader.get_int64();
        break;
      case VarintTag(kNanoseconds):
        nanoseconds = reader.get_int32();
        break;
      default:
        reader.skip();
    }
  }
  if (seconds < -kMaxSeconds || seconds > kMaxSeconds) return std::nullopt;
  const TimestampMs time = seconds * kSecond + nanoseconds / kNanosecondsPerMs;
  if (time == 0) return std::nullopt;
  return time;
}

}  // namespace tidemark::scrape
