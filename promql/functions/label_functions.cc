#include "promql/functions/label_functions.h"

#include <algorithm>
#include <utility>

#include "base/labels/anchored_regex.h"
#include "base/strings.h"

namespace tidemark::promql {
namespace {

absl::Status CheckLabelName(std::string_view name, std::string_view what) {
  if (!name.empty() && IsValidUtf8(name)) return absl::OkStatus();
  return absl::FailedPreconditionError(StrCat("invalid ", what, ": ", name));
}

}  // namespace

absl::StatusOr<LabelChange> LabelReplace(const std::vector<std::string>& arguments) {
  const std::string destination = arguments[0], replacement = arguments[1];
  const std::string source = arguments[2], pattern = arguments[3];
  absl::StatusOr<AnchoredRegex> regex = AnchoredRegex::Create(pattern);
  if (!regex.ok()) {
    return absl::FailedPreconditionError(
        StrCat("invalid regular expression in label_replace(): ", pattern));
  }
  absl::Status name = CheckLabelName(destination, "destination label name in label_replace()");
  if (!name.ok()) return name;
  const auto copies = static_cast<size_t>(std::count(replacement.begin(), replacement.end(), '$'));
  return LabelChange{destination,
                     [=, regex = *std::move(regex)](LabelSetBuilder& labels) {
                       std::string value;
                       if (!regex.Expand(labels.Get(source), replacement, &value)) return false;
                       labels.Set(destination, value);
                       return true;
                     },
                     copies, replacement.size()};
}

absl::StatusOr<LabelChange> LabelJoin(const std::vector<std::string>& arguments) {
  const std::string destination = arguments[0], separator = arguments[1];
  absl::Status name = CheckLabelName(destination, "destination label name in label_join()");
  if (!name.ok()) return name;
  std::vector<std::string> sources(arguments.begin() + 2, arguments.end());
  for (const std::string& source : sources) {
    name = CheckLabelName(source, "source label name in label_join()");
    if (!name.ok()) return name;
  }
  const size_t copies = sources.size();
  return LabelChange{destination,
                     [=, sources = std::move(sources)](LabelSetBuilder& labels) {
                       std::string value;
                       for (size_t i = 0; i < sources.size(); ++i) {
                         if (i > 0) value.append(separator);
                         value.append(labels.Get(sources[i]));
                       }
                       labels.Set(destination, value);
                       return true;
                     },
                     copies, copies * separator.size()};
}

}  // namespace tidemark::promql
