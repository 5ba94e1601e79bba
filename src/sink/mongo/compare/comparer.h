// Compares collections with the documents that PostgreSQL's rows make, at one moment of MongoDB while writers
// go on.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/checkpoint.h"
#include "model/document_write.h"
#include "sink/mongo/compare/comparison_result.h"

namespace penstock::mongo {

struct CompareOptions {
  std::string uri;
  std::string database;
  std::string pipeline;
  std::string folder;         // for what does not fit into memory
  bool dead_letters = false;  // rows that make no document are left out instead of being an error
  double sample = 1;          // part of the documents that is looked up
  // The collections to compare: name, `_id`, metadata and soft deletes count; the fields come with the
  // documents.
  std::vector<DocumentShape> shapes;
};

// One thread at a time, but for progress(). Errors: kMongoUnavailable after tries for half a minute,
// kMongoRefused, kConfiguration (no room for temporary files), kBadValue, kRejectedDocument.
class Comparer {
 public:
  // Connects. kConfiguration when the URI cannot be read.
  static Result<std::unique_ptr<Comparer>> open(CompareOptions options);
  virtual ~Comparer() = default;

  // False: a standalone server. What is compared is then the newest; what differs must be given again as of
  // later positions until nothing differs, or what differs stays as it is.
  virtual bool has_snapshots() const = 0;

  // A new moment, which all reads from now on see: what the pipeline has stored by then. Until the first
  // document it may be called again and again. From then on documents that changed between the two moments
  // must be given (again), and those that are to be no more as kDelete or kSoftDelete.
  virtual Result<Checkpoint> look() = 0;

  // Documents as they must be at that moment: kInsert and kReplace, each once. Copies what it needs. Writes
  // of other collections are passed over. False: MongoDB does not keep that moment any longer; what was given
  // is kept, and compared by the next call after a look().
  virtual Result<bool> compare(const WriteGroup& group) = 0;
  // After the last document: what is left, and documents that should not be there. False: as compare(); call
  // it again after a look().
  virtual Result<bool> finish() = 0;

  struct Progress {
    std::uint64_t compared = 0;
    std::uint64_t ids_read = 0;  // by finish()
  };
  virtual Progress progress() const = 0;  // any thread
  virtual std::vector<CollectionResult> results() const = 0;
  // In the order in which they were found, one collection after the other.
  virtual std::vector<Difference> differences() const = 0;
};

}  // namespace penstock::mongo
