#pragma once

#include <string>
#include <string_view>

namespace tidemark::http {

// What becomes of names that are not [a-zA-Z_:][a-zA-Z0-9_:]*, for clients that know only such.
// Source: github.com/prometheus/common, model.EscapeName.
enum class NameEscaping {
  kNone,         // "allow-utf-8"
  kUnderscores,  // "my.dots" becomes "my_dots"
  kDots,         // "my_dot_dots"
  kValues,       // "U__my_2e_dots", what UnescapeName takes back
};

// `name`, which is UTF-8, escaped. One that every client knows stays as it is.
std::string EscapeName(std::string_view name, NameEscaping escaping);

struct ExpositionFormat {
  enum class Type { kText, kProtobuf };  // 0.0.4; delimited io.prometheus.client.MetricFamily
  Type type = Type::kText;
  NameEscaping escaping = NameEscaping::kUnderscores;

  // What `accept`, the request's header, asks for first by weight; text where it asks for nothing
  // that we have.  Source: github.com/prometheus/common, expfmt.Negotiate.
  static ExpositionFormat Negotiate(std::string_view accept);
  std::string ContentType() const;
};

}  // namespace tidemark::http
