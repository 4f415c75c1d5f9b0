#pragma once

namespace tidemark {

// Gives pages that were freed but that the allocator keeps for later back to the system. After work
// that takes much memory for a short time, and before it, if it is to have what other work left.
// Cost: some milliseconds for every 100 MB in use, during which allocations of other threads may
// wait.
void ReturnFreeMemory();

}  // namespace tidemark
