#include "app/settings/embed_reader.h"

#include <fmt/format.h>

#include <map>

#include "app/settings/field_reader.h"
#include "app/settings/names.h"
#include "app/settings/section.h"
#include "app/settings/sql_reader.h"

namespace penstock::app {
namespace {

constexpr std::size_t kMostRows = 1'000'000'000;
constexpr std::size_t kMostDepth = 32;

using Pairs = std::vector<EmbedSpec::Pair>;

// { left: right }, or names that both sides have.
Result<Pairs> read_pairs(const std::string& file, const YamlNode::Entry& entry, const std::string& where) {
  Pairs pairs;
  if (entry.value.kind != YamlNode::Kind::kMap) {
    PENSTOCK_ASSIGN(const std::vector<std::string> names, read_key(file, entry, where));
    for (const std::string& name : names) pairs.push_back({name, name});
    return pairs;
  }
  for (const YamlNode::Entry& pair : entry.value.entries) {
    PENSTOCK_ASSIGN(const std::string right,
                    scalar_text(file, pair.value, fmt::format("a column name in {}", where)));
    pairs.push_back({parse_listed_column(pair.key), parse_listed_column(right)});
  }
  if (pairs.empty()) return fail(error_at(file, entry, fmt::format("{} names no column", where)));
  return pairs;
}

class EmbedReader {
 public:
  EmbedReader(const Section& section, const TableName& owner)
      : section_(section), file_(section.file()), owner_(owner) {}

  Result<EmbedSpec> read(const YamlNode::Entry& entry) {
    spec_.name = entry.key;
    spec_.line = entry.line;
    PENSTOCK_TRY(read_from());
    PENSTOCK_TRY(read_join());
    PENSTOCK_TRY(read_rows());
    PENSTOCK_TRY(read_numbers());
    PENSTOCK_TRY(read_content());
    PENSTOCK_TRY(read_shape());
    PENSTOCK_TRY(read_place());
    return std::move(spec_);
  }

 private:
  std::string part(std::string_view key) const { return fmt::format("\"{}\" of {}", key, section_.where()); }
  bool has(std::string_view key) const { return section_.find(key) != nullptr; }
  bool many() const { return spec_.kind == EmbedSpec::Kind::kMany; }

  Status refuse(std::string_view key, const std::string& what, std::string remedy = {}) const {
    return fail(section_.error(key, fmt::format("{} {}", part(key), what), std::move(remedy)));
  }
  Status only_for_many(std::string_view key) const {
    if (!has(key) || many()) return {};
    return refuse(key, "is for \"many\": a \"one\" shows a single row");
  }

  Status read_from() {
    if (has("many") == has("one"))
      return fail(
          section_.error(has("one") ? "one" : "",
                         fmt::format("{} needs either \"many\" or \"one\" with a table", section_.where()),
                         "e.g. many: public.order_details"));
    spec_.kind = has("many") ? EmbedSpec::Kind::kMany : EmbedSpec::Kind::kOne;
    PENSTOCK_ASSIGN(spec_.from, read_table(section_, many() ? "many" : "one"));
    if (const YamlNode::Entry* key = section_.find("table_key")) {
      PENSTOCK_ASSIGN(spec_.key, read_key(file_, *key, part("table_key")));
    }
    return {};
  }

  Status read_join() {
    std::string_view first;
    for (const std::string_view key : {"using", "join", "through"}) {
      if (!has(key)) continue;
      if (!first.empty()) return refuse(key, fmt::format("and \"{}\" are two ways to say the same", first));
      first = key;
    }
    if (const YamlNode::Entry* names = section_.find("using")) {
      if (names->value.kind == YamlNode::Kind::kMap)
        return refuse("using", "is a column or a list of columns", "join: { embedded_column: owner_column }");
      PENSTOCK_ASSIGN(spec_.join, read_pairs(file_, *names, part("using")));
    }
    if (const YamlNode::Entry* pairs = section_.find("join")) {
      if (pairs->value.kind != YamlNode::Kind::kMap)
        return refuse("join", "must be a map { embedded_column: owner_column }",
                      "columns called the same in both tables go under \"using\"");
      PENSTOCK_ASSIGN(spec_.join, read_pairs(file_, *pairs, part("join")));
    }
    return has("through") ? read_through(*section_.find("through")) : Status();
  }

  Status read_through(const YamlNode::Entry& entry) {
    PENSTOCK_ASSIGN(const Section through,
                    Section::open(file_, entry.value, &entry, "embed.*.through", part("through")));
    EmbedSpec::Through& spec = spec_.through.emplace(EmbedSpec::Through());
    spec.line = entry.line;
    PENSTOCK_ASSIGN(spec.from, read_table(through, "from"));
    if (const YamlNode::Entry* key = through.find("table_key")) {
      PENSTOCK_ASSIGN(spec.key, read_key(file_, *key, "\"table_key\" in " + through.where()));
    }
    if (const YamlNode::Entry* pairs = through.find("owner")) {
      PENSTOCK_ASSIGN(spec.owner, read_pairs(file_, *pairs, "\"owner\" in " + through.where()));
    }
    if (const YamlNode::Entry* pairs = through.find("embedded")) {
      PENSTOCK_ASSIGN(spec.embedded, read_pairs(file_, *pairs, "\"embedded\" in " + through.where()));
    }
    return {};
  }

  Status read_rows() {
    if (const YamlNode::Entry* where = section_.find("where")) {
      PENSTOCK_ASSIGN(spec_.where, read_sql(file_, where->value, part("where")));
    }
    if (const YamlNode::Entry* order = section_.find("order_by")) {
      PENSTOCK_ASSIGN(spec_.order_by, read_order(file_, *order, part("order_by")));
    }
    return {};
  }

  Status read_numbers() {
    PENSTOCK_TRY(only_for_many("limit"));
    PENSTOCK_TRY(only_for_many("max_array"));
    if (has("limit")) {
      PENSTOCK_ASSIGN(spec_.limit, section_.count("limit", kMostRows));
    }
    if (has("max_array")) {
      PENSTOCK_ASSIGN(spec_.max_array, section_.count("max_array", kMostRows));
    }
    PENSTOCK_ASSIGN(const std::size_t depth, section_.count("depth", kMostDepth));
    spec_.depth = static_cast<int>(depth);
    if (depth > 1 && spec_.from != owner_)
      return refuse("depth", fmt::format("is for a table inside itself; this is {} inside {}",
                                         to_string(spec_.from), to_string(owner_)));
    return {};
  }

  Status read_content() {
    if (const YamlNode::Entry* fields = section_.find("fields")) {
      PENSTOCK_ASSIGN(FieldList list, read_fields(file_, *fields, part("fields")));
      spec_.all_columns = list.all_columns;
      spec_.fields = std::move(list.fields);
    }
    if (const YamlNode::Entry* embeds = section_.find("embed")) {
      PENSTOCK_ASSIGN(spec_.embeds, read_embeds(file_, *embeds, spec_.from, section_.where()));
    }
    return check_names(file_, spec_.fields, spec_.embeds, section_.where());
  }

  Status read_shape() {
    PENSTOCK_TRY(only_for_many("shape"));
    PENSTOCK_ASSIGN(const std::string shape, section_.choice("shape"));
    spec_.shape = shape == "map"      ? EmbedSpec::Shape::kMap
                  : shape == "values" ? EmbedSpec::Shape::kValues
                                      : EmbedSpec::Shape::kList;
    if (has("key") && spec_.shape != EmbedSpec::Shape::kMap)
      return refuse("key", "names the fields of \"shape: map\"",
                    "the key columns of a table without a primary key go under \"table_key\"");
    if (const YamlNode::Entry* key = section_.find("key")) {
      PENSTOCK_ASSIGN(spec_.map_key, read_sql(file_, key->value, part("key")));
    }
    if (spec_.shape == EmbedSpec::Shape::kValues && !has("value"))
      return refuse("shape", "is values, and \"value\" is missing", "e.g. value: name");
    const YamlNode::Entry* value = section_.find("value");
    if (value == nullptr) return {};
    if (spec_.shape == EmbedSpec::Shape::kList)
      return refuse("value", "goes with \"shape: values\" or \"shape: map\"");
    if (has("fields")) return refuse("value", "and \"fields\" are two contents of one row");
    PENSTOCK_ASSIGN(spec_.value, read_sql(file_, value->value, part("value")));
    return {};
  }

  Status read_place() {
    PENSTOCK_ASSIGN(spec_.hidden, section_.truth("hidden"));
    PENSTOCK_ASSIGN(spec_.merge, section_.truth("merge"));
    if (spec_.merge && many()) return refuse("merge", "is for \"one\": a \"many\" has no single row");
    if (spec_.merge && spec_.hidden) return refuse("merge", "shows what \"hidden\" hides");
    if (spec_.merge && spec_.depth > 1) return refuse("merge", "cannot go with \"depth\"");
    return {};
  }

  const Section& section_;
  const std::string& file_;
  const TableName& owner_;
  EmbedSpec spec_;
};

// The fields that one level of a document has by name, with the place that names each.
class NameCheck {
 public:
  NameCheck(const std::string& file, const std::string& where) : file_(file), where_(where) {}

  Status add(const std::vector<FieldSpec>& fields, const std::vector<EmbedSpec>& embeds) {
    PENSTOCK_TRY(add_fields(fields));
    for (const EmbedSpec& embed : embeds) PENSTOCK_TRY(add_embed(embed));
    return {};
  }

 private:
  Status add_fields(const std::vector<FieldSpec>& fields) {
    for (const FieldSpec& field : fields)
      if (!field.drop) PENSTOCK_TRY(add(field.name, field.line));
    return {};
  }

  Status add_embed(const EmbedSpec& embed) {
    if (embed.hidden) return {};
    if (!embed.merge) return add(embed.name, embed.line);
    PENSTOCK_TRY(add_fields(embed.fields));
    for (const EmbedSpec& inner : embed.embeds) PENSTOCK_TRY(add_embed(inner));
    return {};
  }

  Status add(const std::string& name, int line) {
    const auto [first, is_new] = lines_.emplace(name, line);
    if (is_new) return {};
    return fail(error_at(file_, line, 1,
                         fmt::format("\"{}\" of {} is there already: line {}", name, where_, first->second),
                         "give one of them another name, or take it out"));
  }

  const std::string& file_;
  const std::string& where_;
  std::map<std::string, int> lines_;
};

}  // namespace

Result<TableName> read_table(const Section& section, std::string_view key) {
  PENSTOCK_ASSIGN(const std::string text, section.text(key));
  if (const auto table = parse_table_name(text)) return *table;
  return fail(section.error(
      key, fmt::format("\"{}\" of {} must be schema.table, not \"{}\"", key, section.where(), text),
      "e.g. public.orders; names with dots or quotes go in double quotes"));
}

Status check_names(const std::string& file, const std::vector<FieldSpec>& fields,
                   const std::vector<EmbedSpec>& embeds, const std::string& where) {
  return NameCheck(file, where).add(fields, embeds);
}

Result<std::vector<EmbedSpec>> read_embeds(const std::string& file, const YamlNode::Entry& entry,
                                           const TableName& owner, const std::string& where) {
  if (entry.value.kind != YamlNode::Kind::kMap || entry.value.entries.empty())
    return fail(error_at(file, entry, fmt::format("\"embed\" of {} must be a map of embeds", where),
                         "e.g. lines: { many: public.order_details }"));
  std::vector<EmbedSpec> embeds;
  for (const YamlNode::Entry& each : entry.value.entries) {
    const std::string name = fmt::format("embed \"{}\" of {}", each.key, where);
    if (each.key.empty() || each.key == "*" || each.key == "parent")
      return fail(error_at(file, each, fmt::format("{} may not be called so", name),
                           "\"parent\" is how expressions name the row around"));
    PENSTOCK_ASSIGN(const Section section, Section::open(file, each.value, &each, "embed.*", name));
    PENSTOCK_ASSIGN(EmbedSpec embed, EmbedReader(section, owner).read(each));
    embeds.push_back(std::move(embed));
  }
  return embeds;
}

}  // namespace penstock::app
