// A sink of documents as text, in maps.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

#include "model/document_write.h"

namespace penstock::test {

inline std::string shown(const Value& value, const FieldShape* shape, bool map);

inline std::string shown_fields(const Struct& value, const FieldShape* shape, bool map) {
  std::string out = "{";
  for (std::uint32_t i = 0; i < value.size; ++i) {
    if (value.fields[i].value.is_unchanged()) continue;
    const FieldShape* below =
        shape != nullptr && !map && i < shape->fields.size() ? &shape->fields[i] : nullptr;
    if (map) below = shape;
    const std::string name = map || below == nullptr ? std::string(value.fields[i].name) : below->name;
    out += (out.size() > 1 ? "," : "") + name + ":" +
           shown(value.fields[i].value, below, !map && below && below->map);
  }
  return out + "}";
}

inline std::string shown(const Value& value, const FieldShape* shape, bool map) {
  if (value.is_null()) return "null";
  if (value.is_unchanged()) return "unsent";
  if (const auto* part = value.get<Struct>()) return shown_fields(*part, shape, map);
  if (const auto* list = value.get<Array>()) {
    std::string out = "[";
    for (std::uint32_t i = 0; i < list->size; ++i)
      out += (i > 0 ? "," : "") + shown(list->items[i], shape, false);
    return out + "]";
  }
  return to_text(value);
}

inline std::string shown_document(const DocumentShape& shape, const Value* fields) {
  std::string out = "{";
  for (std::size_t i = 0; i < shape.fields.size(); ++i) {
    if (fields[i].is_unchanged()) continue;
    out += (out.size() > 1 ? "," : "") + shape.fields[i].name + ":" +
           shown(fields[i], &shape.fields[i], shape.fields[i].map);
  }
  return out + "}";
}

// Outlives a crash of the projector. Collections that nothing has made must not be written to.
class DocumentStore {
 public:
  using Documents = std::map<std::string, std::string>;  // `_id` -> document

  void apply(const WriteGroup& group) {
    if (group.prepare) collections_[group.prepare->target].clear();
    for (const DocumentWrite& write : group.writes) apply(write);
    if (group.publish) {
      const auto target = collections_.find(group.publish->target);
      if (target != collections_.end()) {
        collections_[group.publish->collection] = std::move(target->second);
        collections_.erase(group.publish->target);
      }
    }
    for (const RejectedDocument& one : group.rejected) rejected.push_back(one.error.text());
    for (const Reread& one : group.rereads) rereads.push_back(one);
    if (group.position) position = *group.position;
    if (group.pending) pending = *group.pending;
  }

  bool has(const std::string& collection) const { return collections_.contains(collection); }
  const Documents& documents(const std::string& collection) { return collections_[collection]; }
  std::string document(const std::string& collection, const std::string& id) {
    const auto found = collections_[collection].find(id);
    return found == collections_[collection].end() ? "absent" : found->second;
  }

  Position position;
  PendingDocuments pending;
  std::vector<std::string> rejected;
  std::vector<Reread> rereads;
  std::size_t duplicates = 0;  // inserts of what was there
  std::size_t writes = 0;

 private:
  void apply(const DocumentWrite& write) {
    ++writes;
    const std::string& name = write.shape->collection;
    if (!collections_.contains(name)) {
      ADD_FAILURE() << "a write to " << name << ", which nothing has made";
      return;
    }
    Documents& documents = collections_[name];
    if (write.kind == WriteKind::kClear) {
      documents.clear();
      return;
    }
    std::string id;
    for (std::size_t i = 0; i < write.shape->id.size(); ++i) id += (i > 0 ? "," : "") + to_text(write.id[i]);
    switch (write.kind) {
      case WriteKind::kInsert:
        duplicates += documents.contains(id) ? 1 : 0;
        [[fallthrough]];
      case WriteKind::kReplace:
        documents[id] = shown_document(*write.shape, write.fields);
        break;
      case WriteKind::kDelete:
        documents.erase(id);
        break;
      case WriteKind::kSoftDelete:
        if (documents.contains(id)) documents[id] += shown_document(*write.shape, write.fields);
        break;
      default:
        ADD_FAILURE() << "a write of a kind that read models do not make";
    }
  }

  std::map<std::string, Documents> collections_;
};

}  // namespace penstock::test
