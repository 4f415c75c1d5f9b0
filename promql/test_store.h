#pragma once

#include <functional>
#include <memory>

#include "absl/status/statusor.h"

#include "tsdb/appender.h"
#include "tsdb/querier.h"

namespace tidemark::promql {

// What tests of queries and rules load series into and query.
struct TestStore {
  std::shared_ptr<tsdb::Appendable> appendable;
  std::shared_ptr<const tsdb::Queryable> queryable;
};

// Makes an empty store.
using NewTestStore = std::function<absl::StatusOr<TestStore>()>;

}  // namespace tidemark::promql
