#include "http/remote/write_protocol.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

#include "base/status_macros.h"
#include "base/strings.h"
#include "http/remote_write_messages.h"

namespace tidemark::http {
namespace {

constexpr std::string_view kMediaType = "application/x-protobuf";
constexpr WriteMessage kAll[] = {WriteMessage::kV1, WriteMessage::kV2};

template <typename... Parts>
absl::Status Refusal(const Parts&... parts) {
  return absl::InvalidArgumentError(StrCat(parts...));
}

absl::StatusOr<WriteMessage> ByName(std::string_view name, std::string_view content_type) {
  for (const WriteMessage message : kAll) {
    if (name == ProtobufName(message)) return message;
  }
  return Refusal("got ", content_type, " content type; unknown remote write protobuf message ",
                 name, ", supported: ", kWriteMessageV1, ", ", kWriteMessageV2);
}

absl::StatusOr<WriteMessage> NamedMessage(std::string_view content_type) {
  const std::vector<absl::string_view> parts = absl::StrSplit(ToAbsl(content_type), ';');
  if (!absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(parts[0]), ToAbsl(kMediaType))) {
    return Refusal("expected ", kMediaType, " as the first (media) part, got ", content_type,
                   " content-type");
  }
  for (size_t i = 1; i < parts.size(); ++i) {
    const std::vector<absl::string_view> pair =
        absl::StrSplit(absl::StripAsciiWhitespace(parts[i]), '=');
    if (pair.size() != 2) {
      return Refusal(
          "as per https://www.rfc-editor.org/rfc/rfc9110#parameter expected parameters "
          "to be key-values, got ",
          parts[i], " in ", content_type, " content-type");
    }
    if (pair[0] == "proto") return ByName(ToStd(pair[1]), content_type);
  }
  return WriteMessage::kV1;
}

}  // namespace

std::string_view ProtobufName(WriteMessage message) {
  return message == WriteMessage::kV1 ? kWriteMessageV1 : kWriteMessageV2;
}

absl::StatusOr<WriteMessage> MessageOf(std::string_view content_type,
                                       const std::vector<WriteMessage>& accepted) {
  ASSIGN_OR_RETURN(const WriteMessage message,
                   NamedMessage(content_type.empty() ? kMediaType : content_type));
  if (std::find(accepted.begin(), accepted.end(), message) != accepted.end()) return message;
  std::string names;
  for (const WriteMessage known : accepted) {
    StrAppend(&names, names.empty() ? "" : " ", ProtobufName(known));
  }
  return Refusal(ProtobufName(message),
                 " protobuf message is not accepted by this server; accepted [", names, "]");
}

absl::Status CheckSnappy(std::string_view content_encoding) {
  if (content_encoding.empty() || absl::EqualsIgnoreCase(ToAbsl(content_encoding), "snappy")) {
    return absl::OkStatus();
  }
  return Refusal(content_encoding,
                 " encoding (compression) is not accepted by this server; only snappy is "
                 "acceptable");
}

}  // namespace tidemark::http
