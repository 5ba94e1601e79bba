// Documents as text, as the sink would write them: for `preview` and `plan`.
#pragma once

#include <string>

#include "base/result.h"
#include "model/document_write.h"

namespace penstock::mongo {

// One whole document (kInsert, kReplace) as relaxed extended JSON on one line. Errors as those of
// encode_document().
Result<std::string> document_json(const DocumentWrite& write);

}  // namespace penstock::mongo
