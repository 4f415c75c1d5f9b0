#pragma once

#include <cstdint>

namespace protozero {
class pbf_reader;
}  // namespace protozero

namespace tidemark {

// Passes over the field at which `reader` stands, which its message does not know. One with the
// number of a known field, those up to `largest_known_field`, is of the wrong type, as the right
// one was taken care of: that throws a protozero::exception, as does a field that is cut off.
void SkipUnknown(protozero::pbf_reader& reader, uint32_t largest_known_field);

}  // namespace tidemark
