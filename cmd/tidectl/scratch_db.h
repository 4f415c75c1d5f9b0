#pragma once

#include "absl/status/statusor.h"

#include "promql/test_store.h"

namespace tidemark::tidectl {

// An empty store of the kind that a server has, in a temporary directory that goes with the last
// reference to it: tests of queries and rules run over what a server would run them over. Takes
// samples of any time, in any order.  Errors are those of tsdb::Db::Open.
absl::StatusOr<promql::TestStore> NewScratchDb();

}  // namespace tidemark::tidectl
