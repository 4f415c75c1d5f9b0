#include "base/run/allocator.h"

#include <malloc.h>

namespace tidemark {

void ReturnFreeMemory() { malloc_trim(0); }

}  // namespace tidemark
