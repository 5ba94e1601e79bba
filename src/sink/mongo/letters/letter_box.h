// What is parked of one pipeline, for the commands beside `run`.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/checkpoint.h"

namespace penstock::mongo {

// Bytes of a record: as they are where they are UTF-8, else as base64 (RFC 4648).
struct ShownBytes {
  bool text = true;
  std::string shown;
  std::uint64_t size = 0;  // of the record's bytes; more than are shown where they were cut
};

struct RecordPlace {
  std::string topic;
  std::int64_t partition = 0;
  std::int64_t offset = 0;
};

struct Letter {
  std::string id;          // what the command line calls it: 16 hexadecimal digits
  std::string box;         // the collection it lies in
  std::string collection;  // whose document is missing or old; empty: of no known collection
  std::string table;       // empty: not known
  std::vector<std::string> columns;
  KeyText key;     // values of `columns`; without `columns` it cannot be read from the table
  Lsn commit_lsn;  // not set: the row was read from its table, or came in a record
  std::uint64_t ordinal = 0;
  std::optional<RecordPlace> record;
  std::int64_t at_millis = 0;  // when it failed last, since 1970 UTC
  std::string kind;            // "bad_value"
  std::string error;
  std::string remedy;       // may be empty
  bool waiting = false;     // for its row to be read again
  std::string stored_id;    // its `_id`, as BSON {_id: …}
  std::string document_id;  // of the document it is about, likewise; empty: the row gives none

  bool has_row() const { return !table.empty() && !columns.empty() && columns.size() == key.size(); }
};

// The rest of a letter.
struct LetterContents {
  struct Header {
    std::string name;
    std::optional<ShownBytes> value;
  };
  std::optional<ShownBytes> key;
  std::optional<ShownBytes> value;
  std::vector<Header> headers;
  std::optional<std::int64_t> timestamp_millis;
  std::string row_json;  // column -> text, as relaxed extended JSON; empty: none
};

// Letters of one collection with the same kind and remedy.
struct LetterCount {
  std::string collection;  // as in Letter
  std::string kind;
  std::string remedy;
  std::string example;  // the newest one's error
  std::uint64_t letters = 0;
};

// One thread at a time. Majority reads. Errors: kMongoUnavailable, kMongoRefused.
class LetterBox {
 public:
  // kConfiguration when the URI cannot be read. Does not connect yet.
  static Result<std::unique_ptr<LetterBox>> open(const std::string& uri, const std::string& database,
                                                 const std::string& pipeline);
  virtual ~LetterBox() = default;

  // Of one collection, or (empty) of all, also of such as the pipeline file names no more. Most letters
  // first.
  virtual Result<std::vector<LetterCount>> count(const std::string& collection) = 0;
  // Newest first; `limit` 0: all.
  virtual Result<std::vector<Letter>> list(const std::string& collection, std::size_t limit) = 0;
  virtual Result<LetterContents> contents(const Letter& letter) = 0;

  // They wait for the answer to the request that `token` names (Reread::token).
  virtual Status mark(const std::vector<Letter>& letters, const std::string& token) = 0;
  // Whether one of them still waits for it.
  virtual Result<bool> any_waits(const std::vector<Letter>& letters, const std::string& token) = 0;
  // How many were there to be removed.
  virtual Result<std::uint64_t> remove(const std::vector<Letter>& letters) = 0;
  // Whether the document that the letter is about exists now. Nothing: the letter does not say which it is.
  virtual Result<std::optional<bool>> has_document(const Letter& letter) = 0;
};

}  // namespace penstock::mongo
