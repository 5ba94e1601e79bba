#include "app/settings/collection_reader.h"

#include <fmt/format.h>

#include "app/settings/embed_reader.h"
#include "app/settings/field_reader.h"
#include "app/settings/index_reader.h"
#include "app/settings/names.h"
#include "app/settings/sql_reader.h"
#include "app/settings/table_keys.h"

namespace penstock::app {
namespace {

class CollectionReader {
 public:
  CollectionReader(const Section& section, const CollectionDefaults& defaults)
      : section_(section), file_(section.file()), defaults_(defaults) {}

  Result<CollectionSettings> read(const YamlNode::Entry& entry) {
    CollectionSettings result;
    CollectionSpec& spec = result.spec;
    spec.name = entry.key;
    spec.line = entry.line;
    spec.change_field = defaults_.change_field;
    spec.time_field = defaults_.time_field;
    PENSTOCK_ASSIGN(spec.from, read_table(section_, "from"));
    PENSTOCK_TRY(read_key_and_id(spec));
    PENSTOCK_TRY(read_content(spec));
    PENSTOCK_TRY(read_summary(spec));
    PENSTOCK_TRY(check_field_names(spec));
    PENSTOCK_TRY(read_deletes(spec));
    if (const YamlNode::Entry* indexes = section_.find("indexes")) {
      PENSTOCK_ASSIGN(result.indexes, read_indexes(file_, *indexes, section_.where()));
    }
    return result;
  }

 private:
  std::string part(const char* key) const { return fmt::format("\"{}\" of {}", key, section_.where()); }
  Status refuse(const char* key, const std::string& what, std::string remedy = {}) const {
    return fail(section_.error(key, fmt::format("{} {}", part(key), what), std::move(remedy)));
  }

  Status read_key_and_id(CollectionSpec& spec) {
    if (const YamlNode::Entry* key = section_.find("key")) {
      PENSTOCK_ASSIGN(spec.key, read_key(file_, *key, part("key")));
    }
    if (const YamlNode::Entry* id = section_.find("id")) {
      PENSTOCK_ASSIGN(spec.id, read_id(file_, *id, part("id")));
    }
    return {};
  }

  Status read_content(CollectionSpec& spec) {
    if (const YamlNode::Entry* where = section_.find("where")) {
      PENSTOCK_ASSIGN(spec.where, read_sql(file_, where->value, part("where")));
    }
    if (const YamlNode::Entry* fields = section_.find("fields")) {
      PENSTOCK_ASSIGN(FieldList list, read_fields(file_, *fields, part("fields")));
      spec.all_columns = list.all_columns;
      spec.fields = std::move(list.fields);
    }
    if (const YamlNode::Entry* embeds = section_.find("embed")) {
      PENSTOCK_ASSIGN(spec.embeds, read_embeds(file_, *embeds, spec.from, section_.where()));
    }
    return {};
  }

  Status read_summary(CollectionSpec& spec) {
    const YamlNode::Entry* keys = section_.find("group_by");
    if (keys == nullptr) return {};
    PENSTOCK_ASSIGN(spec.group_by, read_group_by(file_, *keys, part("group_by")));
    if (!spec.id.empty()) return refuse("id", "cannot go with \"group_by\", whose keys are the _id");
    if (section_.find("fields") != nullptr && spec.all_columns)
      return refuse("fields", "may not hold \"*\" beside \"group_by\": a group has no single row",
                    "name aggregates, e.g. sold: sum(quantity)");
    spec.all_columns = false;
    return hide_embeds(spec.embeds);
  }

  // In a summary they only serve names such as product.category.
  Status hide_embeds(std::vector<EmbedSpec>& embeds) {
    for (EmbedSpec& embed : embeds) {
      if (embed.kind == EmbedSpec::Kind::kMany)
        return fail(
            error_at(file_, embed.line, 1,
                     fmt::format("embed \"{}\" of {} must be \"one\": with \"group_by\" each row belongs to "
                                 "one group",
                                 embed.name, section_.where()),
                     "make the embedded table the one under \"from\""));
      embed.hidden = true;
      embed.merge = false;
      PENSTOCK_TRY(hide_embeds(embed.embeds));
    }
    return {};
  }

  Status check_field_names(const CollectionSpec& spec) {
    PENSTOCK_TRY(check_names(file_, spec.fields, spec.embeds, section_.where()));
    PENSTOCK_TRY(check_reserved(spec.fields));
    return check_reserved(spec.embeds);
  }

  Status check_reserved(const std::vector<FieldSpec>& fields) {
    for (const FieldSpec& field : fields)
      if (!field.drop) PENSTOCK_TRY(check_reserved("field", field.name, field.line));
    return {};
  }

  Status check_reserved(const std::vector<EmbedSpec>& embeds) {
    for (const EmbedSpec& embed : embeds) {
      if (embed.hidden) continue;
      if (!embed.merge) PENSTOCK_TRY(check_reserved("embed", embed.name, embed.line));
      if (embed.merge) PENSTOCK_TRY(check_reserved(embed.fields));
      if (embed.merge) PENSTOCK_TRY(check_reserved(embed.embeds));
    }
    return {};
  }

  Status check_reserved(const char* kind, const std::string& name, int line) {
    if (name == "_id")
      return fail(error_at(file_, line, 1,
                           fmt::format("a field may not be called \"_id\" in {}", section_.where()),
                           "\"id:\" of the collection sets _id"));
    if (name != defaults_.change_field && name != defaults_.time_field) return {};
    return fail(error_at(
        file_, line, 1,
        fmt::format("{} \"{}\" of {} is the name of a metadata field too", kind, name, section_.where()),
        "give one of them another name"));
  }

  Status read_deletes(CollectionSpec& spec) {
    PENSTOCK_ASSIGN(const std::string deletes, section_.choice("deletes"));
    if (spec.is_summary() && deletes == "soft")
      return refuse("deletes", "cannot be soft beside \"group_by\": an empty group has no document");
    const bool soft = deletes.empty() ? defaults_.soft_deletes : deletes == "soft";
    spec.soft_deletes = soft && !spec.is_summary();
    if (spec.soft_deletes && !spec.change_field)
      return fail(section_.error(
          "deletes", fmt::format("\"deletes: soft\" of {} needs a field that says so", section_.where()),
          "add metadata: { change: cdc_changed }"));
    return {};
  }

  const Section& section_;
  const std::string& file_;
  const CollectionDefaults& defaults_;
};

}  // namespace

Result<std::vector<CollectionSettings>> read_collections(const Section& file,
                                                         const CollectionDefaults& defaults) {
  const YamlNode::Entry& all = *file.find("collections");
  if (all.value.kind != YamlNode::Kind::kMap || all.value.entries.empty())
    return fail(error_at(file.file(), all, "\"collections\" must be a map with at least one collection",
                         "e.g. products: { from: public.products }"));
  std::vector<CollectionSettings> collections;
  for (const YamlNode::Entry& entry : all.value.entries) {
    if (const auto what = bad_collection_name(entry.key))
      return fail(
          error_at(file.file(), entry, fmt::format("the collection name \"{}\" {}", entry.key, *what)));
    PENSTOCK_ASSIGN(const Section section, Section::open(file.file(), entry.value, &entry, "collections.*",
                                                         fmt::format("collection \"{}\"", entry.key)));
    PENSTOCK_ASSIGN(CollectionSettings collection, CollectionReader(section, defaults).read(entry));
    for (const CollectionSettings& other : collections)
      if (other.spec.from == collection.spec.from && other.spec.key != collection.spec.key)
        return fail(section.error("key",
                                  fmt::format("collections \"{}\" and \"{}\" give {} different keys",
                                              other.spec.name, entry.key, to_string(collection.spec.from)),
                                  "give both the same \"key\", and use \"id\" where only _id shall differ"));
    collections.push_back(std::move(collection));
  }
  PENSTOCK_TRY(share_keys(file.file(), collections));
  return collections;
}

}  // namespace penstock::app
