#pragma once

namespace tidemark::crash {

// Kills this process in front of the next-but-`calls` call that changes a file or a directory: 0 is
// the next one. Before the call the process lives as long as it likes.
void DieAfterFileCalls(int calls);

}  // namespace tidemark::crash
