#include "projection/summary/definition.h"

#include <algorithm>
#include <utility>

#include "expression/function.h"

namespace penstock {
namespace {

class Compiler {
 public:
  Compiler(const CollectionSpec& spec, const expression::Scope& scope, const std::string& file)
      : spec_(spec), scope_(scope), file_(file) {}

  Result<SummaryDefinition> compile() {
    made_.name = spec_.name;
    PENSTOCK_TRY(compile_keys());
    for (const FieldSpec& field : spec_.fields) {
      if (field.drop) continue;
      PENSTOCK_TRY(refuse_second(field.name));
      PENSTOCK_TRY(add_field(field, field.name, made_.fields, made_.shape.fields));
    }
    add_calls();
    PENSTOCK_TRY(add_metadata(spec_.change_field, made_.shape.change_field));
    PENSTOCK_TRY(add_metadata(spec_.time_field, made_.shape.time_field));
    return std::move(made_);
  }

 private:
  expression::Source source_of(const FieldSpec& field) const {
    if (field.sql.text.empty()) return {quote_identifier(field.column), file_, field.line, 0};
    return {field.sql.text, file_, field.sql.line, field.sql.column};
  }

  // For errors of the sink: "product_sales.revenue numeric(14,2)".
  std::string described(const std::string& path, expression::Type type) const {
    return spec_.name + "." + path + " " + expression::to_string(type);
  }

  Status compile_keys() {
    for (const FieldSpec& key : spec_.group_by) {
      PENSTOCK_ASSIGN(expression::Expression compiled,
                      expression::Expression::compile(source_of(key), scope_));
      if (compiled.type().oid == expression::oid::kJson) return refuse_json(key);
      made_.shape.id.push_back({key.name, key.as, described(key.name, compiled.type())});
      made_.keys.push_back(std::move(compiled));
    }
    for (std::size_t i = 0; i < made_.keys.size(); ++i)
      keys_.push_back({spec_.group_by[i].name, &made_.keys[i]});
    return {};
  }

  Status refuse_json(const FieldSpec& key) const {
    return fail(ErrorKind::kConfiguration,
                file_ + ":" + std::to_string(key.line) + ": collection " + spec_.name + " is grouped by \"" +
                    key.name + "\", which is json: PostgreSQL has no equality for it",
                "cast it to jsonb or text");
  }

  Status add_field(const FieldSpec& spec, const std::string& path,
                   std::vector<SummaryDefinition::Field>& fields, std::vector<FieldShape>& shapes) {
    SummaryDefinition::Field field;
    field.name = spec.name;
    FieldShape shape{spec.name, spec.as, spec_.name + "." + path};
    if (spec.fields.empty()) {
      PENSTOCK_ASSIGN(expression::Grouped compiled,
                      expression::Grouped::compile(source_of(spec), scope_, keys_));
      shape.source = described(path, compiled.type());
      field.expression = made_.expressions.size();
      made_.expressions.push_back(std::move(compiled));
    }
    for (const FieldSpec& inner : spec.fields)
      PENSTOCK_TRY(add_field(inner, path + "." + inner.name, field.fields, shape.fields));
    fields.push_back(std::move(field));
    shapes.push_back(std::move(shape));
    return {};
  }

  void add_calls() {
    for (const expression::Grouped& grouped : made_.expressions) {
      made_.first_call.push_back(made_.calls.size());
      for (const expression::AggregateCall& call : grouped.calls())
        made_.calls.push_back({&call, expression::shape_of(call)});
    }
  }

  Status refuse_second(const std::string& name) const {
    const auto& fields = made_.shape.fields;
    const bool there =
        std::any_of(fields.begin(), fields.end(), [&](const auto& field) { return field.name == name; });
    if (!there) return {};
    return fail(ErrorKind::kConfiguration,
                file_ + ":" + std::to_string(spec_.line) + ": collection " + spec_.name +
                    " has two fields called \"" + name + "\"",
                "give one of them another name");
  }

  Status add_metadata(const std::optional<std::string>& name, int& index) {
    if (!name) return {};
    PENSTOCK_TRY(refuse_second(*name));
    index = static_cast<int>(made_.shape.fields.size());
    made_.shape.fields.push_back({*name, BsonType::kDefault, "metadata field " + *name});
    return {};
  }

  const CollectionSpec& spec_;
  const expression::Scope& scope_;
  const std::string& file_;
  SummaryDefinition made_;
  std::vector<expression::Grouped::Key> keys_;
};

void add_reads(std::vector<expression::Reference>& to, const expression::Expression& expression) {
  for (const expression::Reference& read : expression.reads())
    if (std::find(to.begin(), to.end(), read) == to.end()) to.push_back(read);
}

}  // namespace

Result<SummaryDefinition> compile_summary(const CollectionSpec& spec, const expression::Scope& scope,
                                          const std::string& file) {
  return Compiler(spec, scope, file).compile();
}

std::vector<expression::Reference> reads_of(const SummaryDefinition& definition) {
  std::vector<expression::Reference> reads;
  for (const expression::Expression& key : definition.keys) add_reads(reads, key);
  for (const SummaryDefinition::Call& call : definition.calls) {
    if (call.call->argument) add_reads(reads, *call.call->argument);
    if (call.call->filter) add_reads(reads, *call.call->filter);
    for (const expression::AggregateCall::Order& order : call.call->order) add_reads(reads, order.by);
  }
  return reads;
}

}  // namespace penstock
