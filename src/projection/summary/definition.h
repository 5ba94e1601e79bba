// A summary's expressions, compiled, and the shape of its documents.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "expression/aggregate/accumulator.h"
#include "expression/expression.h"
#include "expression/grouped.h"
#include "model/document_write.h"
#include "model/table_schema.h"
#include "projection/spec.h"

namespace penstock {

struct SummaryDefinition {
  // A field of the document: an expression over the group, or a document of fields.
  struct Field {
    std::string name;
    std::size_t expression = 0;  // index into `expressions`, when there are no fields
    std::vector<Field> fields;
  };
  struct Call {
    const expression::AggregateCall* call = nullptr;
    expression::AggregateShape shape;
  };

  std::string name;
  std::vector<expression::Expression> keys;
  std::vector<Field> fields;
  std::vector<expression::Grouped> expressions;
  // Of all expressions, one after the other: expressions[i] takes its results from first_call[i] on.
  std::vector<Call> calls;
  std::vector<std::size_t> first_call;
  DocumentShape shape;
};

// kConfiguration with file and line: an expression that does not compile or does not fit `group_by`.
Result<SummaryDefinition> compile_summary(const CollectionSpec& spec, const expression::Scope& scope,
                                          const std::string& file);

// All that the expressions read of a row, each once.
std::vector<expression::Reference> reads_of(const SummaryDefinition& definition);

}  // namespace penstock
