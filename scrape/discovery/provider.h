#pragma once

#include <string_view>
#include <utility>

#include "scrape/discovery/discovery_run.h"
#include "scrape/discovery_config.h"

namespace tidemark::scrape {

// The seam of service discovery. A provider is one file in this folder: a class with its settings
// and a Run that finds targets by them; and a row in providers.cc. Thread-compatible.
class DiscoveryConfig {
 public:
  virtual ~DiscoveryConfig() = default;

  virtual std::string_view mechanism() const = 0;  // "file", as in `file_sd_configs`
  // Whether both always find the same targets. Such entries of several jobs share one Run.
  virtual bool SameAs(const DiscoveryConfig& other) const = 0;

  // Publishes targets until `run` is stopped, on a thread of its own, so it may wait as it likes by
  // the calls of `run`: for the next poll, for a change, for the answer to a long poll. What it has
  // to remember between two of them are its local variables.
  virtual void Run(DiscoveryRun& run) const = 0;
};

// SameAs for a provider `T` that has `==`.
template <typename T>
class ComparedDiscoveryConfig : public DiscoveryConfig {
 public:
  bool SameAs(const DiscoveryConfig& other) const final {
    const T* same_kind = dynamic_cast<const T*>(&other);
    return same_kind != nullptr && *same_kind == static_cast<const T&>(*this);
  }
};

}  // namespace tidemark::scrape
