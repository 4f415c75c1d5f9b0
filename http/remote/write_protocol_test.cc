#include "http/remote/write_protocol.h"

#include <optional>

#include "gtest/gtest.h"

namespace tidemark::http {
namespace {

TEST(WriteProtocolTest, Messages) {
  const std::vector<WriteMessage> both = {WriteMessage::kV1, WriteMessage::kV2};
  constexpr auto kV1 = WriteMessage::kV1;
  constexpr auto kV2 = WriteMessage::kV2;
  struct Case {
    std::string_view type;
    std::vector<WriteMessage> accepted;
    std::optional<WriteMessage> want;
    std::string_view error;
  };
  const Case kCases[] = {
      {"", both, kV1, ""},
      {"application/x-protobuf", both, kV1, ""},
      {" Application/X-Protobuf ; version=7", both, kV1, ""},
      {"application/x-protobuf; proto=prometheus.WriteRequest", both, kV1, ""},
      {"application/x-protobuf;proto=io.prometheus.write.v2.Request", both, kV2, ""},
      {"application/x-protobuf; charset=x; proto=io.prometheus.write.v2.Request", both, kV2, ""},
      {"application/json", both, std::nullopt,
       "expected application/x-protobuf as the first (media) part, got application/json "
       "content-type"},
      {"application/x-protobuf;proto", both, std::nullopt,
       "as per https://www.rfc-editor.org/rfc/rfc9110#parameter expected parameters to be "
       "key-values, got proto in application/x-protobuf;proto content-type"},
      {"application/x-protobuf;proto=x.Y", both, std::nullopt,
       "got application/x-protobuf;proto=x.Y content type; unknown remote write protobuf message "
       "x.Y, supported: prometheus.WriteRequest, io.prometheus.write.v2.Request"},
      {"application/x-protobuf",
       {kV2},
       std::nullopt,
       "prometheus.WriteRequest protobuf message is not accepted by this server; accepted "
       "[io.prometheus.write.v2.Request]"},
      {"application/x-protobuf;proto=io.prometheus.write.v2.Request",
       {kV1},
       std::nullopt,
       "io.prometheus.write.v2.Request protobuf message is not accepted by this server; accepted "
       "[prometheus.WriteRequest]"},
  };
  for (const Case& c : kCases) {
    const absl::StatusOr<WriteMessage> message = MessageOf(c.type, c.accepted);
    EXPECT_EQ(message.ok(), c.want.has_value()) << c.type;
    if (message.ok()) {
      EXPECT_EQ(*message, *c.want) << c.type;
    }
    EXPECT_EQ(std::string(message.status().message()), c.error) << c.type;
  }
}

TEST(WriteProtocolTest, Encodings) {
  EXPECT_TRUE(CheckSnappy("").ok());
  EXPECT_TRUE(CheckSnappy("snappy").ok());
  EXPECT_TRUE(CheckSnappy("Snappy").ok());
  EXPECT_EQ(
      CheckSnappy("zstd").message(),
      "zstd encoding (compression) is not accepted by this server; only snappy is acceptable");
}

}  // namespace
}  // namespace tidemark::http
