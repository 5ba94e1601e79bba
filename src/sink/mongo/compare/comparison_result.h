// What a comparison found.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/checkpoint.h"
#include "sink/mongo/compare/document_difference.h"

namespace penstock::mongo {

enum class DifferenceKind : std::uint8_t {
  kMissing,  // the document is not there
  kExtra,    // no row says that it should be there
  kDiffers,
};
const char* name_of(DifferenceKind kind);  // "missing", "extra", "differs"

// One document.
struct Difference {
  std::string collection;
  std::string id;   // `_id` as relaxed extended JSON
  std::string key;  // EncodedId::key
  DifferenceKind kind = DifferenceKind::kDiffers;
  std::vector<FieldDifference> fields;  // kDiffers: the first ones; left out of late differences
  // The row whose re-read mends the document. None: a summary's, or an `_id` that no row's key gives.
  std::optional<Reread> repair;
};

struct CollectionResult {
  std::string collection;
  std::uint64_t expected = 0;  // documents that PostgreSQL's rows make
  std::uint64_t stored = 0;    // documents in the collection, without those marked as deleted
  std::uint64_t compared = 0;  // looked up and compared field by field
  std::uint64_t missing = 0;
  std::uint64_t extra = 0;
  std::uint64_t differing = 0;
  std::uint64_t rejected = 0;  // rows that make no document (dead letters): not compared
  // Over the compared documents, in any order: the sum of the first 128 bits of SHA-256 of each document's
  // fields without the metadata. Empty when they were not all compared at one position.
  std::string expected_digest;
  std::string found_digest;

  bool equal() const { return missing == 0 && extra == 0 && differing == 0; }
};

}  // namespace penstock::mongo
