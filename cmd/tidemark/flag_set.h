#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"

#include "base/model/timestamp.h"

namespace tidemark::server {

// Flags bound to variables, which hold the defaults. CLI11 is behind it. One thread.
class FlagSet {
 public:
  explicit FlagSet(std::string_view description);
  ~FlagSet();

  // Each binds `--name`; the variables outlive the set. A flag is given once, a list any number of
  // times.
  void Add(std::string_view name, std::string* out, std::string_view help);
  void Add(std::string_view name, bool* out, std::string_view help);  // and --no-name
  void Add(std::string_view name, size_t* out, std::string_view help);
  void Add(std::string_view name, std::vector<std::string>* out, std::string_view help);
  void AddDuration(std::string_view name, DurationMs* out, std::string_view help);
  // "512MB", base 2, as Prometheus reads sizes.
  void AddBytes(std::string_view name, uint64_t* out, std::string_view help);
  // One of `choices`, by text.
  void AddChoice(std::string_view name, std::string* out,
                 std::initializer_list<std::string_view> choices, std::string_view help);
  // A flag that is taken and has no effect.
  void AddIgnored(std::string_view name, std::string_view default_value);
  void AddIgnoredBool(std::string_view name, bool default_value);
  // Where found, Parse stops and found() tells.
  void AddVersion();

  //   InvalidArgument  an unknown flag, a bad value, or anything that is no flag
  absl::Status Parse(const std::vector<std::string>& arguments);

  bool help_asked() const;
  bool version_asked() const;
  std::string HelpText() const;
  bool Given(std::string_view name) const;
  // All flags with their values, sorted by name.
  std::vector<std::pair<std::string, std::string>> Values() const;
  // The ignored flags that were given another value than their default.
  std::vector<std::string> IgnoredGiven() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::server
