#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Hand an error to the caller:  RETURN_IF_ERROR(status_expression);
//                               ASSIGN_OR_RETURN(Type name, status_or_expression);
#define RETURN_IF_ERROR(expression)                                         \
  do {                                                                      \
    if (absl::Status status_ = (expression); !status_.ok()) return status_; \
  } while (false)

#define ASSIGN_OR_RETURN(target, expression) \
  TIDEMARK_ASSIGN_OR_RETURN_(TIDEMARK_CONCAT_(status_or_, __LINE__), target, expression)

#define TIDEMARK_ASSIGN_OR_RETURN_(status_or, target, expression) \
  auto status_or = (expression);                                  \
  if (!status_or.ok()) return std::move(status_or).status();      \
  target = *std::move(status_or)
#define TIDEMARK_CONCAT_(a, b) TIDEMARK_CONCAT_INNER_(a, b)
#define TIDEMARK_CONCAT_INNER_(a, b) a##b
