// The second half of read models that many writers keep: marks to documents, each made once from the rows as
// they are kept.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/document_write.h"
#include "projection/shared/kept_maps.h"
#include "projection/shared/kept_writes.h"
#include "projection/shared/row_fetch.h"
#include "projection/shared/scratch.h"

namespace penstock {

// One thread. Nobody else works on the lane between step() and the commit of its group: then nothing is to be
// feared of rows that change meanwhile, as each change brings a mark of its own.
class Settlement {
 public:
  // As Scratch::make(). `kept` outlives it.
  static Result<std::unique_ptr<Settlement>> make(std::vector<CollectionSpec> models,
                                                  const std::vector<TableSchema>& tables,
                                                  const SharedOptions& options, KeptState& kept);

  struct Step {
    std::size_t marks = 0;      // that the group removes or moves on; 0: the lane has none
    std::size_t documents = 0;  // that were made
  };
  // Appends to the group what the lane's next marks ask for.
  Result<Step> step(const std::string& lane, WriteGroup& group);
  // Before another lane, and after a step whose group was not committed.
  void forget() { maps_.forget(); }
  // As Scratch::outdated(): the documents of the last step may lack columns.
  bool outdated() const { return scratch_->outdated(); }

 private:
  struct Root {
    Mark mark;
    std::vector<std::string> marks;  // ids
  };
  using Roots = std::map<std::string, Root>;  // by key
  struct Work {
    explicit Work(WriteGroup& into) : group(into) {}
    WriteGroup& group;
    Step done;
    std::size_t rows = 0;  // that walks and pages have come to
    std::map<Collection*, Roots> roots;
    std::set<Collection*> opened;  // summaries
  };

  Settlement(const SharedOptions& options, KeptState& kept)
      : kept_(kept), writes_(options.pipeline), maps_(kept, options.pipeline) {}

  static Root& mark_root(Roots& roots, const std::string& key, const Mark& mark);
  Status take(const KeptMark& mark, Work& work);
  Status walk(Collection& collection, const KeptMark& mark, Work& work);
  Status page(Collection& collection, const KeptMark& mark, Work& work);
  void move_on(const KeptMark& mark, const std::vector<KeptRow>& rows, Work& work);
  Status make(Collection& collection, Roots& roots, Work& work);
  Status open_summary(Collection& collection, Work& work);
  Result<Step> try_step(const std::string& lane, WriteGroup& group);

  KeptState& kept_;
  KeptWrites writes_;
  KeptMaps maps_;
  std::unique_ptr<Scratch> scratch_;
};

}  // namespace penstock
