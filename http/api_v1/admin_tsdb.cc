#include "base/status_macros.h"
#include "base/strings.h"
#include "http/api_v1/handlers.h"
#include "http/api_v1/params.h"

namespace tidemark::http {
namespace {

absl::Status CheckEnabled(bool enabled) {
  return enabled ? absl::OkStatus() : absl::UnavailableError("admin APIs disabled");
}

}  // namespace

ApiFunction DeleteSeriesHandler(bool enabled, tsdb::Db& db) {
  return [enabled, &db](const Request& request, ApiAnswer& answer) -> absl::Status {
    RETURN_IF_ERROR(CheckEnabled(enabled));
    if (request.Params("match[]").empty()) {
      return absl::InvalidArgumentError("no match[] parameter provided");
    }
    ASSIGN_OR_RETURN(const TimeRange range, TimeRangeOf(request));
    const absl::StatusOr<Selectors> selectors = SelectorsOf(request);
    if (!selectors.ok()) return InvalidParameter("match[]", selectors.status());
    answer.no_content = true;
    if (range.min > range.max) return absl::OkStatus();
    for (const auto& matchers : *selectors) {
      RETURN_IF_ERROR(db.Delete(matchers, range).status());
    }
    return absl::OkStatus();
  };
}

ApiFunction CleanTombstonesHandler(bool enabled, tsdb::Db& db) {
  return [enabled, &db](const Request&, ApiAnswer& answer) -> absl::Status {
    RETURN_IF_ERROR(CheckEnabled(enabled));
    answer.no_content = true;
    return db.CleanTombstones();
  };
}

ApiFunction SnapshotHandler(bool enabled, tsdb::Db& db) {
  return [enabled, &db](const Request& request, ApiAnswer& answer) -> absl::Status {
    RETURN_IF_ERROR(CheckEnabled(enabled));
    const std::string_view skip = request.Param("skip_head");
    const bool skip_head = skip == "true" || skip == "1";
    if (!skip.empty() && !skip_head && skip != "false" && skip != "0") {
      return InvalidParameter("skip_head", StrCat("unable to parse boolean \"", skip, "\""));
    }
    ASSIGN_OR_RETURN(const std::string name, db.Snapshot(skip_head));
    answer.data.BeginObject().Key("name").String(name).EndObject();
    return absl::OkStatus();
  };
}

}  // namespace tidemark::http
