#include "app/preflight/collection_checks.h"

#include <fmt/format.h>

#include "app/preflight/column_check.h"
#include "projection/collection_plan.h"

namespace penstock::app {
namespace {

class FieldCheck {
 public:
  FieldCheck(const CollectionSpec& spec, const postgres::TableDescription& table, const std::string& file,
             Report& report)
      : spec_(spec), table_(table), file_(file), report_(report), subject_("collection " + spec.name) {}

  void run() {
    bool complete = true;
    for (const FieldSpec& field : spec_.fields) complete = check_column(field) && complete;
    for (const FieldSpec& field : spec_.id) complete = check_column(field) && complete;
    if (!complete || (table_.schema->key.empty() && spec_.id.empty())) return;  // said already
    const auto plan = plan_collection(spec_, *table_.schema);
    if (!plan) return report_.fail(subject_, plan.error().message, plan.error().remedy);
    for (const FieldShape& field : plan->shape.fields) check_name(field.name);
    for (const std::string& column : plan->shape.id_columns) check_id_type(column);
  }

 private:
  bool check_column(const FieldSpec& field) {
    return find_column(table_, field.column, subject_, file_, field.line, report_) != nullptr;
  }

  void check_name(const std::string& name) {
    if (!name.empty() && name.front() != '$' && name.find('.') == std::string::npos) return;
    report_.warn(
        subject_,
        fmt::format(
            "MongoDB's queries cannot name field \"{}\" plainly; it is written as it is, and read with "
            "$getField",
            name),
        fmt::format("or give it another name under fields: new_name: '{}'", quote_identifier(name)));
  }

  void check_id_type(const std::string& name) {
    const std::string& type = table_.schema->columns[*table_.schema->find(name)].type_name;
    if (type == "jsonb")
      report_.warn(subject_,
                   fmt::format("_id column \"{}\" is jsonb: MongoDB refuses an _id that is an array", name));
  }

  const CollectionSpec& spec_;
  const postgres::TableDescription& table_;
  const std::string& file_;
  Report& report_;
  const std::string subject_;
};

}  // namespace

void check_fields(const CollectionSpec& spec, const postgres::TableDescription& table,
                  const std::string& file, Report& report) {
  FieldCheck(spec, table, file, report).run();
}

}  // namespace penstock::app
