#pragma once

#include "alerting/rule_manager.h"
#include "base/json_writer.h"

namespace tidemark::http {

// An alert as `rules` and `alerts` show it; its value is in exponent form, "1e+00".
void WriteAlert(const alerting::AlertStatus& alert, JsonWriter& json);

}  // namespace tidemark::http
