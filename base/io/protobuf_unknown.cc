#include "base/io/protobuf_unknown.h"

#include <protozero/pbf_reader.hpp>

namespace tidemark {

void SkipUnknown(protozero::pbf_reader& reader, uint32_t largest_known_field) {
  if (reader.tag() <= largest_known_field) throw protozero::unknown_pbf_wire_type_exception();
  reader.skip();
}

}  // namespace tidemark
