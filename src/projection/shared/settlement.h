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

// What a step may come to: what is beyond it stays marked. One document is made in any case.
struct StepLimits {
  std::size_t rows = 2000;                    // marked rows, or rows of a walk
  std::size_t bytes = std::size_t{4} << 20U;  // of documents as they will be stored, about
  static constexpr std::size_t kRoom = 4;     // of memory, for each of `bytes`: rows, and what they become
};

// One thread. Nobody else works on the lane between step() and the commit of its group: then nothing is to be
// feared of rows that change meanwhile, as each change brings a mark of its own.
class Settlement {
 public:
  // As Scratch::make(). `kept` outlives it.
  static Result<std::unique_ptr<Settlement>> make(std::vector<CollectionSpec> models,
                                                  const std::vector<TableSchema>& tables,
                                                  const SharedOptions& options, KeptState& kept);

  struct Step {
    std::size_t marks = 0;      // that the group removes, moves on or works on; 0: the lane has none
    std::size_t documents = 0;  // that were made
  };
  // Appends to the group what the lane's next marks ask for. A mark goes with the document that was made of
  // rows read after it.
  Result<Step> step(const std::string& lane, const StepLimits& limits, WriteGroup& group);
  // Before another lane, and after a step whose group was not committed.
  void forget() { maps_.forget(); }
  // As Scratch::outdated(): the documents of the last step may lack columns.
  bool outdated() const { return scratch_->outdated(); }

 private:
  struct Root {
    std::string key;
    Mark mark;
    std::vector<std::string> marks;  // ids
  };
  // Of a collection, in the order in which they were met; the first of them are made.
  struct Roots {
    std::vector<Root> order;
    std::map<std::string, std::size_t> places;  // by key
    std::size_t made = 0;
  };
  struct Page {
    KeptMark mark;
    std::vector<std::string> keys;  // in the order of the store
    bool last = false;
  };
  struct Work {
    Work(WriteGroup& into, const StepLimits& most)
        : group(into), limits(most), arena_at_start(into.arena.bytes()) {}
    WriteGroup& group;
    const StepLimits& limits;
    const std::size_t arena_at_start;
    Step done;
    std::size_t rows = 0;   // that walks and pages have come to
    std::size_t bytes = 0;  // of documents
    std::map<Collection*, Roots> roots;
    std::map<Collection*, std::vector<Page>> pages;
    std::set<Collection*> opened;  // summaries
  };

  static constexpr std::size_t kFirstPortion = 64;

  Settlement(const SharedOptions& options, KeptState& kept)
      : kept_(kept), writes_(options.pipeline), maps_(kept, options.pipeline), portion_(kFirstPortion) {}

  Result<std::vector<KeptMark>> next_marks(const std::string& lane, std::size_t most);
  static Root& mark_root(Roots& roots, const std::string& key, const Mark& mark);
  Result<bool> clear_some(const KeptMark& mark, Work& work);
  std::size_t at_once(const StepLimits& limits) const;
  bool is_full(const Work& work, std::size_t bytes) const;
  void learn(const StepLimits& limits, std::size_t rows, std::size_t bytes);
  Status take(const KeptMark& mark, Work& work);
  Status walk(Collection& collection, const KeptMark& mark, Work& work);
  void mark_above(Collection& collection, const KeptMark& mark, const std::set<std::string>& values,
                  Work& work);
  Status page(Collection& collection, const KeptMark& mark, Work& work);
  void move_on(const KeptMark& mark, const std::string* reached, Work& work);
  void move_on(const Page& page, const Roots& roots, Work& work);
  Status make(Collection& collection, Roots& roots, Work& work);
  Status make_some(Collection& collection, Roots& roots, Work& work);
  Status write_summary(Collection& collection, Work& work);
  Status open_summary(Collection& collection, Work& work);
  Result<Step> try_step(const std::string& lane, Work& work);

  KeptState& kept_;
  KeptWrites writes_;
  KeptMaps maps_;
  std::unique_ptr<Scratch> scratch_;
  // Rows that are read at once with all that hangs on them, and what is made of them: as many as have fitted.
  std::size_t portion_;
};

}  // namespace penstock
