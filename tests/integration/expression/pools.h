// What stands behind pool_of() for single arguments: one file of data for each kind.
#pragma once

#include <string>
#include <vector>

namespace penstock::expression {

using Pool = std::vector<std::string>;

// Regular expressions that take sides where engines differ, and texts for them.
extern const Pool kPatterns, kSubjects, kReplacements, kRegexFlags, kStarts;
// Units, zones, texts and templates of dates and times.
extern const Pool kUnits, kZones, kMomentTexts, kTimeTexts, kIntervalTexts, kMomentFormats, kIntervalFormats;
// Paths and texts of json, and templates of numbers.
extern const Pool kKeys, kJsonTexts, kNumberFormats;

}  // namespace penstock::expression
