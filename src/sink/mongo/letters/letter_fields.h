// Stored letters to what is shown of them (stage/dead_letter.h and stage/record_letter.h have their form).
#pragma once

#include <string>
#include <string_view>

#include "sink/mongo/bson.h"
#include "sink/mongo/letters/letter_box.h"

namespace penstock::mongo {

// Also of letters that earlier versions parked, which lack what is not there.
Letter letter_from(const std::string& box, const Bson& document);
LetterContents contents_from(const Bson& document);
// A result of LetterBox's $group.
LetterCount count_from(const Bson& group);

ShownBytes shown_bytes(std::string_view bytes);

}  // namespace penstock::mongo
