// Dead letters whose row was asked for again (`penstock dead-letters retry`), as they are marked: {retry:
// reread_handle() of the row, retry_token: Reread::token}. A mark goes with the letter once its row was
// written or is gone, and without it when the row failed again.
#pragma once

#include <string>
#include <vector>

#include "model/checkpoint.h"
#include "sink/mongo/client.h"
#include "sink/mongo/mongo_sink.h"
#include "sink/mongo/stage/staged_group.h"

namespace penstock::mongo {

// The index that finds marked letters; every collection of letters has it.
IndexOptions letter_index();

// An update that marks a letter.
Bson letter_mark(const std::string& row, const std::string& token);

// Parks. A letter of a row that others wait for is written into those: they stay what they are, with the new
// reason.
Tried<void> store_letters(Connection& connection, const std::string& database, const std::string& pipeline,
                          const std::vector<DeadLetter>& letters, const Bson* options);

// Removes the letters that waited for these rows, and were not renewed.
Tried<void> remove_marked(Connection& connection, const Options& sink, const std::vector<Reread>& answered,
                          const Bson* options);

}  // namespace penstock::mongo
