#pragma once

#include <string_view>

namespace tidemark {

// A place where a crash test can have the process killed: between two steps that a crash must not
// tell apart. The environment variable TIDEMARK_FAILPOINT, "NAME" or "NAME:PASS", says at which one
// and, from 1, at the how manieth pass. Costs a comparison where it is not set. Thread-safe.
void Failpoint(std::string_view name);

}  // namespace tidemark
