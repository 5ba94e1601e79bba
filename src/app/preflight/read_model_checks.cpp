#include "app/preflight/read_model_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "app/preflight/column_check.h"

namespace penstock::app {
namespace {

using postgres::TableDescription;
using Pairs = std::vector<EmbedSpec::Pair>;

std::uint32_t type_of(const Column& column) {
  return column.base_type_oid != 0 ? column.base_type_oid : column.type_oid;
}

class ReadModelCheck {
 public:
  ReadModelCheck(const CollectionSpec& spec, const TableDescriptions& tables, const std::string& file,
                 Report& report)
      : spec_(spec), tables_(tables), file_(file), report_(report), subject_("collection " + spec.name) {}

  void run() {
    const TableDescription* table = find(spec_.from);
    if (table != nullptr) {
      check_fields(spec_.fields, *table);
      check_fields(spec_.id, *table);
      check_fields(spec_.group_by, *table);
      check_metadata(*table);
    }
    check_embeds(spec_.embeds, table);
  }

 private:
  const TableDescription* find(const TableName& name) const {
    const auto found = tables_.find(to_string(name));
    return found == tables_.end() ? nullptr : &found->second;
  }

  const Column* column(const TableDescription& table, const std::string& name, int line) {
    return find_column(table, name, subject_, file_, line, report_);
  }

  void check_fields(const std::vector<FieldSpec>& fields, const TableDescription& table) {
    for (const FieldSpec& field : fields) {
      if (!field.column.empty()) column(table, field.column, field.line);
      check_fields(field.fields, table);
    }
  }

  // A metadata field would stand beside a column of its name that "*" brings.
  void check_metadata(const TableDescription& table) {
    if (!spec_.all_columns) return;
    for (const auto& name : {spec_.change_field, spec_.time_field}) {
      if (!name || !table.schema->find(*name)) continue;
      const bool named = std::any_of(spec_.fields.begin(), spec_.fields.end(),
                                     [&](const FieldSpec& field) { return field.name == *name; });
      if (!named)
        report_.fail(
            subject_,
            fmt::format("\"{}\" is a metadata field and a column of {}", *name, to_string(spec_.from)),
            fmt::format("give the column another name, or leave it out: fields: {{ \"*\": true, {}: false }}",
                        *name));
    }
  }

  void check_embeds(const std::vector<EmbedSpec>& embeds, const TableDescription* owner) {
    for (const EmbedSpec& embed : embeds) {
      const TableDescription* table = find(embed.from);
      if (table != nullptr) check_fields(embed.fields, *table);
      if (embed.through) {
        const TableDescription* through = find(embed.through->from);
        check_pairs(embed.through->owner, through, owner, embed.through->line);
        check_pairs(embed.through->embedded, through, table, embed.through->line);
      } else {
        check_pairs(embed.join, table, owner, embed.line);
      }
      check_embeds(embed.embeds, table);
    }
  }

  void check_pairs(const Pairs& pairs, const TableDescription* left, const TableDescription* right,
                   int line) {
    if (left == nullptr || right == nullptr) return;
    for (const EmbedSpec::Pair& pair : pairs) {
      const Column* one = column(*left, pair.left, line);
      const Column* other = column(*right, pair.right, line);
      if (one == nullptr || other == nullptr || comparable(*one, *other)) continue;
      report_.fail(subject_,
                   fmt::format("{}:{}: {}.{} is {} and {}.{} is {}: their values cannot be joined", file_,
                               line, to_string(left->schema->table), one->name, one->type_name,
                               to_string(right->schema->table), other->name, other->type_name),
                   fmt::format("ALTER TABLE {} ALTER COLUMN {} TYPE {} USING {}::{};",
                               quoted(left->schema->table), quote_identifier(one->name), other->type_name,
                               quote_identifier(one->name), other->type_name));
    }
  }

  const CollectionSpec& spec_;
  const TableDescriptions& tables_;
  const std::string& file_;
  Report& report_;
  const std::string subject_;
};

}  // namespace

bool comparable(const Column& left, const Column& right) {
  // PostgreSQL source: pg_type.dat. PostgreSQL compares the types of a family, and the state has one form for
  // equal values.
  static constexpr std::array<std::uint32_t, 7> kNumbers{20, 21, 23, 26, 700, 701, 1700};
  static constexpr std::array<std::uint32_t, 4> kTexts{19, 25, 1042, 1043};
  const auto both = [&](const auto& family) {
    const auto in = [&](std::uint32_t type) {
      return std::find(family.begin(), family.end(), type) != family.end();
    };
    return in(type_of(left)) && in(type_of(right));
  };
  return type_of(left) == type_of(right) || both(kNumbers) || both(kTexts);
}

void check_read_model(const CollectionSpec& spec, const TableDescriptions& tables, const std::string& file,
                      Report& report) {
  ReadModelCheck(spec, tables, file, report).run();
}

}  // namespace penstock::app
